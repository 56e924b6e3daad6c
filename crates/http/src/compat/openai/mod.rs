//! Chat Completions, embeddings and the list of models, as clients of OpenAI speak them.

mod answer;
mod embedding;
mod request;
mod stream;

pub use answer::{write_answer, write_error, write_models};
pub use embedding::{Encoding, ParsedEmbedding, parse_embedding, write_embedding};
pub use request::parse_request;
pub use stream::StreamWriter;
