//! What can go wrong for a command, and the exit code that says so.

use std::process::ExitCode;

use serde_json::{Value, json};

/// The exit codes, as `--help` shows them.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  wrong usage
  3  not authenticated: log in or give a token
  4  not found, or not yours
  5  the server cannot be reached
  6  the job failed, was cancelled or was given up";

/// Why a command did not do as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Anything without an exit code of its own.
    #[error("{0}")]
    Failed(String),
    /// The command line asks for something impossible.
    #[error("{0}")]
    Usage(String),
    /// Nobody is logged in, or the server does not accept who is.
    #[error("{0}")]
    NotAuthenticated(String),
    /// Absent, or another's.
    #[error("{0}")]
    NotFound(String),
    /// No answer.
    #[error("{0}")]
    Unreachable(String),
    /// The job ended otherwise than completed.
    #[error("{0}")]
    JobFailed(String),
}

impl CliError {
    /// What an answer of the server means. `problem` is its body.
    pub(crate) fn from_problem(status: u16, problem: &Value) -> Self {
        let text = describe(status, problem);
        match status {
            401 => Self::NotAuthenticated(text),
            404 => Self::NotFound(text),
            _ => Self::Failed(text),
        }
    }

    /// The documented exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::NotAuthenticated(_) => 3,
            Self::NotFound(_) => 4,
            Self::Unreachable(_) => 5,
            Self::JobFailed(_) => 6,
        }
    }

    /// Prints it on standard error and gives the exit code.
    pub(crate) fn report(&self, json: crate::output::Format) -> ExitCode {
        match json {
            crate::output::Format::Json => eprintln!("{}", json!({ "error": self.to_string(), "exit_code": self.code() })),
            crate::output::Format::People => eprintln!("commandcenter: {self}"),
        }
        ExitCode::from(self.code())
    }
}

/// One line for a person: the problem's title and detail, the fields at fault, and the request id of a failure of the server.
fn describe(status: u16, problem: &Value) -> String {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut parts = vec![match (text("title"), text("detail")) {
        (Some(title), Some(detail)) if title != detail => format!("{title}: {detail}"),
        (Some(one), _) | (None, Some(one)) => one.to_owned(),
        (None, None) => format!("the server answered with status {status}"),
    }];
    for error in problem.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        if parts.iter().all(|known| !known.contains(part("message"))) {
            parts.push(format!("; {}: {}", part("field"), part("message")));
        }
    }
    if text("type").is_some_and(|slug| slug.ends_with("/project-required")) {
        parts.push(" (choose one: `commandcenter projects use <name>`, or give --project)".to_owned());
    }
    if let Some(id) = text("request_id").filter(|_| status >= 500) {
        parts.push(format!(" (request {id})"));
    }
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_its_exit_code() {
        let cases = [(400, 1), (401, 3), (403, 1), (404, 4), (409, 1), (422, 1), (500, 1), (503, 1)];
        for (status, code) in cases {
            assert_eq!(CliError::from_problem(status, &Value::Null).code(), code, "{status}");
        }
    }

    #[test]
    fn a_problem_becomes_one_line() {
        let problem = json!({
            "title": "Unprocessable Content", "detail": "name: too long", "request_id": "r1",
            "errors": [{"field": "name", "code": "too_long", "message": "too long"}, {"field": "owner", "code": "x", "message": "is unknown"}],
        });
        let line = CliError::from_problem(422, &problem).to_string();
        assert_eq!(line, "Unprocessable Content: name: too long; owner: is unknown");
        let problem = json!({ "title": "Internal Server Error", "request_id": "r1" });
        assert_eq!(CliError::from_problem(500, &problem).to_string(), "Internal Server Error (request r1)");
        let problem = json!({ "type": "https://commandcenter.dev/problems/project-required", "title": "Bad Request" });
        assert!(CliError::from_problem(400, &problem).to_string().contains("projects use"));
    }
}
