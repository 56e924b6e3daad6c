//! The engine with the real model. The folder is `COMMANDCENTER_RAG__MODEL_DIR`, else `data/models/all-MiniLM-L6-v2` of the workspace;
//! `cargo xtask test` puts the files there.

mod embedding;
mod reading;

use std::path::PathBuf;

use commandcenter_rag::Engine;

/// The engine over the installed model.
fn engine() -> Engine {
    let set = std::env::var_os("COMMANDCENTER_RAG__MODEL_DIR").map(PathBuf::from);
    let folder = set.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/models/all-MiniLM-L6-v2")));
    Engine::start(&folder, std::sync::Arc::new(commandcenter_parsers::InPlaceParser))
}
