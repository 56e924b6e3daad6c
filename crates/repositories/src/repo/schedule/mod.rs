//! Schedules: as people see them, as the scheduler does, and how rows become schedules and runs.

mod ledger;
mod list;
mod project;
mod row;
mod run;
