//! The retrieval engine: the text of files becomes passages, passages and questions become vectors.
//!
//! Everything here is in process and needs no network. [`Engine::start`] loads the model in the background; until it is there, and when it
//! is missing, documents can still be read and found by their words.

mod block;
mod cache;
mod chunk;
mod chunk_code;
mod chunk_table;
mod embedder;
mod engine;
mod form;
mod heading;
mod model;
mod model_files;
mod reader;
mod tokens;

pub use embedder::LocalEmbedder;
pub use engine::Engine;
pub use model::{ALL_MINILM_L6_V2, MAX_TOKENS};
pub use model_files::{MODEL_FILES, ModelFile};
pub use reader::FileReader;
