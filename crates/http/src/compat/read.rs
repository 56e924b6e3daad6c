//! Reading JSON of clients: what is absent or `null`, what is there, and what is wrong with it by its field.

use commandcenter_domain::llm::{Part, Tool, ToolCall};
use commandcenter_domain::shared::Invalid;
use serde_json::{Map, Value};

/// An object, or the rule that it breaks.
pub(super) fn object<'a>(value: &'a Value, field: &str) -> Result<&'a Map<String, Value>, Invalid> {
    value.as_object().ok_or_else(|| Invalid::one(field, "type", "must be an object"))
}

/// A list, or the rule that it breaks.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> Result<&'a [Value], Invalid> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| Invalid::one(field, "type", "must be a list"))
}

/// A text, or the rule that it breaks.
pub(super) fn text(value: &Value, field: &str) -> Result<String, Invalid> {
    value.as_str().map(str::to_owned).ok_or_else(|| Invalid::one(field, "type", "must be a text"))
}

/// What stands under a name; `null` is absence.
pub(super) fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// What must stand under a name.
pub(super) fn required<'a>(fields: &'a Map<String, Value>, name: &str, within: &str) -> Result<&'a Value, Invalid> {
    given(fields, name).ok_or_else(|| Invalid::one(path(within, name), "required", "is required"))
}

/// A text that must stand under a name.
pub(super) fn required_text(fields: &Map<String, Value>, name: &str, within: &str) -> Result<String, Invalid> {
    text(required(fields, name, within)?, &path(within, name))
}

/// A number that may stand under a name.
pub(super) fn number(fields: &Map<String, Value>, name: &str) -> Result<Option<f64>, Invalid> {
    optional(fields, name, Value::as_f64, "must be a number")
}

/// A count that may stand under a name.
pub(super) fn count(fields: &Map<String, Value>, name: &str) -> Result<Option<u64>, Invalid> {
    optional(fields, name, Value::as_u64, "must be a whole number that is not negative")
}

/// A whole number that may stand under a name.
pub(super) fn whole(fields: &Map<String, Value>, name: &str) -> Result<Option<i64>, Invalid> {
    optional(fields, name, Value::as_i64, "must be a whole number")
}

/// Whether something is wanted; absence says no.
pub(super) fn flag(fields: &Map<String, Value>, name: &str) -> Result<bool, Invalid> {
    Ok(optional(fields, name, Value::as_bool, "must be true or false")?.unwrap_or(false))
}

fn optional<T>(fields: &Map<String, Value>, name: &str, read: fn(&Value) -> Option<T>, rule: &str) -> Result<Option<T>, Invalid> {
    given(fields, name).map(|value| read(value).ok_or_else(|| Invalid::one(name, "type", rule))).transpose()
}

/// A text, or several.
pub(super) fn texts(value: &Value, field: &str) -> Result<Vec<String>, Invalid> {
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(all) => all.iter().enumerate().map(|(at, one)| text(one, &path(field, at))).collect(),
        _ => Err(Invalid::one(field, "type", "must be a text or a list of texts")),
    }
}

/// The text of a content: a text, or parts that are all text.
pub(super) fn content_text(value: &Value, field: &str) -> Result<String, Invalid> {
    let parts = match value {
        Value::String(one) => return Ok(one.clone()),
        Value::Null => return Ok(String::new()),
        other => list(other, field)?,
    };
    parts.iter().enumerate().map(|(at, part)| text_of_part(part, &path(field, at))).collect()
}

/// The text of one part; other kinds than text are not taken.
pub(super) fn text_of_part(part: &Value, field: &str) -> Result<String, Invalid> {
    let fields = object(part, field)?;
    match fields.get("type").and_then(Value::as_str) {
        Some("text") => required_text(fields, "text", field),
        Some("refusal") => required_text(fields, "refusal", field),
        _ => Err(Invalid::one(path(field, "type"), "unsupported", "must be `text`: other kinds of content are not taken")),
    }
}

/// A text as a part; nothing is no part.
pub(super) fn text_part(text: String) -> Option<Part> {
    (!text.is_empty()).then_some(Part::Text { text })
}

/// A tool; the rest of its rules is judged where every request is.
pub(super) fn tool(fields: &Map<String, Value>, schema: &str, within: &str) -> Result<Tool, Invalid> {
    let parameters = given(fields, schema).cloned().unwrap_or_else(|| serde_json::json!({ "type": "object", "properties": {} }));
    if !parameters.is_object() {
        return Err(Invalid::one(path(within, schema), "invalid_schema", "must be a JSON schema of an object"));
    }
    let description = given(fields, "description").map(|value| text(value, &path(within, "description"))).transpose()?;
    Ok(Tool { name: required_text(fields, "name", within)?, description, parameters })
}

/// The name of the tool that a call was for.
pub(super) fn called(calls: &[ToolCall], id: &str) -> String {
    calls.iter().rev().find(|call| call.id == id).map(|call| call.name.clone()).unwrap_or_default()
}

/// A field within another.
pub(super) fn path(within: &str, name: impl std::fmt::Display) -> String {
    if within.is_empty() { name.to_string() } else { format!("{within}.{name}") }
}
