//! The scheduler: makes the jobs of schedules whose time has come, and writes what came of them into the schedules.
//!
//! It does not run jobs; the engine does, and knows nothing of schedules. A fire is one transaction: its row, which is unique per
//! schedule and time, its job, and the schedule's next time. So a scheduler that dies loses nothing and repeats nothing, and any
//! number of them may look at the same schedules. How a job ended flows back by looking for open runs whose job is over, which finds
//! every end a job can come to, however and by whomever it was written, and can be repeated at will.

mod effects;
mod fire;
mod outcome;
mod scheduler;

pub use scheduler::{Scheduler, SchedulerParts};
