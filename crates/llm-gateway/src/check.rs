//! Whether a request keeps the rules, before anything is reserved for it.

use commandcenter_domain::llm::{ChatRequest, EmbeddingRequest, Sampling, Tool, ToolChoice};
use commandcenter_domain::shared::{FieldError, Invalid};
use serde_json::Value;

/// The longest name of a tool.
const LONGEST_NAME: usize = 64;

/// Judges a chat request.
///
/// # Errors
/// [`Invalid`] with every broken rule.
pub(crate) fn chat(request: &ChatRequest) -> Result<(), Invalid> {
    let mut broken = Vec::new();
    if request.messages.is_empty() {
        broken.push(FieldError::new("messages", "required", "must hold at least one turn"));
    }
    sampling(&request.sampling, &mut broken);
    for (at, tool) in request.tools.iter().enumerate() {
        let is_repeated = request.tools.iter().take(at).any(|before| before.name == tool.name);
        check_tool(&format!("tools.{at}"), tool, is_repeated, &mut broken);
    }
    tool_choice(request, &mut broken);
    if broken.is_empty() { Ok(()) } else { Err(Invalid(broken)) }
}

/// Judges texts to embed.
///
/// # Errors
/// [`Invalid`] with every broken rule.
pub(crate) fn embedding(request: &EmbeddingRequest) -> Result<(), Invalid> {
    if request.texts.is_empty() || request.texts.iter().any(String::is_empty) {
        return Err(Invalid::one("input", "required", "must hold at least one text, and none of them empty"));
    }
    if request.dimensions == Some(0) {
        return Err(Invalid::one("dimensions", "out_of_range", "must be at least 1"));
    }
    Ok(())
}

fn sampling(sampling: &Sampling, broken: &mut Vec<FieldError>) {
    let mut within = |field, value: Option<f64>, most: f64| {
        if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
            broken.push(FieldError::new(field, "out_of_range", format!("must be from 0 to {most}")));
        }
    };
    within("temperature", sampling.temperature, 2.0);
    within("top_p", sampling.top_p, 1.0);
    if sampling.max_tokens == Some(0) {
        broken.push(FieldError::new("max_tokens", "out_of_range", "must be at least 1"));
    }
}

fn check_tool(field: &str, tool: &Tool, is_repeated: bool, broken: &mut Vec<FieldError>) {
    let is_name =
        (1..=LONGEST_NAME).contains(&tool.name.len()) && tool.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if !is_name {
        let rule = format!("must be letters, digits, `_` and `-`, at most {LONGEST_NAME}");
        broken.push(FieldError::new(format!("{field}.name"), "invalid", rule));
    }
    if is_repeated {
        broken.push(FieldError::new(format!("{field}.name"), "duplicate", "must differ from the tools before it"));
    }
    if let Err(rule) = parameters(&tool.parameters) {
        broken.push(FieldError::new(format!("{field}.parameters"), "invalid_schema", rule));
    }
}

/// Parameters are the schema of an object.
fn parameters(schema: &Value) -> Result<(), String> {
    let Value::Object(fields) = schema else { return Err("must be a JSON schema of an object".to_owned()) };
    if fields.get("type").is_some_and(|kind| kind != "object") {
        return Err("must be of type `object`".to_owned());
    }
    jsonschema::meta::validate(schema).map_err(|err| match err.instance_path().to_string() {
        path if path.is_empty() => format!("is no JSON schema: {}", err.masked()),
        path => format!("is no JSON schema at {path}: {}", err.masked()),
    })
}

fn tool_choice(request: &ChatRequest, broken: &mut Vec<FieldError>) {
    let is_met = match &request.tool_choice {
        ToolChoice::Auto | ToolChoice::None => true,
        ToolChoice::Required => !request.tools.is_empty(),
        ToolChoice::Named(name) => request.tools.iter().any(|tool| tool.name == *name),
    };
    if !is_met {
        broken.push(FieldError::new("tool_choice", "unknown_tool", "must name a tool that is given"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(request: &ChatRequest) -> Vec<String> {
        chat(request).err().map_or_else(Vec::new, |invalid| invalid.0.into_iter().map(|error| error.field).collect())
    }

    fn tool(name: &str, parameters: Value) -> Tool {
        Tool { name: name.into(), description: None, parameters }
    }

    #[test]
    fn every_broken_rule_is_told_by_its_field() {
        let sampling = Sampling { temperature: Some(2.1), top_p: Some(-0.1), max_tokens: Some(0), ..Sampling::default() };
        let request = ChatRequest { sampling, tool_choice: ToolChoice::Required, ..ChatRequest::default() };
        assert_eq!(fields(&request), ["messages", "temperature", "top_p", "max_tokens", "tool_choice"]);
        assert!(fields(&ChatRequest::ask("a", "b")).is_empty());
    }

    #[test]
    fn tools_are_schemas_of_objects_with_names_of_their_own() {
        let good = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
        let request = ChatRequest {
            tools: vec![
                tool("fine", good.clone()),
                tool("fine", good.clone()),
                tool("not fine", good),
                tool("a", json!("x")),
                tool("b", json!({ "type": "string" })),
                tool("c", json!({ "type": "object", "properties": { "a": { "type": "strin" } } })),
                tool("d", json!({})),
            ],
            tool_choice: ToolChoice::Named("fine".into()),
            ..ChatRequest::ask("a", "b")
        };
        assert_eq!(fields(&request), ["tools.1.name", "tools.2.name", "tools.3.parameters", "tools.4.parameters", "tools.5.parameters"]);
    }

    #[test]
    fn texts_to_embed_are_there() {
        let request = |texts: &[&str], dimensions| EmbeddingRequest { texts: texts.iter().map(|&text| text.into()).collect(), dimensions };
        assert!(embedding(&request(&["a"], Some(1))).is_ok());
        for bad in [request(&[], None), request(&["a", ""], None), request(&["a"], Some(0))] {
            assert!(embedding(&bad).is_err());
        }
    }
}
