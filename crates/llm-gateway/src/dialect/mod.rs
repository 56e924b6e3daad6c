//! The dialects that providers speak: how a question is written in each, and how its answer and its stream are read. No network here.

mod anthropic;
mod gemini;
mod instruct;
mod openai;
mod piece;

use commandcenter_domain::llm::{ChatRequest, Dialect, EmbeddingRequest, Target};
use serde_json::Value;

pub(crate) use piece::{Piece, ReadError, Reported, StreamReader, Vectors, WholeAnswer};

/// How the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// In one piece.
    Whole,
    /// As it comes.
    Streamed,
}

/// A question to one target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) target: &'a Target,
    pub(crate) request: &'a ChatRequest,
    /// The most tokens of the answer; every call has such a bound.
    pub(crate) max_tokens: u64,
    pub(crate) delivery: Delivery,
}

/// A request as it goes out, all but the target's address and key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outgoing {
    /// What follows the base address, version included where the base has none.
    pub(crate) path: Vec<String>,
    /// What follows the path.
    pub(crate) query: Option<&'static str>,
    /// How the key is shown.
    pub(crate) key: KeyHeader,
    /// Further headers.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// The body.
    pub(crate) body: Value,
}

/// The header that carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyHeader {
    /// `authorization: Bearer …`.
    Bearer,
    /// The key alone, under this name.
    Named(&'static str),
}

/// One dialect.
pub(crate) trait Wire: Send + Sync {
    /// Writes a question.
    fn chat(&self, asked: &Asked<'_>) -> Outgoing;
    /// Reads a whole answer.
    ///
    /// # Errors
    /// [`ReadError`] when it is none.
    fn read(&self, body: &[u8]) -> Result<WholeAnswer, ReadError>;
    /// What reads a streamed answer.
    fn stream(&self) -> Box<dyn StreamReader>;
    /// Writes texts to embed; `None` when the dialect knows no embeddings.
    fn embed(&self, target: &Target, request: &EmbeddingRequest) -> Option<Outgoing>;
    /// Reads vectors.
    ///
    /// # Errors
    /// [`ReadError`] when there are none.
    fn read_vectors(&self, body: &[u8]) -> Result<Vectors, ReadError>;
}

/// What speaks a dialect.
pub(crate) fn wire(dialect: Dialect) -> &'static dyn Wire {
    match dialect {
        Dialect::OpenAi => &openai::OpenAi,
        Dialect::Anthropic => &anthropic::Anthropic,
        Dialect::Gemini => &gemini::Gemini,
    }
}

/// The path below a base address: with the dialect's usual version when the base does not end with one.
fn versioned(target: &Target, version: &str, path: &[&str]) -> Vec<String> {
    let last = target.base_url.path_segments().and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    let has_version = last.is_some_and(is_version);
    let version = (!has_version).then_some(version);
    version.into_iter().chain(path.iter().copied()).map(str::to_owned).collect()
}

/// `v1`, `v1beta` and the like.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
pub(crate) mod tests {
    use commandcenter_domain::llm::Price;
    use commandcenter_domain::shared::ProviderId;

    use super::*;

    /// A target for what is written.
    pub(crate) fn target(dialect: Dialect, base_url: &str) -> Target {
        Target {
            provider: ProviderId::new(1),
            alias: "p".to_owned(),
            dialect,
            base_url: base_url.parse().unwrap(),
            key: Some("secret".to_owned()),
            model: "m-1".to_owned(),
            price: Price::default(),
            context_window: 8192,
            max_output_tokens: 1024,
        }
    }

    #[test]
    fn a_base_address_may_have_its_version_or_not() {
        for (base, path) in [
            ("https://h", "v1/x"),
            ("https://h/", "v1/x"),
            ("https://h/v1", "x"),
            ("https://h/v1beta/", "x"),
            ("https://h/api/anthropic", "v1/x"),
            ("https://h/api/paas/v4", "x"),
            ("https://h/vault", "v1/x"),
        ] {
            assert_eq!(versioned(&target(Dialect::Anthropic, base), "v1", &["x"]).join("/"), path, "{base}");
        }
    }
}
