//! Which command does what, and the two that only show.

use crate::args::{JobFilter, JobsCommand, PageArgs};
use crate::client::{Client, Request};
use crate::command::jobs::{act, logs, queues, watch};
use crate::command::projects::paged;
use crate::error::CliError;
use crate::output::{Column, Format};

const ROWS: [Column; 19] = [
    ("id", "id"),
    ("type", "job_type"),
    ("queue", "queue"),
    ("status", "status"),
    ("progress", "progress"),
    ("step", "current_step"),
    ("items done", "items_done"),
    ("items failed", "items_failed"),
    ("items in all", "items_total"),
    ("attempt", "attempt"),
    ("part of job", "parent_id"),
    ("created", "created_at"),
    ("started", "started_at"),
    ("ended", "completed_at"),
    ("seconds", "duration_seconds"),
    ("result", "result"),
    ("error", "error"),
    ("class", "error_class"),
    ("archived", "archived_at"),
];

/// Where jobs are, and where they go when their retention is over.
const JOBS: &str = "/jobs";
const ARCHIVE: &str = "/jobs/archive";

const COLUMNS: [Column; 8] = [
    ("ID", "id"),
    ("TYPE", "job_type"),
    ("QUEUE", "queue"),
    ("STATUS", "status"),
    ("%", "progress"),
    ("STEP", "current_step"),
    ("CREATED", "created_at"),
    ("SECONDS", "duration_seconds"),
];

const DEAD: [Column; 7] = [
    ("ID", "id"),
    ("TYPE", "job_type"),
    ("QUEUE", "queue"),
    ("ATTEMPTS", "attempt"),
    ("CLASS", "error_class"),
    ("ERROR", "error"),
    ("ENDED", "completed_at"),
];

/// Lists, shows, follows, retries and cancels jobs, and looks after their queues.
pub(crate) async fn run(client: &Client, command: JobsCommand, format: Format) -> Result<(), CliError> {
    match command {
        JobsCommand::List { status, archived, filter, page } => {
            let place = if archived { ARCHIVE } else { JOBS };
            format.list(&client.ask_project(listed(place, page, (status, filter))).await?, &COLUMNS)
        }
        JobsCommand::Show { job } => format.object(&client.ask_project(Request::get(watch::path(&job)?)).await?, &ROWS),
        JobsCommand::Watch { job } => watch::watch(client, &job, format).await,
        JobsCommand::Logs { job, follow: false } => logs::print_all(client, &job, format).await,
        JobsCommand::Logs { job, follow: true } => logs::follow_to_end(client, &job, format).await,
        JobsCommand::Retry { all_failed: true, filter, .. } => act::retry_failed(client, filter, format).await,
        JobsCommand::Retry { jobs, all_failed: false, .. } => act::each(client, &jobs, act::Verb::Retry, format).await,
        JobsCommand::Cancel(cancel) if cancel.all => act::cancel_all(client, cancel, format).await,
        JobsCommand::Cancel(cancel) => act::each(client, &cancel.jobs, act::Verb::Cancel, format).await,
        JobsCommand::Queues { command } => queues::run(client, command, format).await,
        JobsCommand::Dead { command: Some(command), .. } => act::dead(client, command, format).await,
        JobsCommand::Dead { command: None, filter, page } => {
            format.list(&client.ask_project(listed(JOBS, page, (Some("dead".to_owned()), filter))).await?, &DEAD)
        }
    }
}

fn listed(place: &str, page: PageArgs, (status, filter): (Option<String>, JobFilter)) -> Request {
    let JobFilter { job_type, queue } = filter;
    paged(place, page).with_some("status", status).with_some("job_type", job_type).with_some("queue", queue)
}
