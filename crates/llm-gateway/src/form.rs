//! The form of an answer: whether what came has it.

use commandcenter_domain::llm::{ChatAnswer, ChatRequest, Message, OutputFormat, Part, Speaker, StopReason};
use commandcenter_domain::shared::Invalid;
use jsonschema::Validator;
use serde_json::Value;

use crate::tokens::arguments;

/// The most complaints that are listed.
const COMPLAINTS: usize = 5;

/// What an answer must look like.
pub(crate) enum Form {
    /// Anything.
    Free,
    /// A JSON object.
    Object,
    /// What the schema says.
    Schema(Box<Validator>),
}

impl Form {
    /// The form that a request asks for.
    ///
    /// # Errors
    /// [`Invalid`] when its schema is none.
    pub(crate) fn of(output: &OutputFormat) -> Result<Self, Invalid> {
        match output {
            OutputFormat::Text => Ok(Self::Free),
            OutputFormat::Json => Ok(Self::Object),
            OutputFormat::Schema { schema, .. } => match jsonschema::validator_for(schema) {
                Ok(validator) => Ok(Self::Schema(Box::new(validator))),
                Err(err) => Err(Invalid::one("output.schema", "invalid_schema", format!("is no JSON schema: {}", err.masked()))),
            },
        }
    }

    /// Whether there is anything to check.
    pub(crate) const fn is_free(&self) -> bool {
        matches!(self, Self::Free)
    }

    /// The JSON text within an answer's text.
    ///
    /// # Errors
    /// What is wrong with it, without its content.
    pub(crate) fn check<'a>(&self, text: &'a str) -> Result<&'a str, String> {
        let bare = bare(text);
        let value = || serde_json::from_str::<Value>(bare).map_err(|err| format!("it is no JSON: {err}"));
        match self {
            Self::Free => Ok(text),
            Self::Object if value()?.is_object() => Ok(bare),
            Self::Object => Err("it is no JSON object".to_owned()),
            Self::Schema(validator) => {
                let value = value()?;
                let complaints: Vec<_> = validator.iter_errors(&value).take(COMPLAINTS).map(|err| complaint(&err)).collect();
                if complaints.is_empty() { Ok(bare) } else { Err(complaints.join("; ")) }
            }
        }
    }

    /// The answer with nothing but its JSON; one that asks for tools, or was withheld, has no form yet.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn apply(&self, answer: ChatAnswer) -> Result<ChatAnswer, (ChatAnswer, String)> {
        if self.is_free() || matches!(answer.stop, StopReason::ToolCalls | StopReason::Filtered) {
            return Ok(answer);
        }
        let text = answer.text();
        match self.check(&text) {
            Ok(bare) => Ok(ChatAnswer { parts: vec![Part::Text { text: bare.to_owned() }], ..answer }),
            Err(complaint) => Err((answer, complaint)),
        }
    }
}

/// Whether a call of a tool is the answer itself: where a form was asked for and no tools were given, the only tool is that of the form.
pub(crate) fn is_call_the_answer(request: &ChatRequest) -> bool {
    request.tools.is_empty() && matches!(request.output, OutputFormat::Schema { .. })
}

/// An answer whose call is the answer itself, as the text that it stands for.
pub(crate) fn unwrapped(answer: ChatAnswer) -> ChatAnswer {
    let call = answer.parts.iter().find_map(|part| match part {
        Part::Call(call) => Some(arguments(&call.arguments)),
        Part::Text { .. } | Part::Result(_) => None,
    });
    match call {
        Some(text) => ChatAnswer { parts: vec![Part::Text { text }], stop: unwrapped_stop(answer.stop), ..answer },
        None => answer,
    }
}

/// Why it stopped, when its call is the answer itself.
pub(crate) const fn unwrapped_stop(stop: StopReason) -> StopReason {
    match stop {
        StopReason::ToolCalls => StopReason::End,
        StopReason::End | StopReason::MaxTokens | StopReason::Filtered => stop,
    }
}

/// The request once more, with the answer that does not do and why.
pub(crate) fn asked_again(request: &ChatRequest, answer: &ChatAnswer, complaint: &str) -> ChatRequest {
    let mut again = request.clone();
    let said = answer.text();
    let said = if said.is_empty() { "(nothing)".to_owned() } else { said };
    again.messages.push(Message::text(Speaker::Assistant, said));
    let ask = format!("That answer cannot be used: {complaint}. Answer again, with the corrected JSON and nothing else.");
    again.messages.push(Message::text(Speaker::User, ask));
    again
}

fn complaint(err: &jsonschema::ValidationError<'_>) -> String {
    match err.instance_path().to_string() {
        path if path.is_empty() => err.masked().to_string(),
        path => format!("{path}: {}", err.masked()),
    }
}

/// A text without the code fence that models like to put around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let Some(within) = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else { return text };
    within.strip_prefix("json").or_else(|| within.strip_prefix("JSON")).unwrap_or(within).trim()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Form {
        let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"] });
        Form::of(&OutputFormat::Schema { name: "a".into(), schema }).unwrap()
    }

    #[test]
    fn json_is_found_within_a_fence() {
        for text in ["{\"n\":1}", " {\"n\":1}\n", "```json\n{\"n\":1}\n```", "```\n{\"n\":1}```"] {
            assert_eq!(schema().check(text), Ok("{\"n\":1}"), "{text}");
            assert_eq!(Form::Object.check(text), Ok("{\"n\":1}"), "{text}");
        }
        assert_eq!(Form::Free.check(" x "), Ok(" x "));
    }

    #[test]
    fn what_does_not_do_is_told_without_its_content() {
        assert!(schema().check("so: {}").unwrap_err().contains("no JSON"));
        assert!(schema().check("{}").unwrap_err().contains("required"));
        let complaint = schema().check(r#"{"n":"secret"}"#).unwrap_err();
        assert!(complaint.starts_with("/n: ") && !complaint.contains("secret"), "{complaint}");
        assert!(Form::Object.check("[1]").is_err());
    }

    #[test]
    fn a_schema_that_is_none_is_a_fault_of_the_request() {
        let output = OutputFormat::Schema { name: "a".into(), schema: json!({ "type": "what" }) };
        assert_eq!(Form::of(&output).err().unwrap().0[0].field, "output.schema");
    }
}
