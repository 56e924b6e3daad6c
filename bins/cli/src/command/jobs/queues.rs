//! `jobs queues`.

use crate::args::QueuesCommand;
use crate::client::{Body, Client, Request};
use crate::error::CliError;
use crate::output::{Column, Format, cell};

const COLUMNS: [Column; 8] = [
    ("QUEUE", "name"),
    ("PAUSED", "paused"),
    ("READY", "ready"),
    ("DELAYED", "delayed"),
    ("RUNNING", "running"),
    ("OLDEST, S", "oldest_ready_seconds"),
    ("A MINUTE", "finished_per_minute"),
    ("WORKERS", "workers"),
];

/// Shows the queues, or pauses or resumes one.
pub(super) async fn run(client: &Client, command: Option<QueuesCommand>, format: Format) -> Result<(), CliError> {
    let request = match command {
        None => return format.list(&client.ask_project(Request::get("/jobs/queues")).await?, &COLUMNS),
        Some(QueuesCommand::Pause { name }) => turn(&name, "pause")?,
        Some(QueuesCommand::Resume { name }) => turn(&name, "resume")?,
    };
    let queue = client.ask_project(request).await?;
    let state = if cell(&queue, "paused") == "yes" { "is paused" } else { "runs" };
    format.done(&format!("Queue {} {state}.", cell(&queue, "name")), &queue)
}

/// A name that could change the path is none.
fn turn(name: &str, verb: &str) -> Result<Request, CliError> {
    let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !fits {
        return Err(CliError::Usage(format!("`{name}` is no name of a queue")));
    }
    Ok(Request::post(format!("/jobs/queues/{name}/{verb}"), Body::Empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_path() {
        assert_eq!(turn("sync", "pause").unwrap().path, "/jobs/queues/sync/pause");
        for name in ["", "../x", "a/b", "a?b"] {
            assert_eq!(turn(name, "pause").unwrap_err().code(), 2, "{name}");
        }
    }
}
