//! What is asked of a model.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The one who asks; results of tools come under this name too.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Text.
    Text {
        /// The text itself.
        text: String,
    },
    /// The model asks for a tool.
    Call(ToolCall),
    /// What a tool answered.
    Result(ToolResult),
}

/// A tool that the model wants used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Ties the result to the call. Made up by the gateway for dialects without ids.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// Its arguments: a JSON object, or the text itself where the model wrote none.
    pub arguments: Value,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The call that this answers.
    pub call_id: String,
    /// Name of the tool.
    pub name: String,
    /// Its answer, as text.
    pub content: String,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// A tool that the model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does, for the model.
    pub description: Option<String>,
    /// JSON schema of its arguments: an object schema.
    pub parameters: Value,
}

/// Whether the model may, must or must not ask for tools.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// As it sees fit.
    #[default]
    Auto,
    /// Not at all.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
}

/// What the answer must look like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputFormat {
    /// Text.
    #[default]
    Text,
    /// Any JSON object.
    Json,
    /// JSON that satisfies a schema; validated, and asked for once more when it does not.
    Schema {
        /// What the schema is called, for providers that want a name.
        name: String,
        /// The JSON schema.
        schema: Value,
    },
}

/// How the answer is drawn. What is `None` is left to the provider.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 to 2.
    pub temperature: Option<f64>,
    /// 0 to 1.
    pub top_p: Option<f64>,
    /// The most tokens of the answer. The gateway sets one when none is asked for, so that the cost has an upper bound.
    pub max_tokens: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// For providers that can repeat an answer.
    pub seed: Option<i64>,
}

/// A question to a model, in no provider's dialect.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChatRequest {
    /// What the model is told about itself.
    pub system: Option<String>,
    /// The conversation so far, the last turn is the user's.
    pub messages: Vec<Message>,
    /// Tools that it may ask for.
    pub tools: Vec<Tool>,
    /// Whether it may.
    pub tool_choice: ToolChoice,
    /// What the answer must look like.
    pub output: OutputFormat,
    /// How it is drawn.
    pub sampling: Sampling,
}

impl Message {
    /// A turn of text.
    pub fn text(speaker: Speaker, text: impl Into<String>) -> Self {
        Self { speaker, parts: vec![Part::Text { text: text.into() }] }
    }
}

impl ChatRequest {
    /// A request of one system text and one question.
    pub fn ask(system: impl Into<String>, question: impl Into<String>) -> Self {
        Self { system: Some(system.into()), messages: vec![Message::text(Speaker::User, question)], ..Self::default() }
    }
}
