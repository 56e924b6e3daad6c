//! Chat Completions of clients.

use commandcenter_domain::llm::{ChatRequest, Message, OutputFormat, Part, Sampling, Speaker, Tool, ToolCall, ToolChoice, ToolResult};
use commandcenter_domain::shared::Invalid;
use serde_json::{Map, Value, json};

use crate::compat::Parsed;
use crate::compat::read::{
    called, content_text, count, flag, given, list, number, object, path, required, required_text, text, text_part, texts, tool, whole,
};

/// Reads the body of a request. Fields that change nothing here are passed over, as clients send many.
///
/// # Errors
/// [`Invalid`] with the field that cannot be taken.
pub fn parse_request(body: &Value) -> Result<Parsed, Invalid> {
    let fields = object(body, "body")?;
    unsupported(fields)?;
    let (system, messages) = conversation(list(required(fields, "messages", "")?, "messages")?)?;
    let request = ChatRequest {
        system,
        messages,
        tools: given(fields, "tools").map(tools).transpose()?.unwrap_or_default(),
        tool_choice: given(fields, "tool_choice").map(tool_choice).transpose()?.unwrap_or_default(),
        output: given(fields, "response_format").map(output).transpose()?.unwrap_or_default(),
        sampling: Sampling {
            temperature: number(fields, "temperature")?,
            top_p: number(fields, "top_p")?,
            max_tokens: count(fields, "max_completion_tokens")?.or(count(fields, "max_tokens")?),
            stop: given(fields, "stop").map(|value| texts(value, "stop")).transpose()?.unwrap_or_default(),
            seed: whole(fields, "seed")?,
        },
    };
    let options = given(fields, "stream_options").map(|value| object(value, "stream_options")).transpose()?;
    Ok(Parsed {
        model: required_text(fields, "model", "")?,
        request,
        is_streamed: flag(fields, "stream")?,
        shows_usage: options.map(|options| flag(options, "include_usage")).transpose()?.unwrap_or(false),
    })
}

/// What would change the answer and is not done is refused rather than passed over.
fn unsupported(fields: &Map<String, Value>) -> Result<(), Invalid> {
    if count(fields, "n")?.is_some_and(|n| n != 1) {
        return Err(Invalid::one("n", "unsupported", "must be 1"));
    }
    for (name, rule) in [("functions", "is an old form: use `tools`"), ("audio", "is not offered")] {
        if given(fields, name).is_some() {
            return Err(Invalid::one(name, "unsupported", rule));
        }
    }
    if flag(fields, "logprobs")? {
        return Err(Invalid::one("logprobs", "unsupported", "is not offered"));
    }
    Ok(())
}

/// What the model is told, and the turns. Results of tools that follow one another are one turn.
fn conversation(all: &[Value]) -> Result<(Option<String>, Vec<Message>), Invalid> {
    let mut told = Vec::new();
    let mut messages: Vec<Message> = Vec::new();
    let mut calls: Vec<ToolCall> = Vec::new();
    for (at, value) in all.iter().enumerate() {
        let field = path("messages", at);
        let fields = object(value, &field)?;
        let content = || content_text(fields.get("content").unwrap_or(&Value::Null), &path(&field, "content"));
        match required_text(fields, "role", &field)?.as_str() {
            "system" | "developer" => told.push(content()?),
            "user" => messages.push(Message { speaker: Speaker::User, parts: vec![Part::Text { text: content()? }] }),
            "assistant" => {
                let asked = given(fields, "tool_calls").map(|value| tool_calls(value, &path(&field, "tool_calls"))).transpose()?;
                let asked = asked.unwrap_or_default();
                calls.extend(asked.iter().cloned());
                let parts = text_part(content()?).into_iter().chain(asked.into_iter().map(Part::Call)).collect();
                messages.push(Message { speaker: Speaker::Assistant, parts });
            }
            "tool" => {
                let call_id = required_text(fields, "tool_call_id", &field)?;
                let name = called(&calls, &call_id);
                let result = Part::Result(ToolResult { call_id, name, content: content()?, is_error: false });
                match messages.last_mut() {
                    Some(last) if last.parts.iter().any(|part| matches!(part, Part::Result(_))) => last.parts.push(result),
                    _ => messages.push(Message { speaker: Speaker::User, parts: vec![result] }),
                }
            }
            _ => {
                let rule = "must be `system`, `developer`, `user`, `assistant` or `tool`";
                return Err(Invalid::one(path(&field, "role"), "unknown", rule));
            }
        }
    }
    Ok(((!told.is_empty()).then(|| told.join("\n\n")), messages))
}

fn tool_calls(value: &Value, within: &str) -> Result<Vec<ToolCall>, Invalid> {
    let one = |(at, value): (usize, &Value)| {
        let field = path(within, at);
        let fields = object(value, &field)?;
        let within = path(&field, "function");
        let function = object(required(fields, "function", &field)?, &within)?;
        let written = given(function, "arguments").map(|value| text(value, &path(&within, "arguments"))).transpose()?;
        Ok(ToolCall {
            id: required_text(fields, "id", &field)?,
            name: required_text(function, "name", &within)?,
            arguments: arguments(written.unwrap_or_default()),
        })
    };
    list(value, within)?.iter().enumerate().map(one).collect()
}

