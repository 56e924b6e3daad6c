//! Messages of Anthropic.

mod answer;
mod request;
mod stream;

use commandcenter_domain::llm::{EmbeddingRequest, Target};

use super::{Asked, Outgoing, ReadError, StreamReader, Vectors, WholeAnswer, Wire};

/// The dialect.
pub(super) struct Anthropic;

impl Wire for Anthropic {
    fn chat(&self, asked: &Asked<'_>) -> Outgoing {
        request::chat(asked)
    }

    fn read(&self, body: &[u8]) -> Result<WholeAnswer, ReadError> {
        answer::read(body)
    }

    fn stream(&self) -> Box<dyn StreamReader> {
        Box::<stream::Reader>::default()
    }

    fn embed(&self, _: &Target, _: &EmbeddingRequest) -> Option<Outgoing> {
        None
    }

    fn read_vectors(&self, _: &[u8]) -> Result<Vectors, ReadError> {
        Err(ReadError::malformed("this dialect knows no embeddings"))
    }
}
