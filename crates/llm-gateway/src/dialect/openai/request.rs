//! Questions for Chat Completions.

use commandcenter_domain::llm::{ChatRequest, Message, OutputFormat, Part, Speaker, Target, Tool, ToolChoice};
use serde_json::{Map, Value, json};

use crate::dialect::{Asked, Delivery, KeyHeader, Outgoing};
use crate::tokens::arguments;

pub(super) fn chat(asked: &Asked<'_>) -> Outgoing {
    outgoing(asked.target, &["chat", "completions"], Value::Object(body(asked)))
}

/// A request to a path. Servers are named by their base with the version, as the official clients want it; a bare host gets the usual one.
pub(super) fn outgoing(target: &Target, path: &[&str], body: Value) -> Outgoing {
    let version = (target.base_url.path().trim_matches('/').is_empty()).then_some("v1");
    let path = version.into_iter().chain(path.iter().copied()).map(str::to_owned).collect();
    Outgoing { path, query: None, key: KeyHeader::Bearer, headers: &[], body }
}

fn body(asked: &Asked<'_>) -> Map<String, Value> {
    let Asked { target, request, max_tokens, delivery } = *asked;
    let mut body = Map::new();
    body.insert("model".into(), json!(target.model));
    body.insert("messages".into(), Value::Array(messages(request)));
    // The official service took the old name away for its newer models; others know no other.
    let limit = if is_official(target) { "max_completion_tokens" } else { "max_tokens" };
    body.insert(limit.into(), json!(max_tokens));
    let sampling = &request.sampling;
    set(&mut body, "temperature", sampling.temperature.map(Value::from));
    set(&mut body, "top_p", sampling.top_p.map(Value::from));
    set(&mut body, "seed", sampling.seed.map(Value::from));
    set(&mut body, "stop", (!sampling.stop.is_empty()).then(|| json!(sampling.stop)));
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        body.insert("tool_choice".into(), choice(&request.tool_choice));
    }
    set(&mut body, "response_format", form(&request.output));
    if delivery == Delivery::Streamed {
        body.insert("stream".into(), json!(true));
        body.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    body
}

fn set(body: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value);
    }
}

fn is_official(target: &Target) -> bool {
    target.base_url.host_str().is_some_and(|host| host == "api.openai.com" || host.ends_with(".openai.azure.com"))
}

fn messages(request: &ChatRequest) -> Vec<Value> {
    let system = request.system.iter().map(|text| json!({ "role": "system", "content": text }));
    system.chain(request.messages.iter().flat_map(turn)).collect()
}

/// One turn; results of tools are messages of their own and stand before what the user says with them.
fn turn(message: &Message) -> Vec<Value> {
    let mut written = Vec::new();
    let mut calls = Vec::new();
    let mut texts = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text } => texts.push(text.as_str()),
            Part::Call(call) => calls.push(json!({
                "id": call.id, "type": "function",
                "function": { "name": call.name, "arguments": arguments(&call.arguments) },
            })),
            Part::Result(result) => {
                written.push(json!({ "role": "tool", "tool_call_id": result.call_id, "content": result.content }));
            }
        }
    }
    match message.speaker {
        Speaker::User if !texts.is_empty() || written.is_empty() => written.push(json!({ "role": "user", "content": content(&texts) })),
        Speaker::User => {}
        Speaker::Assistant => {
            let mut said = json!({ "role": "assistant", "content": if texts.is_empty() { Value::Null } else { content(&texts) } });
            if !calls.is_empty() {
                said["tool_calls"] = Value::Array(calls);
            }
            written.push(said);
        }
    }
    written
}

fn content(texts: &[&str]) -> Value {
    match texts {
        [] => json!(""),
        [text] => json!(text),
        texts => texts.iter().map(|text| json!({ "type": "text", "text": text })).collect(),
    }
}

fn tool(tool: &Tool) -> Value {
    let mut function = json!({ "name": tool.name, "parameters": tool.parameters });
    if let Some(description) = &tool.description {
        function["description"] = json!(description);
    }
    json!({ "type": "function", "function": function })
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({ "type": "function", "function": { "name": name } }),
    }
}

fn form(output: &OutputFormat) -> Option<Value> {
    match output {
        OutputFormat::Text => None,
        OutputFormat::Json => Some(json!({ "type": "json_object" })),
        OutputFormat::Schema { name, schema } => Some(json!({
            "type": "json_schema",
            "json_schema": { "name": name_of(name), "schema": schema, "strict": is_strict(schema) },
        })),
    }
}

/// Names of schemas are letters, digits, `_` and `-`, at most 64.
fn name_of(name: &str) -> String {
    let name: String = name.chars().take(64).map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}

