//! `jobs logs`: what a job wrote, and what it writes.

use std::time::Duration;

use serde_json::Value;

use crate::client::{Client, Frame, Request, follow};
use crate::command::jobs::watch::{judge, path};
use crate::error::CliError;
use crate::output::{Format, cell, print};

/// Lines asked for at once; the most that the server gives.
const PART: &str = "100";
/// Between two looks for new lines of a job that runs: its socket tells of its state and progress, and stays silent about its log.
const PACE: Duration = Duration::from_millis(700);

/// Prints the lines that are there.
pub(super) async fn print_all(client: &Client, job: &str, format: Format) -> Result<(), CliError> {
    Tail::of(client, job, format)?.drain().await
}

/// Prints lines until the job has ended; an error unless it completed.
pub(super) async fn follow_to_end(client: &Client, job: &str, format: Format) -> Result<(), CliError> {
    let mut tail = Tail::of(client, job, format)?;
    let mut quiet = |_: &Frame| {};
    // On the heap: both sides of the choice below are large.
    let mut ended = Box::pin(follow(client, job, &mut quiet));
    loop {
        tokio::select! {
            view = &mut ended => {
                let view = view?;
                tail.drain().await?;
                return judge(&view);
            }
            () = tokio::time::sleep(PACE) => tail.drain().await?,
        }
    }
}

/// A log and how far it was printed.
struct Tail<'a> {
    client: &'a Client,
    path: String,
    seen: Option<i64>,
    format: Format,
}

impl<'a> Tail<'a> {
    fn of(client: &'a Client, job: &str, format: Format) -> Result<Self, CliError> {
        Ok(Self { client, path: format!("{}/logs", path(job)?), seen: None, format })
    }

    /// Prints what is new.
    async fn drain(&mut self) -> Result<(), CliError> {
        loop {
            let request = Request::get(&self.path).with("limit", PART).with_some("cursor", self.seen.map(|id| id.to_string()));
            let part = self.client.ask_project(request).await?;
            let lines = part.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for line in lines {
                print(&shown(line, self.format))?;
            }
            self.seen = lines.last().and_then(|line| line.get("id")?.as_i64()).or(self.seen);
            if lines.is_empty() || part.get("next_cursor").is_none_or(Value::is_null) {
                return Ok(());
            }
        }
    }
}

fn shown(line: &Value, format: Format) -> String {
    match format {
        Format::Json => line.to_string(),
        Format::People => format!("{} {:<5} {}", cell(line, "at"), cell(line, "level").to_uppercase(), cell(line, "message")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_one_line_and_harmless() {
        let line = json!({ "id": 1, "at": "2026-01-02T03:04:05Z", "level": "warn", "message": "two\nlines\u{1b}[2J" });
        assert_eq!(shown(&line, Format::People), "2026-01-02 03:04:05 WARN  two lines[2J");
        assert_eq!(serde_json::from_str::<Value>(&shown(&line, Format::Json)).unwrap(), line);
    }
}
