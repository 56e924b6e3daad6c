//! Jobs: the queue as services see it, leases as the engine sees them, and how rows become jobs.

mod archive;
mod batch;
mod bulk;
mod children;
mod claim;
mod effect;
mod ending;
mod figures;
mod history;
mod ledger;
mod moving;
mod queue;
mod row;
mod settle;
mod statistics;

/// Jobs that may start once their time has come, in the words of the partial indexes.
const WAITING: &str = "status IN ('pending', 'retrying') AND run_at IS NOT NULL AND open_children = 0";
/// Jobs under a lease.
const RUNNING: &str = "status = 'running'";

/// Whether the time of a waiting job has come. In words that no index knows: the planners would else take all that is due, of every queue
/// and project, for fewer rows than those of one queue by rank.
fn due(now: &str) -> String {
    format!("COALESCE(run_at, rank_at) <= {now}")
}
