//! Questions for `generateContent`.

use commandcenter_domain::llm::{ChatRequest, Message, OutputFormat, Part, Speaker, Target, Tool, ToolChoice};
use serde_json::{Map, Value, json};

use super::schema::is_simple;
use crate::dialect::instruct::system_with_form;
use crate::dialect::piece::object_of;
use crate::dialect::{Asked, Delivery, KeyHeader, Outgoing, versioned};

pub(super) fn chat(asked: &Asked<'_>) -> Outgoing {
    let (verb, query) = match asked.delivery {
        Delivery::Whole => ("generateContent", None),
        Delivery::Streamed => ("streamGenerateContent", Some("alt=sse")),
    };
    Outgoing { query, ..outgoing(asked.target, verb, Value::Object(body(asked))) }
}

/// A request to a verb of the model.
pub(super) fn outgoing(target: &Target, verb: &str, body: Value) -> Outgoing {
    let path = versioned(target, "v1beta", &["models", &format!("{}:{verb}", bare(&target.model))]);
    Outgoing { path, query: None, key: KeyHeader::Named("x-goog-api-key"), headers: &[], body }
}

/// A model's name without the folder that lists show it in.
pub(super) fn bare(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

fn body(asked: &Asked<'_>) -> Map<String, Value> {
    let request = asked.request;
    let mut body = Map::new();
    // The provider refuses tools and a form of the answer together.
    let is_form_in_words = !request.tools.is_empty();
    let system = if is_form_in_words { system_with_form(request) } else { request.system.clone() };
    if let Some(system) = system.filter(|system| !system.is_empty()) {
        body.insert("systemInstruction".into(), json!({ "parts": [{ "text": system }] }));
    }
    let marks_calls = bare(&asked.target.model).starts_with("gemini-3");
    body.insert("contents".into(), request.messages.iter().map(|message| turn(message, marks_calls)).collect());
    let mut config = sampling(asked);
    if !is_form_in_words {
        form(&request.output, &mut config);
    }
    body.insert("generationConfig".into(), Value::Object(config));
    if !request.tools.is_empty() {
        let tools: Vec<_> = request.tools.iter().map(tool).collect();
        body.insert("tools".into(), json!([{ "functionDeclarations": tools }]));
        body.insert("toolConfig".into(), json!({ "functionCallingConfig": choice(request) }));
    }
    body
}

fn sampling(asked: &Asked<'_>) -> Map<String, Value> {
    let sampling = &asked.request.sampling;
    let mut config = Map::new();
    config.insert("maxOutputTokens".into(), json!(asked.max_tokens));
    let fields = [
        ("temperature", sampling.temperature.map(Value::from)),
        ("topP", sampling.top_p.map(Value::from)),
        ("seed", sampling.seed.map(Value::from)),
        ("stopSequences", (!sampling.stop.is_empty()).then(|| json!(sampling.stop))),
    ];
    config.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    config
}

fn form(output: &OutputFormat, config: &mut Map<String, Value>) {
    match output {
        OutputFormat::Text => return,
        OutputFormat::Json => {}
        OutputFormat::Schema { schema, .. } => {
            let field = if is_simple(schema) { "responseSchema" } else { "responseJsonSchema" };
            config.insert(field.into(), schema.clone());
        }
    }
    config.insert("responseMimeType".into(), json!("application/json"));
}

fn turn(message: &Message, marks_calls: bool) -> Value {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "model",
    };
    let parts: Vec<_> = message.parts.iter().map(|part| written(part, marks_calls)).collect();
    json!({ "role": role, "parts": parts })
}

fn written(part: &Part, marks_calls: bool) -> Value {
    match part {
        Part::Text { text } => json!({ "text": text }),
        Part::Call(call) => {
            let mut written = json!({ "functionCall": { "name": call.name, "args": object_of(&call.arguments) } });
            if marks_calls {
                // These models refuse calls without the mark that they put on their own; this is the documented word for one from elsewhere.
                written["thoughtSignature"] = json!("skip_thought_signature_validator");
            }
            written
        }
        Part::Result(result) => {
            let field = if result.is_error { "error" } else { "result" };
            json!({ "functionResponse": { "name": result.name, "response": { field: result.content } } })
        }
    }
}

