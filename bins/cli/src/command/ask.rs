//! `ask`: an answer as it comes, each statement with what became of its sources.

use std::io::Write;

use console::style;
use serde_json::{Value, json};

use crate::args::AskArgs;
use crate::client::{Body, Client, Request};
use crate::error::CliError;
use crate::output::{Format, cell, pretty, print};

/// Asks, and prints what comes.
pub(crate) async fn run(client: &Client, ask: AskArgs, format: Format) -> Result<(), CliError> {
    let policy = if ask.drop { "drop" } else { "mark" };
    let mut body = json!({ "question": ask.question.join(" "), "limit": ask.limit, "mode": ask.mode.as_str(), "policy": policy });
    if let Some(category) = &ask.category {
        body["category"] = category.as_str().into();
    }
    let mut events = client.follow_project(Request::post("/knowledge/ask", Body::Json(body))).await?;
    let (mut passages, mut statements) = (Value::Null, Vec::new());
    while let Some((name, data)) = events.next().await? {
        match name.as_str() {
            "passages" => passages = data,
            "statement" => {
                if format == Format::People {
                    say(&data)?;
                }
                statements.push(data);
            }
            "end" => return conclude(&passages, &statements, &data, format),
            _ => {}
        }
    }
    Err(CliError::Unreachable("the answer broke off".to_owned()))
}

/// A statement with the numbers of its sources; one without a source that holds says so.
fn say(statement: &Value) -> Result<(), CliError> {
    let text: String =
        statement.get("text").and_then(Value::as_str).unwrap_or_default().chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let text = text.trim_end();
    let citations = statement.get("citations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let verified = citations.iter().filter(|citation| citation.get("verified") == Some(&Value::Bool(true)));
    let numbers = verified.map(|citation| format!(" [{}]", cell(citation, "number"))).collect::<Vec<_>>().concat();
    let shown = match statement.get("support").and_then(Value::as_str) {
        Some("unsupported") => format!("{} {}", style(text).dim(), style("(unsupported)").red()),
        _ => format!("{text}{}", style(numbers).cyan()),
    };
    let mut out = std::io::stdout().lock();
    match write!(out, "{shown}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::Failed(format!("standard output: {error}"))),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn conclude(passages: &Value, statements: &[Value], end: &Value, format: Format) -> Result<(), CliError> {
    if format == Format::Json {
        print(&pretty(&json!({ "passages": passages, "statements": statements, "end": end })))?;
    } else {
        print(&summary(passages, statements, end))?;
    }
    let detail = cell(end, "detail");
    match cell(end, "outcome").as_str() {
        "incomplete" => Err(CliError::Failed(format!("the answer is not whole: {detail}"))),
        "failed" => Err(CliError::Failed(detail)),
        _ => Ok(()),
    }
}

/// What the answer leans on, and what it took.
fn summary(passages: &Value, statements: &[Value], end: &Value) -> String {
    let items = passages.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let citations = statements.iter().filter_map(|statement| statement.get("citations")?.as_array()).flatten();
    let cited: Vec<u64> = citations.filter_map(|citation| citation.get("number")?.as_u64()).collect();
    let has_prose = !statements.is_empty();
    let sources = (1_u64..)
        .zip(items)
        .filter(|(number, _)| !has_prose || cited.contains(number))
        .map(|(number, hit)| format!("[{number}] {}  {}\n", cell(hit, "title"), style(cell(hit, "source")).dim()))
        .collect::<Vec<_>>()
        .concat();
    let last = match cell(end, "outcome").as_str() {
        "not_found" => "Not found in your sources.".to_owned(),
        "no_model" => format!("No answer in prose: {}", cell(end, "detail")),
        _ => format!(
            "{} supported, {} unsupported, {} left out, {}",
            cell(end, "supported"),
            cell(end, "unsupported"),
            cell(end, "dropped"),
            cell(end, "model")
        ),
    };
    format!("\n{sources}{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_that_are_named_are_shown_beside_prose() {
        let passages = json!({ "items": [{ "title": "One", "source": "1.md" }, { "title": "Two", "source": "2.md" }] });
        let statement = json!({ "text": "x", "support": "supported", "citations": [{ "number": 2, "verified": true }] });
        let end = json!({ "outcome": "answered", "supported": 1, "unsupported": 0, "dropped": 0, "model": "a/b" });
        let text = summary(&passages, &[statement], &end);
        assert!(text.contains("[2] Two") && !text.contains("[1] One") && text.contains("1 supported"), "{text}");
        let text = summary(&passages, &[], &json!({ "outcome": "no_model", "detail": "configure one" }));
        assert!(text.contains("[1] One") && text.ends_with("No answer in prose: configure one"), "{text}");
    }
}
