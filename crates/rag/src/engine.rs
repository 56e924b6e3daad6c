//! The engine: loads the model in the background and hands out the reader and the embedder that share it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use commandcenter_domain::knowledge::{DocumentParser, EmbedderState};
use tokio::sync::watch;

use crate::embedder::LocalEmbedder;
use crate::model::Network;
use crate::model_files::MODEL_FILES;
use crate::reader::FileReader;
use crate::tokens::{self, Sizer, Tokens};

/// A network and its tokenizer, in memory.
pub(crate) struct Loaded {
    pub(crate) network: Network,
    pub(crate) sizer: Sizer,
}

/// How far loading is.
#[derive(Clone)]
pub(crate) enum State {
    Loading,
    Ready(Arc<Loaded>),
    Unavailable(Arc<str>),
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.public().fmt(f)
    }
}

impl State {
    pub(crate) fn public(&self) -> EmbedderState {
        match self {
            Self::Loading => EmbedderState::Loading,
            Self::Ready(_) => EmbedderState::Ready,
            Self::Unavailable(reason) => EmbedderState::Unavailable(reason.to_string()),
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::Loading => false,
            Self::Ready(_) | Self::Unavailable(_) => true,
        }
    }

    pub(crate) fn loaded(&self) -> Option<Arc<Loaded>> {
        match self {
            Self::Ready(loaded) => Some(Arc::clone(loaded)),
            Self::Loading | Self::Unavailable(_) => None,
        }
    }
}

/// The reader and the embedder of one process. Make one, share it.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Reads files.
    pub reader: Arc<FileReader>,
    /// Makes vectors.
    pub embedder: Arc<LocalEmbedder>,
}

impl Engine {
    /// Starts loading the model in `folder` and returns at once; files are parsed by `parser`. When files are missing or damaged the embedder says so for good, and why.
    #[must_use]
    pub fn start(folder: &Path, parser: Arc<dyn DocumentParser>) -> Self {
        let (tell, state) = watch::channel(State::Loading);
        let folder = folder.to_owned();
        let work = move || {
            let began = Instant::now();
            let settled = match load(&folder) {
                Ok(loaded) => {
                    tracing::info!(elapsed_ms = began.elapsed().as_millis(), "embedding model loaded");
                    State::Ready(Arc::new(loaded))
                }
                Err(reason) => {
                    tracing::warn!(reason, "no embedding model: search falls back to words");
                    State::Unavailable(reason.into())
                }
            };
            tell.send_replace(settled);
        };
        if let Err(err) = std::thread::Builder::new().name("embed-load".to_owned()).spawn(work) {
            tracing::error!(error = %err, "the loading thread could not be started");
        }
        Self { reader: Arc::new(FileReader::new(parser, state.clone())), embedder: Arc::new(LocalEmbedder::start(state)) }
    }
}

fn load(folder: &Path) -> Result<Loaded, String> {
    let [model, tokenizer] = MODEL_FILES.map(|file| folder.join(file.name));
    let missing: Vec<String> = [&model, &tokenizer].into_iter().filter(|file| !file.is_file()).map(PathBuf::as_path).map(name).collect();
    if !missing.is_empty() {
        return Err(format!(
            "the embedding model is not installed ({} missing in the model folder); run `commandcenter doctor`",
            missing.join(" and ")
        ));
    }
    let Tokens { sizer, encoder } = tokens::load(&tokenizer)?;
    let network = Network::load(&model, encoder)?;
    Ok(Loaded { network, sizer })
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
