//! Jobs: durable work done outside a request.

mod archive;
mod effect;
mod error;
mod history;
mod ledger;
mod model;
mod ports;
mod queue;
mod retry;
mod run;
mod state;

pub use archive::{ArchiveFilter, ArchiveSort, ArchivedJob, Due, JobArchive, Retention, Stretch};
pub use effect::{Effect, EffectLedger, EffectState, Outside, once};
pub use error::JobError;
pub use history::{Attempt, AttemptOutcome, JobHistory, LogLevel, LogLine, NewLogLine, Slice};
pub use ledger::{Beat, Claim, Claimed, JobLedger, Lease, Look, Progress, QueueDepth, Recorded, Settling, Written};
pub use model::{AGEING, Items, Job, JobKind, JobStatus, NewJob, RunLimits, WhenTaken, rank};
pub use ports::{BulkFilter, JobFilter, JobQueue, JobSort, QueueSwitch, StatusCount, Times, Window};
pub use queue::{QueueFigures, QueueName};
pub use retry::{Circumstances, Ending, Outcome, RetryPolicy, StopReason, Trouble};
pub use run::{JobFailure, JobHandler, JobRun};
pub use state::{After, Step};
