//! Vectors of passages, a batch at a time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::JobRun;
use commandcenter_domain::knowledge::{Chunk, ChunkWrite, Embedder, EmbedderState, KnowledgeError, Passage};
use commandcenter_domain::shared::DocumentId;
use sha2::{Digest, Sha256};

use super::KnowledgeService;

/// Passages embedded between two looks at whether to stop.
const BATCH: usize = 32;

/// Is told how far the work is, and says whether to go on.
#[async_trait]
pub(super) trait Watch: Send + Sync {
    /// `done` of `total` passages are embedded.
    async fn reached(&self, done: usize, total: usize) -> Result<(), KnowledgeError>;
}

/// Nobody watches: the caller reports by document.
pub(super) struct Unwatched;

#[async_trait]
impl Watch for Unwatched {
    async fn reached(&self, _: usize, _: usize) -> Result<(), KnowledgeError> {
        Ok(())
    }
}

/// A job watches, from ten to ninety-five percent.
pub(super) struct JobWatch<'a>(pub(super) &'a dyn JobRun);

#[async_trait]
impl Watch for JobWatch<'_> {
    async fn reached(&self, done: usize, total: usize) -> Result<(), KnowledgeError> {
        if self.0.is_cancelled() {
            return Err(KnowledgeError::Cancelled);
        }
        let percent = 10 + 85 * done / total.max(1);
        self.0.progress(i32::try_from(percent).unwrap_or(95), &format!("embedded {done} of {total} passages")).await;
        Ok(())
    }
}

/// Vectors that a document has already, by the hash of the text they are made of.
pub(super) type Earlier = BTreeMap<String, Vec<f32>>;

/// Passages as they are stored, and how many of their vectors were there before.
pub(super) struct Embedded {
    pub(super) passages: Vec<ChunkWrite>,
    pub(super) kept: usize,
}

impl KnowledgeService {
    /// The vectors that a document has already and a new version of it may keep.
    pub(super) async fn earlier(
        &self,
        scope: &ProjectScope,
        document: Option<DocumentId>,
        embedder: &dyn Embedder,
    ) -> Result<Earlier, KnowledgeError> {
        let Some(id) = document else { return Ok(Earlier::new()) };
        Ok(self.ports.store.repos().knowledge().vectors_by_text(scope, id, &embedder.model()).await?)
    }

    /// The passages of a document of this title as they are stored; without vectors when there is no model. Passages that were there before
    /// keep theirs.
    pub(super) async fn embedded(
        &self,
        (title, passages): (&str, Vec<Passage>),
        (earlier, embedder): (&Earlier, &dyn Embedder),
        watch: &dyn Watch,
    ) -> Result<Embedded, KnowledgeError> {
        let has_model = match embedder.settled().await {
            EmbedderState::Ready => true,
            EmbedderState::Loading | EmbedderState::Unavailable(_) => false,
        };
        let mut written: Vec<ChunkWrite> = Vec::with_capacity(passages.len());
        let mut missing: Vec<(usize, String)> = Vec::new();
        for passage in passages {
            let (chunk, text) = stored(titled(passage, title), earlier);
            if chunk.embedding.is_none() {
                missing.push((written.len(), text));
            }
            written.push(chunk);
        }
        let (total, kept) = (written.len(), written.len() - missing.len());
        watch.reached(kept, total).await?;
        for (batch, done) in missing.chunks(BATCH).zip(1..) {
            if has_model {
                let vectors = vectors(embedder, batch.iter().map(|(_, text)| text.clone()).collect()).await?;
                for ((at, _), vector) in batch.iter().zip(vectors) {
                    written[*at].embedding = Some(vector);
                }
            }
            watch.reached((kept + done * BATCH).min(total), total).await?;
        }
        Ok(Embedded { passages: written, kept })
    }
}

async fn vectors(embedder: &dyn Embedder, texts: Vec<String>) -> Result<Vec<Vec<f32>>, KnowledgeError> {
    let vectors = embedder.embed_passages(texts).await?;
    metrics::counter!("commandcenter_chunks_embedded_total").increment(u64::try_from(vectors.len()).unwrap_or(0));
    Ok(vectors)
}

