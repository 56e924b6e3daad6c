//! What a job left behind: its attempts, its log, its children.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{ArchiveFilter, Attempt, Job, JobError, JobFilter, JobStatus, LogLine, Slice};
use commandcenter_domain::shared::{Invalid, JobId};
use commandcenter_domain::{Page, PageRequest};

use super::{Found, JobService};

/// Most entries of one part.
const MOST: i64 = 500;
/// Entries of a part when nobody says how many.
const USUAL: i64 = 100;

/// Which part of an append-only list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    after: i64,
    limit: u64,
}

impl Part {
    /// The part after `cursor` (from the beginning without one), of at most `limit` entries.
    ///
    /// # Errors
    /// On a cursor that was never given out, or a limit outside 1 to 500.
    pub fn parse(cursor: Option<i64>, limit: Option<i64>) -> Result<Self, Invalid> {
        let after = cursor.unwrap_or(0);
        if after < 0 {
            return Err(Invalid::one("cursor", "out_of_range", "must be a cursor that was given out"));
        }
        let limit = limit.unwrap_or(USUAL);
        match u64::try_from(limit) {
            Ok(limit) if (1..=MOST.unsigned_abs()).contains(&limit) => Ok(Self { after, limit }),
            _ => Err(Invalid::one("limit", "out_of_range", format!("must be between 1 and {MOST}"))),
        }
    }
}

impl JobService {
    /// A job's attempts, oldest first; the one under way comes last and has no end. Of an archived job none are kept.
    pub async fn attempts(&self, scope: &ProjectScope, id: JobId, part: Part) -> Result<Slice<Attempt>, JobError> {
        let job = match self.look_up(scope, id).await? {
            Found::Kept(job) => job,
            Found::Archived(_) => return Ok(Slice { items: Vec::new(), next_cursor: None }),
        };
        let mut slice = self.store.repos().job_history().attempts(scope, id, (part.after, part.limit)).await?;
        let is_listed = slice.next_cursor.is_some() || slice.items.iter().any(|attempt| attempt.fence == job.fence);
        if job.status == JobStatus::Running && job.fence > part.after && !is_listed {
            slice.items.extend(under_way(&job));
        }
        Ok(slice)
    }

    /// A job's log, oldest first. Of an archived job nothing is kept.
    pub async fn log(&self, scope: &ProjectScope, id: JobId, part: Part) -> Result<Slice<LogLine>, JobError> {
        self.look_up(scope, id).await?;
        Ok(self.store.repos().job_history().log(scope, id, (part.after, part.limit)).await?)
    }

    /// The children of a batch, newest first; where the batch is archived they are too, and those that ended last come first.
    pub async fn children(&self, scope: &ProjectScope, id: JobId, page: PageRequest) -> Result<Page<Found>, JobError> {
        match self.look_up(scope, id).await? {
            Found::Kept(_) => {
                let filter = JobFilter { parent: Some(id), ..JobFilter::default() };
                Ok(self.list(scope, &filter, None, page).await?.map(Found::Kept))
            }
            Found::Archived(_) => {
                let filter = ArchiveFilter { parent: Some(id), ..ArchiveFilter::default() };
                Ok(self.archived(scope, &filter, None, page).await?.map(Found::Archived))
            }
        }
    }
}

fn under_way(job: &Job) -> Option<Attempt> {
    Some(Attempt {
        fence: job.fence,
        number: job.attempt,
        worker: job.worker.clone()?,
        started_at: job.attempt_started_at?,
        ended_at: None,
        outcome: None,
        error: None,
        error_class: None,
    })
}