/// Whether a schema is of the kind that can be enforced: every object is closed and all of its properties are required. Others are refused
/// when strictness is asked for.
fn is_strict(schema: &Value) -> bool {
    let Value::Object(fields) = schema else { return true };
    let closed = match fields.get("properties") {
        Some(Value::Object(properties)) => {
            let required: Vec<_> =
                fields.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
            fields.get("additionalProperties") == Some(&Value::Bool(false))
                && properties.keys().all(|name| required.contains(&name.as_str()))
                && properties.values().all(is_strict)
        }
        _ => fields.get("type") != Some(&json!("object")),
    };
    let mut below = fields.iter().filter(|(name, _)| matches!(name.as_str(), "items" | "anyOf" | "$defs" | "definitions"));
    closed
        && below.all(|(_, value)| match value {
            Value::Array(schemas) => schemas.iter().all(is_strict),
            Value::Object(map) if !map.contains_key("type") && !map.contains_key("$ref") => map.values().all(is_strict),
            other => is_strict(other),
        })
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{Dialect, Sampling, ToolCall, ToolResult};

    use super::*;
    use crate::dialect::tests::target;

    fn written(base: &str, request: &ChatRequest, delivery: Delivery) -> Outgoing {
        chat(&Asked { target: &target(Dialect::OpenAi, base), request, max_tokens: 50, delivery })
    }

    #[test]
    fn a_simple_question_is_short() {
        let outgoing = written("http://h:1/v1", &ChatRequest::ask("Be brief.", "hi"), Delivery::Whole);
        assert_eq!(outgoing.path, ["chat", "completions"]);
        assert_eq!(
            outgoing.body,
            json!({
                "model": "m-1", "max_tokens": 50,
                "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "hi" }],
            })
        );
        assert_eq!(written("http://h:1", &ChatRequest::default(), Delivery::Whole).path, ["v1", "chat", "completions"]);
        let official = written("https://api.openai.com/v1", &ChatRequest::default(), Delivery::Streamed).body;
        assert_eq!((&official["max_completion_tokens"], &official["stream_options"]["include_usage"]), (&json!(50), &json!(true)));
    }

    #[test]
    fn tools_go_there_and_back() {
        let call = ToolCall { id: "c1".into(), name: "add".into(), arguments: json!({ "a": 1 }) };
        let result = ToolResult { call_id: "c1".into(), name: "add".into(), content: "2".into(), is_error: false };
        let request = ChatRequest {
            messages: vec![
                Message::text(Speaker::User, "1+1?"),
                Message { speaker: Speaker::Assistant, parts: vec![Part::Call(call)] },
                Message { speaker: Speaker::User, parts: vec![Part::Result(result), Part::Text { text: "so?".into() }] },
            ],
            tools: vec![Tool { name: "add".into(), description: None, parameters: json!({ "type": "object" }) }],
            tool_choice: ToolChoice::Named("add".into()),
            sampling: Sampling { temperature: Some(0.5), stop: vec!["x".into()], seed: Some(7), ..Sampling::default() },
            ..ChatRequest::default()
        };
        let body = written("http://h/v1", &request, Delivery::Whole).body;
        assert_eq!(
            body["messages"],
            json!([
                { "role": "user", "content": "1+1?" },
                { "role": "assistant", "content": null,
                  "tool_calls": [{ "id": "c1", "type": "function", "function": { "name": "add", "arguments": "{\"a\":1}" } }] },
                { "role": "tool", "tool_call_id": "c1", "content": "2" },
                { "role": "user", "content": "so?" },
            ])
        );
        assert_eq!(body["tools"], json!([{ "type": "function", "function": { "name": "add", "parameters": { "type": "object" } } }]));
        assert_eq!(body["tool_choice"], json!({ "type": "function", "function": { "name": "add" } }));
        assert_eq!((&body["temperature"], &body["stop"], &body["seed"]), (&json!(0.5), &json!(["x"]), &json!(7)));
    }

    #[test]
    fn a_schema_is_strict_where_it_can_be() {
        let strict =
            json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"], "additionalProperties": false });
        let open = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let nested = json!({ "type": "array", "items": open });
        for (schema, is_strict) in [(&strict, true), (&open, false), (&nested, false), (&json!({ "type": "string" }), true)] {
            let output = OutputFormat::Schema { name: "my answer".into(), schema: schema.clone() };
            let body = written("http://h/v1", &ChatRequest { output, ..ChatRequest::default() }, Delivery::Whole).body;
            assert_eq!(body["response_format"]["json_schema"], json!({ "name": "my_answer", "schema": schema, "strict": is_strict }));
        }
    }
}
