//! Messages of clients.

use commandcenter_domain::llm::{ChatRequest, Message, OutputFormat, Part, Sampling, Speaker, Tool, ToolCall, ToolChoice, ToolResult};
use commandcenter_domain::shared::Invalid;
use serde_json::{Map, Value, json};

use crate::compat::Parsed;
use crate::compat::read::{
    called, content_text, count, flag, given, list, number, object, path, required, required_text, text_of_part, text_part, texts, tool,
};

/// Reads the body of a request. Fields that change nothing here are passed over, as clients send many.
///
/// # Errors
/// [`Invalid`] with the field that cannot be taken.
pub fn parse_request(body: &Value) -> Result<Parsed, Invalid> {
    let fields = object(body, "body")?;
    let max_tokens = count(fields, "max_tokens")?.ok_or_else(|| Invalid::one("max_tokens", "required", "is required"))?;
    let request = ChatRequest {
        system: given(fields, "system").map(system).transpose()?.filter(|text| !text.is_empty()),
        messages: conversation(list(required(fields, "messages", "")?, "messages")?)?,
        tools: given(fields, "tools").map(tools).transpose()?.unwrap_or_default(),
        tool_choice: given(fields, "tool_choice").map(tool_choice).transpose()?.unwrap_or_default(),
        output: output(fields)?,
        sampling: Sampling {
            temperature: number(fields, "temperature")?,
            top_p: number(fields, "top_p")?,
            max_tokens: Some(max_tokens),
            stop: given(fields, "stop_sequences").map(|value| texts(value, "stop_sequences")).transpose()?.unwrap_or_default(),
            seed: None,
        },
    };
    Ok(Parsed { model: required_text(fields, "model", "")?, request, is_streamed: flag(fields, "stream")?, shows_usage: true })
}

/// A text, or blocks of text, which are paragraphs.
fn system(value: &Value) -> Result<String, Invalid> {
    let Value::Array(blocks) = value else { return content_text(value, "system") };
    let texts: Result<Vec<_>, _> = blocks.iter().enumerate().map(|(at, block)| text_of_part(block, &path("system", at))).collect();
    Ok(texts?.join("\n\n"))
}

fn conversation(all: &[Value]) -> Result<Vec<Message>, Invalid> {
    let mut calls: Vec<ToolCall> = Vec::new();
    let mut messages = Vec::with_capacity(all.len());
    for (at, value) in all.iter().enumerate() {
        let field = path("messages", at);
        let fields = object(value, &field)?;
        let speaker = match required_text(fields, "role", &field)?.as_str() {
            "user" => Speaker::User,
            "assistant" => Speaker::Assistant,
            _ => return Err(Invalid::one(path(&field, "role"), "unknown", "must be `user` or `assistant`")),
        };
        let within = path(&field, "content");
        let parts = match required(fields, "content", &field)? {
            Value::String(text) => vec![Part::Text { text: text.clone() }],
            other => {
                let mut parts = Vec::new();
                for (at, block) in list(other, &within)?.iter().enumerate() {
                    parts.extend(part(block, &path(&within, at), &mut calls)?);
                }
                parts
            }
        };
        messages.push(Message { speaker, parts });
    }
    Ok(messages)
}

/// A block; what a model thought is not sent back to another.
fn part(block: &Value, field: &str, calls: &mut Vec<ToolCall>) -> Result<Option<Part>, Invalid> {
    let fields = object(block, field)?;
    match required_text(fields, "type", field)?.as_str() {
        "text" => Ok(text_part(required_text(fields, "text", field)?)),
        "thinking" | "redacted_thinking" => Ok(None),
        "tool_use" => {
            let arguments = given(fields, "input").cloned().unwrap_or_else(|| json!({}));
            if !arguments.is_object() {
                return Err(Invalid::one(path(field, "input"), "type", "must be an object"));
            }
            let call = ToolCall { id: required_text(fields, "id", field)?, name: required_text(fields, "name", field)?, arguments };
            calls.push(call.clone());
            Ok(Some(Part::Call(call)))
        }
        "tool_result" => {
            let call_id = required_text(fields, "tool_use_id", field)?;
            let content = content_text(fields.get("content").unwrap_or(&Value::Null), &path(field, "content"))?;
            let is_error = flag(fields, "is_error")?;
            Ok(Some(Part::Result(ToolResult { name: called(calls, &call_id), call_id, content, is_error })))
        }
        _ => Err(Invalid::one(path(field, "type"), "unsupported", "must be `text`, `tool_use` or `tool_result`: others are not taken")),
    }
}

