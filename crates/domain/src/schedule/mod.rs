//! Schedules: rules that say when a job is made, and what becomes of each fire.

mod cron;
mod due;
mod error;
mod filter;
mod health;
mod input;
mod jitter;
mod kind;
mod model;
mod next;
mod ports;
mod rule;
mod statistics;
mod zone;

pub use cron::CronExpression;
pub use due::{Due, MISFIRE_GRACE};
pub use error::ScheduleError;
pub use filter::{ScheduleFilter, ScheduleFilterInput, ScheduleSort};
pub use health::{HealthIssue, HealthReport, Severity};
pub use input::{ScheduleInput, TimingInput};
pub use kind::{DisabledReason, Frequency, Misfire, Overlap, RunOutcome, Trigger, Weekday};
pub use model::{Counters, EndedRun, NewRun, Plan, Schedule, ScheduleRun, Task, Timing, Window};
pub use ports::{Closing, Cursor, ScheduleLedger, ScheduleRepo};
pub use rule::{Rule, RuleInput};
pub use statistics::{ScheduleStatistics, Tally};
pub use zone::Zone;
