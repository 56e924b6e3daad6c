//! News of committed events, for whoever follows a project in this process.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::event::{EventNews, Moved, NewsStream, Place, SignalBus, put_in_order};
use commandcenter_domain::shared::ProjectId;
use commandcenter_domain::{Store, StoreError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::sleep;

use crate::wake::events_ready;

/// News a follower may lag behind before it has to take anything for new.
const CAPACITY: usize = 256;
/// Longest time without a look, in case a signal was lost.
const POLL: Duration = Duration::from_secs(30);
/// Wait before the next look after storage failed.
const AWAY: Duration = Duration::from_secs(1);

/// Looks at the committed events when a signal says that there are new ones, once for all followers of the process, and tells those whose
/// project has some. Without followers it does nothing.
pub struct EventFeed {
    store: Arc<dyn Store>,
    signals: Arc<dyn SignalBus>,
    news: broadcast::Sender<News>,
}

impl std::fmt::Debug for EventFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventFeed")
    }
}

/// What followers are told.
#[derive(Debug, Clone)]
enum News {
    /// These projects have new events.
    Of(Arc<[ProjectId]>),
    /// Any project may have.
    Any,
}

impl EventFeed {
    /// A feed that does nothing yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, signals: Arc<dyn SignalBus>) -> Self {
        Self { store, signals, news: broadcast::Sender::new(CAPACITY) }
    }

    /// Tells followers for as long as it is awaited.
    pub async fn run(&self) -> Infallible {
        let mut signals = self.signals.subscribe();
        let (mut reached, mut wait) = (None, POLL);
        loop {
            tokio::select! {
                () = events_ready(&mut *signals) => {}
                () = sleep(wait) => {}
            }
            wait = POLL;
            if self.news.receiver_count() == 0 {
                // Who comes next reads by itself what is there by then.
                reached = None;
                continue;
            }
            match self.look(reached).await {
                Ok(place) => reached = Some(place),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the committed events cannot be read");
                    wait = AWAY;
                }
            }
        }
    }

    /// Looks for what came behind the place that was reached before; how far it is now.
    async fn look(&self, reached: Option<Place>) -> Result<Place, StoreError> {
        put_in_order(&*self.store).await?;
        let events = self.store.repos().events();
        let Some(place) = reached else {
            let last = events.last().await?;
            drop(self.news.send(News::Any));
            return Ok(last);
        };
        let Moved { projects, last } = events.moved(place).await?;
        if !projects.is_empty() {
            drop(self.news.send(News::Of(projects.into())));
        }
        Ok(last)
    }
}

impl EventNews for EventFeed {
    fn follow(&self, project: ProjectId) -> Box<dyn NewsStream> {
        Box::new(Follower { project, news: self.news.subscribe() })
    }
}

struct Follower {
    project: ProjectId,
    news: broadcast::Receiver<News>,
}

#[async_trait]
impl NewsStream for Follower {
    async fn next(&mut self) {
        loop {
            match self.news.recv().await {
                Ok(News::Of(projects)) if !projects.contains(&self.project) => {}
                Ok(News::Of(_) | News::Any) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
        // One look answers all that came meanwhile.
        while !matches!(self.news.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    }
}