fn tools(value: &Value) -> Result<Vec<Tool>, Invalid> {
    let one = |(at, value): (usize, &Value)| {
        let field = path("tools", at);
        let fields = object(value, &field)?;
        if given(fields, "type").is_some_and(|kind| kind != "custom") {
            return Err(Invalid::one(path(&field, "type"), "unsupported", "must be `custom`: tools of the provider's own are not offered"));
        }
        required(fields, "input_schema", &field)?;
        tool(fields, "input_schema", &field)
    };
    list(value, "tools")?.iter().enumerate().map(one).collect()
}

fn tool_choice(value: &Value) -> Result<ToolChoice, Invalid> {
    let fields = object(value, "tool_choice")?;
    match required_text(fields, "type", "tool_choice")?.as_str() {
        "auto" => Ok(ToolChoice::Auto),
        "none" => Ok(ToolChoice::None),
        "any" => Ok(ToolChoice::Required),
        "tool" => Ok(ToolChoice::Named(required_text(fields, "name", "tool_choice")?)),
        _ => Err(Invalid::one("tool_choice.type", "unknown", "must be `auto`, `any`, `tool` or `none`")),
    }
}

/// The form of the answer, under its present or its first name.
fn output(fields: &Map<String, Value>) -> Result<OutputFormat, Invalid> {
    let config = given(fields, "output_config").map(|value| object(value, "output_config")).transpose()?;
    let (value, within) = match config.and_then(|config| given(config, "format")) {
        Some(value) => (Some(value), "output_config.format"),
        None => (given(fields, "output_format"), "output_format"),
    };
    let Some(value) = value else { return Ok(OutputFormat::Text) };
    let format = object(value, within)?;
    if required_text(format, "type", within)? != "json_schema" {
        return Err(Invalid::one(path(within, "type"), "unknown", "must be `json_schema`"));
    }
    Ok(OutputFormat::Schema { name: "answer".to_owned(), schema: required(format, "schema", within)?.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(body: &Value) -> String {
        parse_request(body).unwrap_err().0.remove(0).field
    }

    #[test]
    fn a_conversation_with_tools_is_read() {
        let parsed = parse_request(&json!({
            "model": "m", "max_tokens": 9, "system": [{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }], "metadata": {},
            "messages": [
                { "role": "user", "content": "hi" },
                { "role": "assistant", "content": [
                    { "type": "thinking", "thinking": "hm", "signature": "s" }, { "type": "tool_use", "id": "t", "name": "f", "input": { "x": 1 } },
                ] },
                { "role": "user", "content": [
                    { "type": "tool_result", "tool_use_id": "t", "content": [{ "type": "text", "text": "no" }], "is_error": true },
                ] },
            ],
            "tools": [{ "name": "f", "input_schema": { "type": "object" } }], "tool_choice": { "type": "any" },
            "output_config": { "format": { "type": "json_schema", "schema": { "type": "object" } } },
        }))
        .unwrap();
        let request = parsed.request;
        assert_eq!((request.system.as_deref(), request.tool_choice, parsed.is_streamed), (Some("a\n\nb"), ToolChoice::Required, false));
        let call = ToolCall { id: "t".into(), name: "f".into(), arguments: json!({ "x": 1 }) };
        assert_eq!(request.messages[1].parts, [Part::Call(call)]);
        let result = ToolResult { call_id: "t".into(), name: "f".into(), content: "no".into(), is_error: true };
        assert_eq!(request.messages[2].parts, [Part::Result(result)]);
        assert!(matches!(request.output, OutputFormat::Schema { .. }));
    }

    #[test]
    fn what_cannot_be_taken_is_told_by_its_field() {
        let hi = json!([{ "role": "user", "content": "hi" }]);
        let with = |name: &str, value: Value| json!({ "model": "m", "max_tokens": 1, "messages": hi, name: value });
        assert_eq!(field(&json!({ "model": "m", "messages": hi })), "max_tokens");
        assert_eq!(field(&with("model", Value::Null)), "model");
        assert_eq!(field(&with("messages", json!([{ "role": "system", "content": "x" }]))), "messages.0.role");
        let image = json!([{ "role": "user", "content": [{ "type": "image", "source": {} }] }]);
        assert_eq!(field(&with("messages", image)), "messages.0.content.0.type");
        assert_eq!(field(&with("tools", json!([{ "name": "f", "input_schema": "x" }]))), "tools.0.input_schema");
        assert_eq!(field(&with("tools", json!([{ "type": "bash_20250124", "name": "bash" }]))), "tools.0.type");
        assert_eq!(field(&with("tool_choice", json!({ "type": "tool" }))), "tool_choice.name");
    }
}
