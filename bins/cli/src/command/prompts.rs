//! `prompts`.

use std::path::Path;

use console::style;
use serde_json::{Value, json};

use crate::args::PromptsCommand;
use crate::client::{Body, Client, Request};
use crate::error::CliError;
use crate::output::{Format, cell};

/// Looks at a prompt, or has a model do it.
pub(crate) async fn run(client: &Client, command: PromptsCommand, format: Format) -> Result<(), CliError> {
    let (path, prompt) = match command {
        PromptsCommand::Check(prompt) => ("/prompts/quick-check", prompt),
        PromptsCommand::Analyze(prompt) => ("/prompts/analyze", prompt),
        PromptsCommand::Improve(prompt) => ("/prompts/improve", prompt),
    };
    let body = json!({ "prompt": read(&prompt.file)? });
    let answer = client.ask_project(Request::post(path, Body::Json(body))).await?;
    format.show(&answer, |answer| if answer.get("scores").is_some() { reviewed(answer) } else { checked(answer) })
}

fn read(file: &Path) -> Result<String, CliError> {
    let text = if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    text.map_err(|e| CliError::Failed(format!("{}: {e}", file.display())))
}

/// What the words tell.
fn checked(answer: &Value) -> String {
    let has = |field: &str, name: &str| {
        let mark = if answer.get(field).and_then(Value::as_bool) == Some(true) { style("yes").green() } else { style("no").red() };
        format!("{name:<14} {mark}\n")
    };
    let facts = [has("has_role", "Role"), has("has_output_format", "Output format"), has("has_constraints", "Constraints")].concat();
    let line = |line: &Value| format!("- {}\n", told(line));
    let lines = |field: &str| list(answer, field).iter().map(line).collect::<String>();
    let text = format!("{facts}{:<14} {}\n{}{}", "Words", cell(answer, "word_count"), lines("potential_conflicts"), lines("suggestions"));
    text.trim_end().to_owned()
}

/// What a model says.
fn reviewed(answer: &Value) -> String {
    let issue = |issue: &Value| {
        let (kind, severity) = (cell(issue, "type"), cell(issue, "severity"));
        let said = |field: &str| issue.get(field).map(told).unwrap_or_default();
        format!("- {} ({severity}): {} {}\n", style(kind).bold(), said("description"), style(said("suggestion")).dim())
    };
    let issues: String = list(answer, "issues").iter().map(issue).collect();
    let scores = answer.get("scores").unwrap_or(&Value::Null);
    let scores = ["clarity", "structure", "completeness", "intent_clarity", "overall"].map(|name| format!("{name} {}", cell(scores, name)));
    let improved = answer.get("improved").filter(|value| value.is_string()).map(|text| format!("\n{}\n", told(text))).unwrap_or_default();
    let summary = answer.get("summary").map(told).unwrap_or_default();
    format!("{summary}\n{issues}{improved}\n{}  {}", scores.join(", "), style(cell(answer, "model")).dim())
}

fn list<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text as it is, without what a terminal would obey.
fn told(text: &Value) -> String {
    text.as_str().unwrap_or_default().chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_what_programs_get() {
        let check = json!({ "has_role": true, "has_output_format": false, "has_constraints": false, "word_count": 4,
            "suggestions": ["Say more"], "potential_conflicts": ["a and b"] });
        let text = checked(&check);
        assert!(text.contains("Words          4") && text.contains("- a and b\n- Say more"), "{text}");
        let review = json!({ "issues": [{ "type": "conflict", "severity": "high", "description": "d", "suggestion": "s" }],
            "scores": { "overall": 45 }, "improved": "bet\u{1b}ter", "summary": "So so.", "model": "a/m" });
        let text = reviewed(&review);
        assert!(text.starts_with("So so.\n- ") && text.contains("\nbetter\n") && text.contains("overall 45"), "{text}");
    }
}
