//! The one task that follows a job for all its watchers. Signals say when to read its row again; no timer does.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::event::{Signal, SignalStream};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Items, Job, JobError, JobStatus};
use commandcenter_domain::shared::JobId;
use commandcenter_services::job::JobService;
use futures::FutureExt;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::audience::{Audiences, Ended, Told};

/// Wait before the row is read again after storage failed.
const AWAY: Duration = Duration::from_secs(1);

/// Reads the row of one job.
#[async_trait]
pub(super) trait Row: Send + Sync {
    /// As it stands.
    async fn read(&self) -> Result<Job, JobError>;
}

/// A job's row, with the right of the watcher who came first. It is the same for all: the job's project.
pub(super) struct RowOf {
    pub(super) jobs: Arc<JobService>,
    pub(super) scope: ProjectScope,
    pub(super) id: JobId,
}

#[async_trait]
impl Row for RowOf {
    async fn read(&self) -> Result<Job, JobError> {
        self.jobs.get(&self.scope, self.id).await
    }
}

/// Where news of a job come from.
pub(super) struct Source {
    pub(super) signals: Box<dyn SignalStream>,
    pub(super) row: Box<dyn Row>,
}

/// Follows a job until it ends or nobody watches.
pub(super) struct Reader {
    audiences: Audiences,
    told: watch::Sender<Told>,
    review: Arc<Notify>,
    source: Source,
    /// The job as its watchers know it.
    seen: Arc<Job>,
}

/// What signals that came together mean.
#[derive(Default)]
struct News {
    /// The row may have changed.
    row: bool,
    /// What the run said last.
    advance: Option<Advance>,
}

/// What a run says of itself.
struct Advance {
    fence: i64,
    percent: i32,
    step: Option<String>,
    items: Items,
}

/// The audience is at its end.
struct Over;

impl From<serde_json::Error> for Over {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a frame cannot be written");
        Self
    }
}

impl Reader {
    pub(super) fn new(audiences: Audiences, (told, review): (watch::Sender<Told>, Arc<Notify>), source: Source) -> Self {
        let seen = told.borrow().job.clone();
        Self { audiences, told, review, source, seen }
    }

    pub(super) async fn run(mut self) {
        let mut again = None;
        while let Some(news) = self.wait(again).await {
            if news.row {
                match self.refresh().await {
                    Ok(next) => again = next,
                    Err(Over) => return,
                }
            }
            // After the row: what the run said is newer.
            if let Some(advance) = news.advance
                && self.advance(advance).is_err()
            {
                return;
            }
        }
    }

    /// Waits for news; `None` when nobody watches any more, or the server stops.
    async fn wait(&mut self, again: Option<Instant>) -> Option<News> {
        loop {
            tokio::select! {
                () = self.told.closed() => if self.audiences.dissolve(&self.told) {
                    return None;
                },
                () = self.review.notified() => return Some(News { row: true, advance: None }),
                signal = self.source.signals.next() => {
                    let news = self.gather(signal?);
                    if news.row || news.advance.is_some() {
                        return Some(news);
                    }
                }
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => return Some(News { row: true, advance: None }),
            }
        }
    }

    /// This signal and those that wait behind it: one look answers them all.
    fn gather(&mut self, first: Signal) -> News {
        let mut news = News::default();
        news.hear(self.seen.id, first);
        while let Some(Some(signal)) = self.source.signals.next().now_or_never() {
            news.hear(self.seen.id, signal);
        }
        news
    }

    /// Reads the row and tells what is new. When storage fails, answers when to try again.
    async fn refresh(&mut self) -> Result<Option<Instant>, Over> {
        let job = match self.source.row.read().await {
            Ok(job) => job,
            Err(JobError::NotFound(_)) => {
                let last = Told { end: Some(Ended::Deleted), ..self.told.borrow().clone() };
                self.audiences.end(&self.told, last);
                return Err(Over);
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a followed job cannot be read");
                return Ok(Some(Instant::now() + AWAY));
            }
        };
        self.tell(job)?;
        Ok(None)
    }

    /// Tells what a run says of itself: newer than the row, and without a look at it. What an earlier run said is old news.
    fn advance(&mut self, now: Advance) -> Result<(), Over> {
        if self.seen.status != JobStatus::Running || now.fence != self.seen.fence {
            return Ok(());
        }
        let Advance { percent, step, items, .. } = now;
        self.tell(Job { progress: percent, current_step: step, items, ..Job::clone(&self.seen) })
    }

    fn tell(&mut self, job: Job) -> Result<(), Over> {
        let told = Told::of(job)?;
        self.seen = told.job.clone();
        if told.end.is_some() {
            self.audiences.end(&self.told, told);
            return Err(Over);
        }
        self.told.send_if_modified(|held| {
            let is_news = held.progress != told.progress;
            *held = told;
            is_news
        });
        Ok(())
    }
}

impl News {
    fn hear(&mut self, followed: JobId, signal: Signal) {
        match signal {
            Signal::JobChanged { job, .. } if job == followed => self.row = true,
            Signal::JobProgress { job, fence, percent, step, items: (done, failed, total), .. } if job == followed => {
                self.advance = Some(Advance { fence, percent, step, items: Items { done, failed, total } });
            }
            Signal::Resync => self.row = true,
            Signal::JobsReady | Signal::JobChanged { .. } | Signal::JobProgress { .. } | Signal::JobCancel { .. } | Signal::EventsReady => {
            }
        }
    }
}

/// Whatever ends the reader, its watchers are not left waiting for it: their channel closes, and the next to open the job begins anew.
impl Drop for Reader {
    fn drop(&mut self) {
        self.audiences.abandon(&self.told);
    }
}