/// A passage to store, with the vector it had before if it did, and the text to make one of.
fn stored(passage: Passage, earlier: &Earlier) -> (ChunkWrite, String) {
    let Passage { content, heading_path, span, token_count, embedded_text } = passage;
    let text_hash = hex::encode(Sha256::digest(embedded_text.as_bytes()));
    let embedding = earlier.get(&text_hash).cloned();
    (ChunkWrite { content, heading_path, span, token_count, text_hash, embedding }, embedded_text)
}

/// Most tokens that are given to the model: what it reads, less some room.
const READ: i32 = 250;
/// A title has at least so many characters to a token.
const CHARS_PER_TOKEN: usize = 3;

/// The passage under its document's title, unless it says the title itself: a passage from the middle of a document seldom says what the
/// document is about. A title that would push the passage's end out of what the model reads is left out.
fn titled(passage: Passage, title: &str) -> Passage {
    let tokens = i32::try_from(title.chars().count() / CHARS_PER_TOKEN + 1).unwrap_or(i32::MAX);
    // Headings above the passage are in the embedded text and not in its count.
    let headings = passage.embedded_text.chars().count().saturating_sub(passage.content.chars().count()) / CHARS_PER_TOKEN;
    let used = passage.token_count.saturating_add(i32::try_from(headings).unwrap_or(i32::MAX)).saturating_add(tokens);
    if title.is_empty() || used > READ || passage.embedded_text.contains(title) {
        return passage;
    }
    Passage { embedded_text: format!("{title}\n{}", passage.embedded_text), ..passage }
}

/// What a stored passage's vector is made of when it has none yet: the same as at first but for the head of a table that was cut, which only
/// its document knows.
pub(super) fn read_again(chunk: &Chunk, title: &str) -> String {
    let Chunk { content, heading_path, span, token_count, .. } = chunk.clone();
    let above: Vec<&str> = heading_path.iter().map(String::as_str).filter(|heading| !content.contains(heading)).collect();
    let embedded_text = if above.is_empty() { content.clone() } else { format!("{}\n{content}", above.join(" > ")) };
    titled(Passage { content, heading_path, span, token_count, embedded_text }, title).embedded_text
}

#[cfg(test)]
mod tests {
    use super::*;
    use commandcenter_domain::knowledge::Span;

    fn passage(content: &str, token_count: i32) -> Passage {
        let (content, embedded_text) = (content.to_owned(), format!("Part\n{content}"));
        Passage { content, heading_path: vec!["Part".to_owned()], span: Span { start: 0, end: 1 }, token_count, embedded_text }
    }

    #[test]
    fn a_passage_read_again_is_read_as_at_first() {
        let first = passage("They fish.", 5);
        let chunk = Chunk {
            id: commandcenter_domain::shared::ChunkId::new(1),
            ordinal: 0,
            content: first.content.clone(),
            heading_path: first.heading_path.clone(),
            span: first.span,
            token_count: first.token_count,
            is_embedded: false,
        };
        assert_eq!(read_again(&chunk, "Herons"), titled(first, "Herons").embedded_text);
        let said = Chunk { content: "Part of them fish.".to_owned(), ..chunk };
        assert_eq!(read_again(&said, ""), "Part of them fish.");
    }

    #[test]
    fn a_passage_stands_under_its_title_where_there_is_room() {
        assert_eq!(titled(passage("They fish.", 5), "Herons").embedded_text, "Herons\nPart\nThey fish.");
        assert_eq!(titled(passage("Herons fish.", 5), "Herons").embedded_text, "Part\nHerons fish.");
        assert_eq!(titled(passage("They fish.", 249), "Herons").embedded_text, "Part\nThey fish.");
        assert_eq!(titled(passage("They fish.", 5), "").embedded_text, "Part\nThey fish.");
    }
}
