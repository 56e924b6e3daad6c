//! Reads files, off the threads that serve requests.

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ContentKind, DocumentReader, Inspection, ReadError, Reading};
use tokio::sync::watch;

use crate::engine::State;
use crate::heading::outline;
use crate::normalise::normalise;
use crate::tokens::Sizer;
use crate::{chunk, html, kind};

/// Reads Markdown, reStructuredText, web pages and plain text.
#[derive(Debug)]
pub struct FileReader {
    state: watch::Receiver<State>,
}

impl FileReader {
    pub(crate) const fn new(state: watch::Receiver<State>) -> Self {
        Self { state }
    }

    /// The model's own count of tokens when there is a model.
    async fn sizer(&self) -> Sizer {
        let mut state = self.state.clone();
        let _ = state.wait_for(State::is_settled).await;
        let loaded = state.borrow().loaded();
        loaded.map_or(Sizer::Estimate, |loaded| loaded.sizer.clone())
    }
}

#[async_trait]
impl DocumentReader for FileReader {
    fn inspect(&self, name: &str, bytes: &[u8]) -> Result<Inspection, ReadError> {
        kind::inspect(name, bytes)
    }

    async fn read(&self, name: &str, bytes: Vec<u8>) -> Result<Reading, ReadError> {
        let sizer = self.sizer().await;
        let name = name.to_owned();
        let reading = tokio::task::spawn_blocking(move || read(&name, &bytes, &sizer)).await;
        // A panic in a parser is the file's fault as far as anyone can tell: the file fails, the process lives.
        reading.unwrap_or_else(|_| Err(ReadError::Parse("the parser gave up".to_owned())))
    }
}

fn read(name: &str, bytes: &[u8], sizer: &Sizer) -> Result<Reading, ReadError> {
    let raw = kind::as_text(bytes)?;
    let kind = kind::kind(name, raw);
    let (page_title, text) = match kind {
        ContentKind::Html => html::to_markdown(raw).map(|(title, markdown)| (title, normalise(&markdown)))?,
        ContentKind::Markdown | ContentKind::Rst | ContentKind::Plain => (None, normalise(raw)),
    };
    if text.is_empty() {
        return Err(ReadError::Empty);
    }
    let title = title(kind, &text).or(page_title);
    let passages = chunk::passages(kind, &text, sizer);
    Ok(Reading { title, text, passages })
}

/// The first heading of the highest level.
fn title(kind: ContentKind, text: &str) -> Option<String> {
    let headings = outline(kind, text);
    let highest = headings.iter().map(|heading| heading.level).min()?;
    headings.into_iter().find(|heading| heading.level == highest).map(|heading| heading.title)
}
