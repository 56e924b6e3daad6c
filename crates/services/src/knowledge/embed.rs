//! Vectors of passages, a batch at a time.

use async_trait::async_trait;
use commandcenter_domain::job::JobRun;
use commandcenter_domain::knowledge::{ChunkWrite, EmbedderState, KnowledgeError, Passage};

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

impl KnowledgeService {
    /// The passages as they are stored; without vectors when there is no model.
    pub(super) async fn embedded(&self, passages: Vec<Passage>, watch: &dyn Watch) -> Result<Vec<ChunkWrite>, KnowledgeError> {
        let has_model = match self.ports.embedder.settled().await {
            EmbedderState::Ready => true,
            EmbedderState::Loading | EmbedderState::Unavailable(_) => false,
        };
        let total = passages.len();
        let mut written = Vec::with_capacity(total);
        let mut passages = passages.into_iter();
        watch.reached(0, total).await?;
        loop {
            let batch: Vec<Passage> = passages.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(written);
            }
            let vectors = if has_model { self.vectors(&batch).await? } else { vec![None; batch.len()] };
            written.extend(batch.into_iter().zip(vectors).map(|(passage, embedding)| stored(passage, embedding)));
            watch.reached(written.len(), total).await?;
        }
    }

    async fn vectors(&self, batch: &[Passage]) -> Result<Vec<Option<Vec<f32>>>, KnowledgeError> {
        let texts = batch.iter().map(|passage| passage.embedded_text.clone()).collect();
        let vectors = self.ports.embedder.embed_passages(texts).await?;
        metrics::counter!("commandcenter_chunks_embedded_total").increment(u64::try_from(vectors.len()).unwrap_or(0));
        Ok(vectors.into_iter().map(Some).collect())
    }
}

fn stored(passage: Passage, embedding: Option<Vec<f32>>) -> ChunkWrite {
    let Passage { content, heading_path, span, token_count, embedded_text: _ } = passage;
    ChunkWrite { content, heading_path, span, token_count, embedding }
}
