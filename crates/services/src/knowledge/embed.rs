//! Vectors of passages, a batch at a time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::JobRun;
use commandcenter_domain::knowledge::{ChunkWrite, EmbedderState, KnowledgeError, Passage};
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
    pub(super) async fn earlier(&self, scope: &ProjectScope, document: Option<DocumentId>) -> Result<Earlier, KnowledgeError> {
        let Some(id) = document else { return Ok(Earlier::new()) };
        Ok(self.ports.store.repos().knowledge().vectors_by_text(scope, id, self.ports.embedder.model()).await?)
    }

    /// The passages as they are stored; without vectors when there is no model. Passages that were there before keep theirs.
    pub(super) async fn embedded(&self, passages: Vec<Passage>, earlier: &Earlier, watch: &dyn Watch) -> Result<Embedded, KnowledgeError> {
        let has_model = match self.ports.embedder.settled().await {
            EmbedderState::Ready => true,
            EmbedderState::Loading | EmbedderState::Unavailable(_) => false,
        };
        let mut written: Vec<ChunkWrite> = Vec::with_capacity(passages.len());
        let mut missing: Vec<(usize, String)> = Vec::new();
        for passage in passages {
            let (chunk, text) = stored(passage, earlier);
            if chunk.embedding.is_none() {
                missing.push((written.len(), text));
            }
            written.push(chunk);
        }
        let (total, kept) = (written.len(), written.len() - missing.len());
        watch.reached(kept, total).await?;
        for (batch, done) in missing.chunks(BATCH).zip(1..) {
            if has_model {
                let vectors = self.vectors(batch.iter().map(|(_, text)| text.clone()).collect()).await?;
                for ((at, _), vector) in batch.iter().zip(vectors) {
                    written[*at].embedding = Some(vector);
                }
            }
            watch.reached((kept + done * BATCH).min(total), total).await?;
        }
        Ok(Embedded { passages: written, kept })
    }

    async fn vectors(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, KnowledgeError> {
        let vectors = self.ports.embedder.embed_passages(texts).await?;
        metrics::counter!("commandcenter_chunks_embedded_total").increment(u64::try_from(vectors.len()).unwrap_or(0));
        Ok(vectors)
    }
}

/// A passage to store, with the vector it had before if it did, and the text to make one of.
fn stored(passage: Passage, earlier: &Earlier) -> (ChunkWrite, String) {
    let Passage { content, heading_path, span, token_count, embedded_text } = passage;
    let text_hash = hex::encode(Sha256::digest(embedded_text.as_bytes()));
    let embedding = earlier.get(&text_hash).cloned();
    (ChunkWrite { content, heading_path, span, token_count, text_hash, embedding }, embedded_text)
}
