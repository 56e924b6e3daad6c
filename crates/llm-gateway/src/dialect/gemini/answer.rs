//! Answers of `generateContent`, whole and in chunks: both have one form.

use commandcenter_domain::llm::{Part, StopReason, ToolCall};
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::piece::{made_up_id, stopped};
use crate::dialect::{ReadError, Reported, WholeAnswer};

/// An answer, or a chunk of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<UsageFields>,
    model_version: Option<String>,
    error: Option<ErrorFields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    parts: Option<Vec<Piece>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    function_call: Option<CallFields>,
}

#[derive(Deserialize)]
struct CallFields {
    id: Option<String>,
    name: String,
    #[serde(default)]
    args: Value,
}

/// Tokens as this dialect counts them: thinking is not among the candidates.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageFields {
    prompt_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
}

#[derive(Deserialize)]
struct ErrorFields {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

/// What an answer or a chunk holds.
pub(super) struct Taken {
    pub(super) model: Option<String>,
    pub(super) parts: Vec<Part>,
    pub(super) stop: Option<StopReason>,
    pub(super) reported: Option<Reported>,
}

pub(super) fn read(body: &[u8]) -> Result<WholeAnswer, ReadError> {
    let taken = take(serde_json::from_slice(body).map_err(ReadError::malformed)?)?;
    let has_calls = taken.parts.iter().any(|part| matches!(part, Part::Call(_)));
    Ok(WholeAnswer {
        model: taken.model,
        parts: joined(taken.parts),
        stop: stopped(taken.stop.unwrap_or(StopReason::End), has_calls),
        reported: Reported { is_final: true, ..taken.reported.unwrap_or_default() },
    })
}

/// Takes an answer or a chunk apart.
pub(super) fn take(content: Content) -> Result<Taken, ReadError> {
    if let Some(error) = &content.error {
        return Err(ReadError::told(error.code == 429, error.message.clone()));
    }
    let blocked = content.prompt_feedback.and_then(|feedback| feedback.block_reason).is_some();
    if content.candidates.is_none() && !blocked && content.usage_metadata.is_none() {
        return Err(ReadError::malformed("an answer without `candidates`"));
    }
    let candidate = content.candidates.into_iter().flatten().next();
    let (said, reason) = candidate.map_or((None, None), |candidate| (candidate.content, candidate.finish_reason));
    let stop = match reason.as_deref() {
        Some(reason) => Some(stop_reason(reason)?),
        None => blocked.then_some(StopReason::Filtered),
    };
    Ok(Taken {
        model: content.model_version.filter(|model| !model.is_empty()),
        parts: said.and_then(|said| said.parts).into_iter().flatten().filter_map(part).collect(),
        stop,
        reported: content.usage_metadata.map(|usage| usage.reported()),
    })
}

fn part(piece: Piece) -> Option<Part> {
    match piece.function_call {
        Some(call) => {
            let arguments = if call.args.is_null() { serde_json::json!({}) } else { call.args };
            let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(made_up_id);
            Some(Part::Call(ToolCall { id, name: call.name, arguments }))
        }
        None => piece.text.filter(|text| !text.is_empty() && !piece.thought).map(|text| Part::Text { text }),
    }
}

/// Texts that follow one another are one text.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut all: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (all.last_mut(), part) {
            (Some(Part::Text { text: before }), Part::Text { text }) => before.push_str(&text),
            (_, part) => all.push(part),
        }
    }
    all
}

impl UsageFields {
    fn reported(&self) -> Reported {
        let input = self.prompt_token_count.map(|prompt| prompt + self.tool_use_prompt_token_count.unwrap_or(0));
        let output = match (self.candidates_token_count, self.thoughts_token_count) {
            (None, None) => None,
            (answered, thought) => Some(answered.unwrap_or(0) + thought.unwrap_or(0)),
        };
        Reported { input, cached: self.cached_content_token_count, output, is_final: false }
    }
}

/// Why it stopped, in the neutral words. A call that the provider itself could not read is no answer.
fn stop_reason(text: &str) -> Result<StopReason, ReadError> {
    match text {
        "MAX_TOKENS" => Ok(StopReason::MaxTokens),
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY" | "LANGUAGE" => Ok(StopReason::Filtered),
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" => Err(ReadError::malformed("the model wrote a tool call that cannot be read")),
        _ => Ok(StopReason::End),
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::FailureKind;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_has_text_calls_and_figures() {
        let body = json!({
            "candidates": [{ "content": { "role": "model", "parts": [
                { "text": "hm", "thought": true }, { "text": "a" }, { "text": "b" }, { "functionCall": { "name": "now" } },
            ] }, "finishReason": "STOP" }],
            "usageMetadata": { "promptTokenCount": 8, "cachedContentTokenCount": 2, "candidatesTokenCount": 3, "thoughtsTokenCount": 4 },
            "modelVersion": "m-1-001",
        });
        let answer = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(answer.parts[0], Part::Text { text: "ab".into() });
        assert!(matches!(&answer.parts[1], Part::Call(call) if call.name == "now" && call.arguments == json!({}) && !call.id.is_empty()));
        assert_eq!((answer.stop, answer.model.as_deref()), (StopReason::ToolCalls, Some("m-1-001")));
        assert_eq!(answer.reported, Reported { input: Some(8), cached: Some(2), output: Some(7), is_final: true });
    }

    #[test]
    fn a_blocked_question_is_filtered_and_what_is_no_answer_is_told() {
        let blocked = read(br#"{"promptFeedback":{"blockReason":"SAFETY"}}"#).unwrap();
        assert_eq!((blocked.parts.len(), blocked.stop), (0, StopReason::Filtered));
        let kind = |body: &str| read(body.as_bytes()).unwrap_err().kind;
        assert_eq!(kind("{}"), FailureKind::Malformed);
        assert_eq!(kind(r#"{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#), FailureKind::Malformed);
        assert_eq!(kind(r#"{"error":{"code":503,"message":"busy"}}"#), FailureKind::Upstream);
        assert_eq!(kind(r#"{"error":{"code":429,"message":"busy"}}"#), FailureKind::Throttled);
    }
}