fn tool(tool: &Tool) -> Value {
    let mut written = json!({ "name": tool.name });
    if let Some(description) = &tool.description {
        written["description"] = json!(description);
    }
    // An object without properties is refused where parameters are given; it means none.
    let is_empty = tool.parameters.get("properties").and_then(Value::as_object).is_none_or(Map::is_empty);
    if !is_empty {
        let field = if is_simple(&tool.parameters) { "parameters" } else { "parametersJsonSchema" };
        written[field] = tool.parameters.clone();
    }
    written
}

fn choice(request: &ChatRequest) -> Value {
    match &request.tool_choice {
        ToolChoice::Auto => json!({ "mode": "AUTO" }),
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required => json!({ "mode": "ANY" }),
        ToolChoice::Named(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::{Dialect, Sampling, ToolCall, ToolResult};

    use super::*;
    use crate::dialect::tests::target;

    fn written(request: &ChatRequest, delivery: Delivery) -> Outgoing {
        chat(&Asked { target: &target(Dialect::Gemini, "https://h"), request, max_tokens: 50, delivery })
    }

    #[test]
    fn a_simple_question_is_short() {
        let sampling = Sampling { temperature: Some(0.5), stop: vec!["x".into()], seed: Some(3), ..Sampling::default() };
        let outgoing = written(&ChatRequest { sampling, ..ChatRequest::ask("Be brief.", "hi") }, Delivery::Streamed);
        assert_eq!(outgoing.path, ["v1beta", "models", "m-1:streamGenerateContent"]);
        assert_eq!(outgoing.query, Some("alt=sse"));
        assert_eq!(
            outgoing.body,
            json!({
                "systemInstruction": { "parts": [{ "text": "Be brief." }] },
                "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }],
                "generationConfig": { "maxOutputTokens": 50, "temperature": 0.5, "seed": 3, "stopSequences": ["x"] },
            })
        );
    }

    #[test]
    fn tools_go_there_and_back() {
        let call = ToolCall { id: "c1".into(), name: "add".into(), arguments: json!({ "a": 1 }) };
        let result = ToolResult { call_id: "c1".into(), name: "add".into(), content: "2".into(), is_error: false };
        let simple = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
        let closed = json!({ "type": "object", "properties": { "a": { "type": "integer" } }, "additionalProperties": false });
        let tool = |name: &str, parameters: &Value| Tool { name: name.into(), description: None, parameters: parameters.clone() };
        let request = ChatRequest {
            messages: vec![
                Message { speaker: Speaker::Assistant, parts: vec![Part::Call(call)] },
                Message { speaker: Speaker::User, parts: vec![Part::Result(result)] },
            ],
            tools: vec![tool("add", &simple), tool("sub", &closed), tool("now", &json!({ "type": "object" }))],
            tool_choice: ToolChoice::Named("add".into()),
            output: OutputFormat::Json,
            ..ChatRequest::default()
        };
        let body = written(&request, Delivery::Whole).body;
        assert_eq!(
            body["contents"],
            json!([
                { "role": "model", "parts": [{ "functionCall": { "name": "add", "args": { "a": 1 } } }] },
                { "role": "user", "parts": [{ "functionResponse": { "name": "add", "response": { "result": "2" } } }] },
            ])
        );
        let declared = &body["tools"][0]["functionDeclarations"];
        assert_eq!((&declared[0]["parameters"], &declared[1]["parametersJsonSchema"]), (&simple, &closed));
        assert_eq!(declared[2], json!({ "name": "now" }));
        assert_eq!(body["toolConfig"]["functionCallingConfig"], json!({ "mode": "ANY", "allowedFunctionNames": ["add"] }));
        assert_eq!(body["generationConfig"].get("responseMimeType"), None);
        assert!(body["systemInstruction"]["parts"][0]["text"].as_str().unwrap().contains("JSON object"));
    }

    #[test]
    fn a_schema_is_asked_for_in_the_providers_own_field() {
        let output = OutputFormat::Schema { name: "a".into(), schema: json!({ "type": "object" }) };
        let config = written(&ChatRequest { output, ..ChatRequest::default() }, Delivery::Whole).body["generationConfig"].clone();
        assert_eq!(config["responseSchema"], json!({ "type": "object" }));
        assert_eq!(config["responseMimeType"], "application/json");
    }
}
