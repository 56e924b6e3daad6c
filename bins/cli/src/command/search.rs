//! `search`.

use console::style;
use serde_json::{Value, json};

use crate::args::SearchArgs;
use crate::client::{Body, Client, Request};
use crate::error::CliError;
use crate::output::{Format, cell, clean};

/// Characters of a passage that are shown.
const SHOWN: usize = 320;
/// Characters that are shown before the first word that was found.
const LEAD: usize = 80;

/// Asks the knowledge base.
pub(crate) async fn run(client: &Client, search: SearchArgs, format: Format) -> Result<(), CliError> {
    let mode = search.mode.as_str();
    let mut body = json!({ "query": search.query.join(" "), "limit": search.limit, "mode": mode, "explain": search.explain });
    if let Some(category) = &search.category {
        body["category"] = category.as_str().into();
    }
    let answer = client.ask_project(Request::post("/knowledge/query", Body::Json(body))).await?;
    let most = if search.full { usize::MAX } else { SHOWN };
    format.show(&answer, |answer| describe(answer, most))
}

fn describe(answer: &Value, most: usize) -> String {
    let mut text = match answer.get("degraded").and_then(Value::as_bool) {
        Some(true) => format!("Note: {} ({} search)\n\n", cell(answer, "degraded_reason"), cell(answer, "mode_used")),
        Some(false) | None => String::new(),
    };
    let hits = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, hit) in hits.iter().enumerate() {
        text.push_str(&describe_hit(index + 1, hit, most));
    }
    let count = match hits.len() {
        0 => "Nothing found".to_owned(),
        1 => "1 passage".to_owned(),
        many => format!("{many} passages"),
    };
    let millis = answer.get("took_ms").and_then(Value::as_f64).unwrap_or_default();
    format!("{text}{count}, {} search, {millis:.0} ms", cell(answer, "mode_used"))
}

fn describe_hit(number: usize, hit: &Value, most: usize) -> String {
    let headings = hit.get("heading_path").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut path = vec![cell(hit, "title")];
    path.extend(headings.iter().filter_map(Value::as_str).map(clean).filter(|heading| *heading != cell(hit, "title")));
    let score = hit.get("score").and_then(Value::as_f64).unwrap_or_default();
    let explain = hit.get("explain").filter(|explain| !explain.is_null()).map(explain).unwrap_or_default();
    format!(
        "{number}. {}  {}\n   {}\n{explain}   {}\n\n",
        style(path.join(" › ")).bold(),
        style(format!("{score:.4}")).dim(),
        style(format!("{}, {}, document {}", cell(hit, "source"), cell(hit, "category"), cell(hit, "document_id"))).dim(),
        passage(hit, most),
    )
}

fn explain(explain: &Value) -> String {
    let place = |name: &str| cell(explain, &format!("{name}_rank"));
    let score =
        |name: &str| explain.get(format!("{name}_score")).and_then(Value::as_f64).map_or("-".to_owned(), |score| format!("{score:.4}"));
    format!(
        "   words: place {}, score {}; meaning: place {}, score {}\n",
        place("lexical"),
        score("lexical"),
        place("vector"),
        score("vector")
    )
}

/// A part of the passage around the first word that was found, the words found in bold. Spans count code points.
fn passage(hit: &Value, most: usize) -> String {
    let content: Vec<char> = hit.get("content").and_then(Value::as_str).unwrap_or_default().chars().collect();
    let highlights = highlights(hit, content.len());
    let first = highlights.first().map_or(0, |(start, _)| *start);
    let from = if content.len() <= most { 0 } else { first.saturating_sub(LEAD).min(content.len() - most) };
    let to = from.saturating_add(most).min(content.len());
    let piece =
        |start: usize, end: usize| content.get(start..end).unwrap_or_default().iter().map(|c| if c.is_control() { ' ' } else { *c });
    let mut text = if from > 0 { "…".to_owned() } else { String::new() };
    let mut at = from;
    for (start, end) in highlights.into_iter().filter(|(start, end)| *start >= from && *end <= to) {
        if start < at {
            continue;
        }
        text.extend(piece(at, start));
        text.push_str(&style(piece(start, end).collect::<String>()).bold().to_string());
        at = end;
    }
    text.extend(piece(at, to));
    if to < content.len() {
        text.push('…');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn highlights(hit: &Value, length: usize) -> Vec<(usize, usize)> {
    let position = |item: &Value, name: &str| usize::try_from(item.get(name)?.as_u64()?).ok();
    let items = hit.get("highlights").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let spans = items.iter().filter_map(|item| Some((position(item, "start")?, position(item, "end")?)));
    let mut spans: Vec<_> = spans.filter(|(start, end)| start < end && *end <= length).collect();
    spans.sort_unstable();
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(content: &str, start: usize, end: usize) -> Value {
        json!({ "content": content, "highlights": [{ "start": start, "end": end }] })
    }

    #[test]
    fn a_passage_is_cut_around_what_was_found() {
        console::set_colors_enabled(false);
        let content = format!("{}Möbius ring{}", "ä ".repeat(400), " z".repeat(400));
        let text = passage(&hit(&content, 800, 806), 320);
        assert!(text.starts_with('…') && text.ends_with('…') && text.contains("Möbius ring"), "{text}");
        assert!(text.chars().count() <= 322);
        assert_eq!(passage(&hit("short", 0, 5), 320), "short");
        assert_eq!(passage(&hit("short", 3, 99), 320), "short");
        assert_eq!(passage(&json!({}), 320), "");
    }

    #[test]
    fn an_answer_says_when_it_is_degraded() {
        console::set_colors_enabled(false);
        let answer = json!({ "mode_used": "lexical", "degraded": true, "degraded_reason": "no model", "took_ms": 3.2, "items": [] });
        assert_eq!(describe(&answer, 320), "Note: no model (lexical search)\n\nNothing found, lexical search, 3 ms");
    }
}
