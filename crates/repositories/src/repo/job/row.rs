//! Rows of `jobs` as domain values.

use commandcenter_domain::StoreError;
use commandcenter_domain::job::{Claimed, Items, Job, JobKind, JobStatus, Lease, QueueName};
use commandcenter_domain::shared::{JobId, ProjectId, UserId};

use crate::entity::job::Model;
use crate::error::broken;

/// The job in a row.
///
/// # Errors
/// [`StoreError::Broken`] for a kind or status that this version does not know.
pub(super) fn job(row: Model) -> Result<Job, StoreError> {
    let Some(kind) = JobKind::parse(&row.kind) else {
        return Err(broken(format!("job {} is of the unknown kind `{}`", row.id, row.kind)));
    };
    let Some(status) = JobStatus::parse(&row.status) else {
        return Err(broken(format!("job {} has the unknown status `{}`", row.id, row.status)));
    };
    let Some(queue) = QueueName::parse(&row.queue) else {
        return Err(broken(format!("job {} waits in the unknown queue `{}`", row.id, row.queue)));
    };
    Ok(Job {
        id: JobId::new(row.id),
        project: ProjectId::new(row.project_id),
        kind,
        queue,
        parameters: row.parameters,
        tags: row.tags,
        priority: row.priority,
        status,
        progress: row.progress,
        current_step: row.current_step,
        items: Items { done: row.items_done, failed: row.items_failed, total: row.items_total },
        result: row.result,
        error: row.error,
        error_class: row.error_class,
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        cancel_requested: row.cancel_requested,
        parent: row.parent_id.map(JobId::new),
        open_children: row.open_children,
        worker: row.worker,
        fence: row.fence,
        attempt_started_at: row.attempt_started_at,
        created_by: row.created_by.map(UserId::new),
        request_id: row.request_id,
        created_at: row.created_at,
        run_at: row.run_at,
        started_at: row.started_at,
        completed_at: row.completed_at,
    })
}

/// The claimed job in a row, with the lease that the row records.
///
/// # Errors
/// [`StoreError::Broken`] for a row without a lease, and as [`job`].
pub(super) fn claimed(row: Model) -> Result<Claimed, StoreError> {
    let Some(owner) = row.lease_owner.clone() else {
        return Err(broken(format!("job {} was claimed and has no owner", row.id)));
    };
    let lease = Lease { job: JobId::new(row.id), project: ProjectId::new(row.project_id), owner, fence: row.fence };
    Ok(Claimed { job: job(row)?, lease })
}
