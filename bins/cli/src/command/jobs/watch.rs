//! Following a job to its end, and judging it.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::client::{Client, Frame, follow};
use crate::error::CliError;
use crate::output::{Format, cell, clean, print};

/// The id of the job that an answer names.
pub(crate) fn id_of(accepted: &Value) -> Result<String, CliError> {
    let id = match accepted.get("job_id") {
        Some(Value::String(id)) => Some(id.clone()),
        Some(Value::Number(id)) => Some(id.to_string()),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    id.ok_or_else(|| CliError::Failed("the server's answer names no job".to_owned()))
}

/// Follows a job behind a progress bar on standard error; the job as it ended.
pub(crate) async fn watch_bar(client: &Client, job: &str, label: &str) -> Result<Value, CliError> {
    let bar = bar(label);
    let mut last = String::new();
    let mut show = |frame: &Frame| {
        bar.set_position(frame.progress().unwrap_or(0).min(100));
        let line = if frame.step().is_empty() { frame.status().to_owned() } else { clean(frame.step()) };
        bar.set_message(line.clone());
        // Without a terminal there is no bar; the steps are told a line each.
        if bar.is_hidden() && line != last {
            eprintln!("{label}: {line}");
            last = line;
        }
    };
    let ended = follow(client, job, &mut show).await;
    bar.finish_and_clear();
    ended
}

/// Says how a job ended; an error unless it completed.
pub(crate) fn conclude(job: &Value, format: Format) -> Result<(), CliError> {
    let judged = judge(job);
    match (&judged, format) {
        (Err(_), Format::People) => judged,
        (Ok(()), Format::People) | (Ok(()) | Err(_), Format::Json) => {
            format.show(job, |job| {
                let seconds = job.get("duration_seconds").and_then(Value::as_f64);
                let time = seconds.map(|seconds| format!(" in {seconds:.1} s")).unwrap_or_default();
                format!("Job {} completed{time}.{}", cell(job, "id"), summary(job))
            })?;
            judged
        }
    }
}

/// An error unless the job completed.
pub(crate) fn judge(job: &Value) -> Result<(), CliError> {
    let status = job.get("status").and_then(Value::as_str).unwrap_or("unknown");
    if status == "completed" {
        return Ok(());
    }
    let reason = job.get("error").filter(|error| !error.is_null()).map(|_| format!(": {}", cell(job, "error")));
    Err(CliError::JobFailed(format!("job {} {status}{}", cell(job, "id"), reason.unwrap_or_default())))
}

/// The figures a job brought back, on a line below.
fn summary(job: &Value) -> String {
    let Some(result) = job.get("result").and_then(Value::as_object) else {
        return String::new();
    };
    let figures: Vec<_> = result
        .iter()
        .filter(|(_, value)| value.is_number() || value.is_string())
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), clean(value.to_string().trim_matches('"'))))
        .collect();
    if figures.is_empty() { String::new() } else { format!("\n{}", figures.join(", ")) }
}

/// `jobs watch`.
pub(super) async fn watch(client: &Client, job: &str, format: Format) -> Result<(), CliError> {
    path(job)?;
    match format {
        Format::People => conclude(&watch_bar(client, job, &format!("job {job}")).await?, format),
        Format::Json => {
            let mut show = |frame: &Frame| drop(print(&frame.0.to_string()));
            judge(&follow(client, job, &mut show).await?)
        }
    }
}

/// The path of a job. An id is a number or a UUID: anything else would change the path.
pub(super) fn path(job: &str) -> Result<String, CliError> {
    let fits = !job.is_empty() && job.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits { Ok(format!("/jobs/{job}")) } else { Err(CliError::Usage(format!("`{job}` is no id of a job"))) }
}

fn bar(label: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(100).with_prefix(label.to_owned());
    // A template that cannot be read leaves indicatif's own.
    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:32} {pos:>3}% {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_completed_job_is_a_success() {
        assert!(conclude(&json!({"id": 1, "status": "completed", "result": {"documents": 3}}), Format::People).is_ok());
        for status in ["failed", "cancelled", "dead", "nonsense"] {
            let error = conclude(&json!({"id": 1, "status": status, "error": "no such repository"}), Format::People).unwrap_err();
            assert_eq!(error.code(), 6);
            assert!(error.to_string().contains("no such repository"), "{error}");
        }
    }

    #[test]
    fn an_id_stays_inside_its_path() {
        assert_eq!(path("01890a5d-ac96").unwrap(), "/jobs/01890a5d-ac96");
        for text in ["", "../users", "1?x", "1/2"] {
            assert!(path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_job_is_named_by_number_or_text() {
        assert_eq!(id_of(&json!({"job_id": 7})).unwrap(), "7");
        assert_eq!(id_of(&json!({"job_id": "u-1"})).unwrap(), "u-1");
        assert!(id_of(&json!({})).is_err());
    }
}
