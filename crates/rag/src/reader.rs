//! Reads files, off the threads that serve requests: parsed by whoever can, cut into passages here.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ContentKind, DocumentParser, DocumentReader, Inspection, Parsed, ReadError, Reading, Sample};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::chunk;
use crate::engine::State;
use crate::form::Form;
use crate::heading::outline;
use crate::tokens::Sizer;

/// Reads whatever its parser reads.
#[derive(Debug)]
pub struct FileReader {
    parser: Arc<dyn DocumentParser>,
    state: watch::Receiver<State>,
}

impl FileReader {
    pub(crate) const fn new(parser: Arc<dyn DocumentParser>, state: watch::Receiver<State>) -> Self {
        Self { parser, state }
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
    fn look(&self, name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError> {
        self.parser.look(name, sample)
    }

    fn inspect(&self, name: &str, bytes: &[u8]) -> Result<Inspection, ReadError> {
        let kind = self.parser.look(name, Sample::of(bytes))?;
        Ok(Inspection { kind, content_hash: hex::encode(Sha256::digest(bytes)) })
    }

    async fn read(&self, name: &str, bytes: Vec<u8>) -> Result<Reading, ReadError> {
        let parsed = self.parser.parse(name, bytes).await?;
        let sizer = self.sizer().await;
        let reading = tokio::task::spawn_blocking(move || cut(parsed, &sizer)).await;
        reading.map_err(|_| ReadError::Parse("its text cannot be cut into passages".to_owned()))
    }
}

fn cut(parsed: Parsed, sizer: &Sizer) -> Reading {
    let passages = chunk::passages(Form::of(&parsed), &parsed.text, sizer);
    let title = title(&parsed);
    let Parsed { kind, title: _, text, sections: _, language, warnings } = parsed;
    Reading { kind, title, text, language, warnings, passages }
}

/// What is written to be read has its title in its first heading of the highest level; what has pages, slides or sheets does not.
fn title(parsed: &Parsed) -> Option<String> {
    match parsed.kind {
        ContentKind::Markdown | ContentKind::Html | ContentKind::Rst | ContentKind::Notebook => {
            heading(parsed).or_else(|| parsed.title.clone())
        }
        ContentKind::Docx => parsed.title.clone().or_else(|| heading(parsed)),
        ContentKind::Plain
        | ContentKind::Pdf
        | ContentKind::Pptx
        | ContentKind::Xlsx
        | ContentKind::Csv
        | ContentKind::Json
        | ContentKind::Code => parsed.title.clone(),
    }
}

fn heading(parsed: &Parsed) -> Option<String> {
    let headings = outline(Form::of(parsed), &parsed.text);
    let highest = headings.iter().map(|heading| heading.level).min()?;
    headings.into_iter().find(|heading| heading.level == highest).map(|heading| heading.title)
}
