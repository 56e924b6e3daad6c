//! What clients of other services send, for the document. It is read by `compat`, which also takes what is not listed here.
#![expect(dead_code, reason = "these shapes are shown and not read")]

use serde_json::Value;
use utoipa::ToSchema;

/// A question in the dialect of Chat Completions.
#[derive(ToSchema)]
#[schema(example = json!({"model": "role:answer", "messages": [{"role": "user", "content": "Why is the sky blue?"}], "max_tokens": 200, "stream": true}))]
pub(super) struct ChatCompletionBody {
    /// `<provider>/<model>`, a model's bare name, or `role:<name>`.
    model: String,
    /// The conversation: `system`, `user`, `assistant` and `tool`.
    #[schema(value_type = Vec<Object>)]
    messages: Vec<Value>,
    /// The most tokens of the answer; also `max_completion_tokens`. What is left out is reserved by the model's own bound.
    max_tokens: Option<u64>,
    /// 0 to 2.
    temperature: Option<f64>,
    /// 0 to 1.
    top_p: Option<f64>,
    /// A text, or several, that end the answer.
    #[schema(value_type = Option<Object>)]
    stop: Option<Value>,
    /// For providers that can repeat an answer.
    seed: Option<i64>,
    /// Tools that the model may ask for.
    #[schema(value_type = Option<Vec<Object>>)]
    tools: Option<Vec<Value>>,
    /// `auto`, `none`, `required`, or one tool.
    #[schema(value_type = Option<Object>)]
    tool_choice: Option<Value>,
    /// `text`, `json_object` or `json_schema`.
    #[schema(value_type = Option<Object>)]
    response_format: Option<Value>,
    /// Whether the answer comes as server-sent events.
    stream: Option<bool>,
    /// `include_usage`: whether a stream ends with what it took.
    #[schema(value_type = Option<Object>)]
    stream_options: Option<Value>,
}

/// Texts to embed, in the dialect of `OpenAI`.
#[derive(ToSchema)]
#[schema(example = json!({"model": "openai/text-embedding-3-small", "input": ["one text", "another"]}))]
pub(super) struct EmbeddingBody {
    /// `<provider>/<model>`, a model's bare name, or `role:<name>`.
    model: String,
    /// A text, or several.
    #[schema(value_type = Object)]
    input: Value,
    /// Length of the vectors, for models that offer several.
    dimensions: Option<u32>,
    /// `float` or `base64`.
    encoding_format: Option<String>,
}

/// A question in the dialect of Messages.
#[derive(ToSchema)]
#[schema(example = json!({"model": "anthropic/claude-sonnet-4", "max_tokens": 200, "messages": [{"role": "user", "content": "Why is the sky blue?"}]}))]
pub(super) struct MessagesBody {
    /// `<provider>/<model>`, a model's bare name, or `role:<name>`.
    model: String,
    /// The most tokens of the answer.
    max_tokens: u64,
    /// The conversation: `user` and `assistant`.
    #[schema(value_type = Vec<Object>)]
    messages: Vec<Value>,
    /// What the model is told about itself.
    #[schema(value_type = Option<Object>)]
    system: Option<Value>,
    /// 0 to 1.
    temperature: Option<f64>,
    /// 0 to 1.
    top_p: Option<f64>,
    /// Texts that end the answer.
    stop_sequences: Option<Vec<String>>,
    /// Tools that the model may ask for.
    #[schema(value_type = Option<Vec<Object>>)]
    tools: Option<Vec<Value>>,
    /// `auto`, `any`, `none`, or one tool.
    #[schema(value_type = Option<Object>)]
    tool_choice: Option<Value>,
    /// Whether the answer comes as server-sent events.
    stream: Option<bool>,
}
