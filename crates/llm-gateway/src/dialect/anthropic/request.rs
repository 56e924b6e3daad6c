//! Questions for Messages.

use commandcenter_domain::llm::{ChatRequest, Message, OutputFormat, Part, Speaker, Tool, ToolChoice};
use serde_json::{Map, Value, json};

use crate::dialect::instruct::system_with_form;
use crate::dialect::piece::object_of;
use crate::dialect::{Asked, Delivery, KeyHeader, Outgoing, versioned};

/// The tool that the model must ask for to give an answer of a form.
const FORM: &str = "answer";

pub(super) fn chat(asked: &Asked<'_>) -> Outgoing {
    Outgoing {
        path: versioned(asked.target, "v1", &["messages"]),
        query: None,
        key: KeyHeader::Named("x-api-key"),
        headers: &[("anthropic-version", "2023-06-01")],
        body: Value::Object(body(asked)),
    }
}

fn body(asked: &Asked<'_>) -> Map<String, Value> {
    let Asked { target, request, max_tokens, delivery } = *asked;
    let mut body = Map::new();
    body.insert("model".into(), json!(target.model));
    body.insert("max_tokens".into(), json!(max_tokens));
    let form = form_as_tool(request);
    let system = if form.is_some() { request.system.clone() } else { system_with_form(request) };
    if let Some(system) = system.filter(|system| !system.is_empty()) {
        body.insert("system".into(), json!(system));
    }
    body.insert("messages".into(), request.messages.iter().map(turn).collect());
    let sampling = &request.sampling;
    if let Some(temperature) = sampling.temperature {
        // The scale ends at 1 here.
        body.insert("temperature".into(), json!(temperature.min(1.0)));
    }
    if let Some(top_p) = sampling.top_p {
        body.insert("top_p".into(), json!(top_p));
    }
    if !sampling.stop.is_empty() {
        body.insert("stop_sequences".into(), json!(sampling.stop));
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        body.insert("tool_choice".into(), choice(&request.tool_choice));
    }
    if let Some(form) = form {
        body.insert("tools".into(), json!([form]));
        body.insert("tool_choice".into(), json!({ "type": "tool", "name": FORM }));
    }
    if delivery == Delivery::Streamed {
        body.insert("stream".into(), json!(true));
    }
    body
}

/// A schema as the one tool that the model must ask for: it keeps to that better than to words. With tools of the caller's own, or a schema
/// that is not of an object, words must do.
fn form_as_tool(request: &ChatRequest) -> Option<Value> {
    match &request.output {
        OutputFormat::Schema { schema, .. } if request.tools.is_empty() && schema["type"] == "object" => {
            Some(json!({ "name": FORM, "description": "Gives the answer. Must be used.", "input_schema": schema }))
        }
        OutputFormat::Schema { .. } | OutputFormat::Json | OutputFormat::Text => None,
    }
}

fn turn(message: &Message) -> Value {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    // Results must stand first in their turn.
    let (results, others): (Vec<_>, Vec<_>) = message.parts.iter().partition(|part| matches!(part, Part::Result(_)));
    let blocks: Vec<_> = results.into_iter().chain(others).filter_map(block).collect();
    let content = match (message.parts.as_slice(), blocks.is_empty()) {
        ([Part::Text { text }], _) => json!(text),
        (_, true) => json!(""),
        (_, false) => Value::Array(blocks),
    };
    json!({ "role": role, "content": content })
}

/// A block; texts of nothing are refused by the provider and left out.
fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text { text } => (!text.is_empty()).then(|| json!({ "type": "text", "text": text })),
        Part::Call(call) => Some(json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": object_of(&call.arguments) })),
        Part::Result(result) => {
            let mut block = json!({ "type": "tool_result", "tool_use_id": result.call_id, "content": result.content });
            if result.is_error {
                block["is_error"] = json!(true);
            }
            Some(block)
        }
    }
}

fn tool(tool: &Tool) -> Value {
    let mut written = json!({ "name": tool.name, "input_schema": tool.parameters });
    if let Some(description) = &tool.description {
        written["description"] = json!(description);
    }
    written
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({ "type": "auto" }),
        ToolChoice::None => json!({ "type": "none" }),
        ToolChoice::Required => json!({ "type": "any" }),
        ToolChoice::Named(name) => json!({ "type": "tool", "name": name }),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{Dialect, Sampling, ToolCall, ToolResult};

    use super::*;
    use crate::dialect::tests::target;

    fn written(request: &ChatRequest, delivery: Delivery) -> Outgoing {
        chat(&Asked { target: &target(Dialect::Anthropic, "https://h"), request, max_tokens: 50, delivery })
    }

    #[test]
    fn a_simple_question_is_short() {
        let sampling = Sampling { temperature: Some(1.5), stop: vec!["x".into()], seed: Some(3), ..Sampling::default() };
        let outgoing = written(&ChatRequest { sampling, ..ChatRequest::ask("Be brief.", "hi") }, Delivery::Streamed);
        assert_eq!(outgoing.path, ["v1", "messages"]);
        assert_eq!(
            outgoing.body,
            json!({
                "model": "m-1", "max_tokens": 50, "system": "Be brief.", "messages": [{ "role": "user", "content": "hi" }],
                "temperature": 1.0, "stop_sequences": ["x"], "stream": true,
            })
        );
    }

    #[test]
    fn tools_go_there_and_back() {
        let call = ToolCall { id: "c1".into(), name: "add".into(), arguments: json!("{\"a\":") };
        let result = ToolResult { call_id: "c1".into(), name: "add".into(), content: "no".into(), is_error: true };
        let request = ChatRequest {
            messages: vec![
                Message { speaker: Speaker::Assistant, parts: vec![Part::Text { text: String::new() }, Part::Call(call)] },
                Message { speaker: Speaker::User, parts: vec![Part::Text { text: "so?".into() }, Part::Result(result)] },
            ],
            tools: vec![Tool { name: "add".into(), description: Some("adds".into()), parameters: json!({ "type": "object" }) }],
            tool_choice: ToolChoice::Required,
            ..ChatRequest::default()
        };
        let body = written(&request, Delivery::Whole).body;
        assert_eq!(
            body["messages"],
            json!([
                { "role": "assistant", "content": [{ "type": "tool_use", "id": "c1", "name": "add", "input": { "raw": "{\"a\":" } }] },
                { "role": "user", "content": [
                    { "type": "tool_result", "tool_use_id": "c1", "content": "no", "is_error": true },
                    { "type": "text", "text": "so?" },
                ] },
            ])
        );
        assert_eq!(body["tools"], json!([{ "name": "add", "description": "adds", "input_schema": { "type": "object" } }]));
        assert_eq!(body["tool_choice"], json!({ "type": "any" }));
    }

    #[test]
    fn a_schema_is_a_tool_or_put_into_words() {
        let with = |schema: &Value| {
            let output = OutputFormat::Schema { name: "a".into(), schema: schema.clone() };
            written(&ChatRequest { output, ..ChatRequest::default() }, Delivery::Whole).body
        };
        let object = json!({ "type": "object", "properties": {} });
        let body = with(&object);
        assert_eq!((&body["tools"][0]["input_schema"], body.get("system")), (&object, None));
        assert_eq!(body["tool_choice"], json!({ "type": "tool", "name": "answer" }));
        let body = with(&json!({ "type": "array" }));
        assert!(body.get("tools").is_none() && body["system"].as_str().unwrap().ends_with("{\"type\":\"array\"}"));
    }
}
