//! What a socket tells of a job.

use bytestring::ByteString;
use commandcenter_domain::job::{Items, Job, JobStatus};
use commandcenter_domain::shared::JobId;
use serde::Serialize;
use serde_json::Value;

/// Items as clients see them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Counts {
    items_done: i32,
    items_failed: i32,
    items_total: Option<i32>,
}

impl From<Items> for Counts {
    fn from(Items { done, failed, total }: Items) -> Self {
        Self { items_done: done, items_failed: failed, items_total: total }
    }
}

/// What a socket tells of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Frame {
    /// The first: how it stands.
    Connected {
        job_id: JobId,
        status: JobStatus,
        progress: i32,
        current_step: Option<String>,
        #[serde(flatten)]
        items: Counts,
    },
    /// It moved.
    Progress {
        job_id: JobId,
        status: JobStatus,
        progress: i32,
        current_step: Option<String>,
        #[serde(flatten)]
        items: Counts,
        is_terminal: bool,
    },
    /// The last: how it ended, whichever way.
    Completed { job_id: JobId, status: JobStatus, result: Option<Value>, error: Option<String> },
}

impl Frame {
    /// As it goes over the wire. Copies of the text share their bytes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn text(&self) -> Result<ByteString, serde_json::Error> {
        serde_json::to_string(self).map(ByteString::from)
    }

    pub(super) fn connected(job: &Job) -> Self {
        let items = job.items.into();
        Self::Connected { job_id: job.id, status: job.status, progress: job.progress, current_step: job.current_step.clone(), items }
    }

    pub(super) fn progress(job: &Job) -> Self {
        let (is_terminal, items) = (job.status.is_terminal(), job.items.into());
        Self::Progress {
            job_id: job.id,
            status: job.status,
            progress: job.progress,
            current_step: job.current_step.clone(),
            items,
            is_terminal,
        }
    }

    pub(super) fn completed(job: &Job) -> Self {
        Self::Completed { job_id: job.id, status: job.status, result: job.result.clone(), error: job.error.clone() }
    }
}