/// Arguments that a model wrote; what is no object stays the text that it is.
fn arguments(written: String) -> Value {
    if written.trim().is_empty() {
        return json!({});
    }
    serde_json::from_str(&written).ok().filter(Value::is_object).unwrap_or(Value::String(written))
}

fn tools(value: &Value) -> Result<Vec<Tool>, Invalid> {
    let one = |(at, value): (usize, &Value)| {
        let field = path("tools", at);
        let fields = object(value, &field)?;
        if required_text(fields, "type", &field)? != "function" {
            return Err(Invalid::one(path(&field, "type"), "unsupported", "must be `function`"));
        }
        let within = path(&field, "function");
        tool(object(required(fields, "function", &field)?, &within)?, "parameters", &within)
    };
    list(value, "tools")?.iter().enumerate().map(one).collect()
}

fn tool_choice(value: &Value) -> Result<ToolChoice, Invalid> {
    match value {
        Value::String(word) if word == "auto" => Ok(ToolChoice::Auto),
        Value::String(word) if word == "none" => Ok(ToolChoice::None),
        Value::String(word) if word == "required" => Ok(ToolChoice::Required),
        Value::Object(fields) => {
            let within = "tool_choice.function";
            let function = object(required(fields, "function", "tool_choice")?, within)?;
            Ok(ToolChoice::Named(required_text(function, "name", within)?))
        }
        _ => Err(Invalid::one("tool_choice", "unknown", "must be `auto`, `none`, `required` or name a function")),
    }
}

fn output(value: &Value) -> Result<OutputFormat, Invalid> {
    let fields = object(value, "response_format")?;
    match required_text(fields, "type", "response_format")?.as_str() {
        "text" => Ok(OutputFormat::Text),
        "json_object" => Ok(OutputFormat::Json),
        "json_schema" => {
            let within = "response_format.json_schema";
            let described = object(required(fields, "json_schema", "response_format")?, within)?;
            let name = given(described, "name").and_then(Value::as_str).unwrap_or("answer").to_owned();
            Ok(OutputFormat::Schema { name, schema: required(described, "schema", within)?.clone() })
        }
        _ => Err(Invalid::one("response_format.type", "unknown", "must be `text`, `json_object` or `json_schema`")),
    }
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
            "model": "main/m-1", "stream": true, "stream_options": { "include_usage": true }, "user": "x", "max_tokens": 9, "stop": "end",
            "messages": [
                { "role": "system", "content": "a" }, { "role": "developer", "content": [{ "type": "text", "text": "b" }] },
                { "role": "user", "content": [{ "type": "text", "text": "hi" }] },
                { "role": "assistant", "content": null,
                  "tool_calls": [{ "id": "c1", "type": "function", "function": { "name": "f", "arguments": "{\"x\":1}" } }] },
                { "role": "tool", "tool_call_id": "c1", "content": "1" }, { "role": "tool", "tool_call_id": "c2", "content": "2" },
            ],
            "tools": [{ "type": "function", "function": { "name": "f" } }], "tool_choice": { "type": "function", "function": { "name": "f" } },
            "response_format": { "type": "json_schema", "json_schema": { "name": "n", "schema": { "type": "object" } } },
        }))
        .unwrap();
        assert_eq!((parsed.model.as_str(), parsed.is_streamed, parsed.shows_usage), ("main/m-1", true, true));
        let request = parsed.request;
        assert_eq!((request.system.as_deref(), request.messages.len()), (Some("a\n\nb"), 3));
        let call = ToolCall { id: "c1".into(), name: "f".into(), arguments: json!({ "x": 1 }) };
        assert_eq!(request.messages[1].parts, [Part::Call(call)]);
        let result = |id: &str, name: &str, content: &str| {
            Part::Result(ToolResult { call_id: id.into(), name: name.into(), content: content.into(), is_error: false })
        };
        assert_eq!(request.messages[2].parts, [result("c1", "f", "1"), result("c2", "", "2")]);
        assert_eq!(request.tool_choice, ToolChoice::Named("f".into()));
        assert_eq!((request.sampling.max_tokens, request.sampling.stop), (Some(9), vec!["end".to_owned()]));
        assert!(matches!(request.output, OutputFormat::Schema { name, .. } if name == "n"));
    }

    #[test]
    fn what_cannot_be_taken_is_told_by_its_field() {
        let hi = json!([{ "role": "user", "content": "hi" }]);
        let with = |name: &str, value: Value| json!({ "model": "m", "messages": hi, name: value });
        assert_eq!(field(&json!([])), "body");
        assert_eq!(field(&json!({ "messages": hi })), "model");
        assert_eq!(field(&json!({ "model": "m" })), "messages");
        assert_eq!(field(&with("n", json!(2))), "n");
        assert_eq!(field(&with("temperature", json!("hot"))), "temperature");
        assert_eq!(
            field(&with("tools", json!([{ "type": "function", "function": { "name": "f", "parameters": 7 } }]))),
            "tools.0.function.parameters"
        );
        assert_eq!(field(&with("tool_choice", json!("perhaps"))), "tool_choice");
        assert_eq!(field(&with("messages", json!([{ "role": "boss", "content": "x" }]))), "messages.0.role");
        let image = json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "x" } }] }]);
        assert_eq!(field(&with("messages", image)), "messages.0.content.0.type");
    }
}
