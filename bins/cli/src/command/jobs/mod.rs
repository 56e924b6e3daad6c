//! `jobs`, and following a job for the commands that start one.

mod act;
mod logs;
mod queues;
mod run;
mod select;
mod watch;

pub(crate) use run::run;
pub(crate) use watch::{conclude, id_of, judge, watch_bar};
