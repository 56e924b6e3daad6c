//! `generateContent` and embeddings of Google's Gemini.

mod answer;
mod embedding;
mod request;
mod schema;
mod stream;

use commandcenter_domain::llm::{EmbeddingRequest, Target};

use super::{Asked, Outgoing, ReadError, StreamReader, Vectors, WholeAnswer, Wire};

/// The dialect.
pub(super) struct Gemini;

impl Wire for Gemini {
    fn chat(&self, asked: &Asked<'_>) -> Outgoing {
        request::chat(asked)
    }

    fn read(&self, body: &[u8]) -> Result<WholeAnswer, ReadError> {
        answer::read(body)
    }

    fn stream(&self) -> Box<dyn StreamReader> {
        Box::<stream::Reader>::default()
    }

    fn embed(&self, target: &Target, request: &EmbeddingRequest) -> Option<Outgoing> {
        Some(embedding::write(target, request))
    }

    fn read_vectors(&self, body: &[u8]) -> Result<Vectors, ReadError> {
        embedding::read(body)
    }
}
