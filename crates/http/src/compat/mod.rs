//! The dialects of other services that clients speak to ours: their JSON into ours and ours into theirs, both ways without HTTP. Which model is
//! meant, who pays and what status an error has is for the routes that use this.

pub mod anthropic;
pub mod openai;
mod read;

/// What an answer says of itself.
#[derive(Debug, Clone)]
pub struct Head {
    /// Its id, without the dialect's prefix.
    pub id: String,
    /// The model, by the name that the client asked for.
    pub model: String,
    /// When, in seconds since 1970.
    pub created: i64,
}

/// A chat request of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The model, by the name that the client gave.
    pub model: String,
    /// What is asked.
    pub request: commandcenter_domain::llm::ChatRequest,
    /// Whether the answer is wanted as it comes.
    pub is_streamed: bool,
    /// Whether a stream shall end with what it took; one of the dialects always does.
    pub shows_usage: bool,
}
