//! Retry, cancel and discard: one job, several, or all of a selection.

use serde_json::{Value, json};

use crate::args::{CancelArgs, DeadCommand, JobFilter};
use crate::client::{Body, Client, Request};
use crate::command::confirm::confirm;
use crate::command::jobs::select::Selection;
use crate::command::jobs::watch::path;
use crate::error::CliError;
use crate::output::{Format, cell, print};

const LIVE: [&str; 3] = ["pending", "running", "retrying"];

/// What is done to jobs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verb {
    Retry,
    Cancel,
    Discard,
}

impl Verb {
    /// The last part of the operation's path.
    fn path(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Cancel => "cancel",
            Self::Discard => "discard",
        }
    }

    fn done(self, count: u64) -> String {
        let past = match self {
            Self::Retry => "tried again",
            Self::Cancel => "cancelled or asked to stop",
            Self::Discard => "discarded",
        };
        format!("{} {past}.", jobs(count))
    }
}

fn jobs(count: u64) -> String {
    if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") }
}

/// Does it to each job of the list. All are tried; the first failure is the command's.
pub(super) async fn each(client: &Client, ids: &[String], verb: Verb, format: Format) -> Result<(), CliError> {
    let paths = ids.iter().map(|id| path(id)).collect::<Result<Vec<_>, _>>()?;
    let mut done = Vec::new();
    let mut failure = None;
    for (id, path) in ids.iter().zip(paths) {
        match client.ask_project(Request::post(format!("{path}/{}", verb.path()), Body::Empty)).await {
            Ok(view) => {
                if format == Format::People {
                    print(&format!("Job {id}: {}.", cell(&view, "status")))?;
                }
                done.push(view);
            }
            // Without a server or an identity the others would fail the same way.
            Err(error @ (CliError::Unreachable(_) | CliError::NotAuthenticated(_))) => return Err(error),
            Err(error) => {
                if ids.len() > 1 {
                    eprintln!("job {id}: {error}");
                }
                failure.get_or_insert(error);
            }
        }
    }
    if format == Format::Json {
        tell(ids.len(), done, format)?;
    }
    failure.map_or(Ok(()), Err)
}

/// One job is shown as it is, several as a list. A single failure has nothing to show.
fn tell(asked: usize, mut done: Vec<Value>, format: Format) -> Result<(), CliError> {
    match (asked, done.pop()) {
        (1, None) => Ok(()),
        (1, Some(view)) => format.show(&view, |_| String::new()),
        (_, last) => {
            done.extend(last);
            format.show(&json!({ "items": done }), |_| String::new())
        }
    }
}

/// `retry --all-failed`.
pub(super) async fn retry_failed(client: &Client, filter: JobFilter, format: Format) -> Result<(), CliError> {
    all(client, &Selection::of(&["failed", "dead"], filter), Verb::Retry, format).await
}

/// `cancel --all`.
pub(super) async fn cancel_all(client: &Client, cancel: CancelArgs, format: Format) -> Result<(), CliError> {
    let CancelArgs { status, filter, yes, .. } = cancel;
    let selection = match &status {
        Some(status) => Selection::of(&[status], filter),
        None => Selection::of(&LIVE, filter),
    };
    if !yes {
        let count = selection.count(client).await?;
        confirm(&format!("this cancels {}", jobs(count)), "yes").await?;
    }
    all(client, &selection, Verb::Cancel, format).await
}

/// `dead retry` and `dead discard`.
pub(super) async fn dead(client: &Client, command: DeadCommand, format: Format) -> Result<(), CliError> {
    match command {
        DeadCommand::Retry { jobs, filter } => all(client, &Selection::of(&["dead"], filter).only(jobs), Verb::Retry, format).await,
        DeadCommand::Discard { jobs: ids, filter, yes } => {
            let selection = Selection::of(&["dead"], filter).only(ids);
            if !yes {
                let count = selection.count(client).await?;
                confirm(&format!("this deletes {} with attempts and log", jobs(count)), "yes").await?;
            }
            all(client, &selection, Verb::Discard, format).await
        }
    }
}

async fn all(client: &Client, selection: &Selection, verb: Verb, format: Format) -> Result<(), CliError> {
    let request = Request::post(format!("/jobs/{}", verb.path()), Body::Json(selection.body()));
    let answer = client.ask_project(request).await?;
    let count = answer.get("count").and_then(Value::as_u64).unwrap_or_default();
    format.done(&verb.done(count), &answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_counted() {
        assert_eq!(Verb::Retry.done(1), "1 job tried again.");
        assert_eq!(Verb::Discard.done(0), "0 jobs discarded.");
        assert_eq!(Verb::Cancel.done(7), "7 jobs cancelled or asked to stop.");
    }
}
