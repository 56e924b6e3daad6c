//! The job `knowledge_reembed`: makes the vectors of another model beside those that answer, and lets them take their place in one step when
//! none is missing. What was made stays made: killed, it goes on where it stopped.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Items, JobFailure, JobHandler, JobKind, JobRun};
use commandcenter_domain::knowledge::{
    Coverage, EmbedError, Embedder, EmbedderChoice, EmbedderState, EmbeddingModel, EmbeddingSettings, KnowledgeError, Lacking, ModelChange,
};
use commandcenter_domain::shared::ChunkId;
use commandcenter_domain::{Classified, StoreError};
use futures::future::Either;
use serde_json::{Value, json};

use super::KnowledgeService;
use super::embed::read_again;

/// Passages embedded between two looks at whether to go on.
const BATCH: u64 = 64;
/// Vectors removed at once: others write in between.
const REMOVED: u64 = 2_000;

/// Does the jobs of a knowledge base that change its model.
pub struct ReembedHandler(Arc<KnowledgeService>);

impl ReembedHandler {
    /// A handler over the knowledge base.
    #[must_use]
    pub const fn new(knowledge: Arc<KnowledgeService>) -> Self {
        Self(knowledge)
    }
}

#[async_trait]
impl JobHandler for ReembedHandler {
    fn kind(&self) -> JobKind {
        JobKind::KnowledgeReembed
    }

    async fn perform(&self, run: &dyn JobRun, _parameters: &Value) -> Result<Value, JobFailure> {
        self.0.reembed(run).await.map_err(|err| self.0.failure(&err))
    }
}

/// How far a run is.
struct Made {
    passages: u64,
    made: u64,
}

impl Made {
    async fn tell(&self, run: &dyn JobRun) {
        let number = |n: u64| i32::try_from(n).unwrap_or(i32::MAX);
        run.count(Items { done: number(self.made), failed: 0, total: Some(number(self.passages)) });
        let percent = 95 * self.made.min(self.passages) / self.passages.max(1);
        run.progress(number(percent), &format!("embedded {} of {} passages", self.made, self.passages)).await;
    }
}

impl KnowledgeService {
    #[tracing::instrument(skip_all, fields(project.id = %run.scope().project()))]
    async fn reembed(&self, run: &dyn JobRun) -> Result<Value, KnowledgeError> {
        let settings = self.ports.store.repos().embeddings().settings(run.scope()).await?;
        let outcome = match own(settings, run) {
            Some(change) => match self.bring(run, &change.to).await {
                Err(KnowledgeError::Cancelled) if self.is_given_up(run).await? => {
                    self.abandon(run).await?;
                    self.tidy(run.scope()).await?;
                    return Err(KnowledgeError::Cancelled);
                }
                done => done?,
            },
            // Given up, or done by an earlier run that did not live to say so.
            None => json!({ "outcome": "nothing to change" }),
        };
        run.progress(97, "removing vectors that answer no longer").await;
        self.tidy(run.scope()).await?;
        Ok(outcome)
    }

    /// Makes what is missing until nothing is, then swaps.
    async fn bring(&self, run: &dyn JobRun, to: &EmbedderChoice) -> Result<Value, KnowledgeError> {
        let scope = run.scope();
        let embedder = self.embedder_of(scope, to);
        if let EmbedderState::Unavailable(reason) = embedder.settled().await {
            return Err(KnowledgeError::NoModel(reason));
        }
        let model = embedder.model();
        loop {
            // Documents come and go meanwhile: each round finds what those before it did not.
            let Coverage { passages, lacking } = self.ports.store.repos().embeddings().coverage(scope, &model).await?;
            let mut made = Made { passages, made: passages - lacking.min(passages) };
            made.tell(run).await;
            let mut after = ChunkId::new(0);
            while let Some(last) = self.step(run, &*embedder, (&model, after)).await? {
                after = last.0;
                made.made += last.1;
                made.tell(run).await;
            }
            if let Some(outcome) = self.swap(run, (to, &model)).await? {
                return Ok(outcome);
            }
        }
    }

    /// Embeds some passages; the last of them and how many there were.
    async fn step(
        &self,
        run: &dyn JobRun,
        embedder: &dyn Embedder,
        (model, after): (&EmbeddingModel, ChunkId),
    ) -> Result<Option<(ChunkId, u64)>, KnowledgeError> {
        let repos = self.ports.store.repos();
        if run.is_cancelled() || own(repos.embeddings().settings(run.scope()).await?, run).is_none() {
            return Err(KnowledgeError::Cancelled);
        }
        let lacking = repos.embeddings().lacking(run.scope(), model, (after, BATCH)).await?;
        let Some(last) = lacking.last().map(|lacking| lacking.chunk.id) else { return Ok(None) };
        let texts = lacking.iter().map(|Lacking { chunk, title }| read_again(chunk, title)).collect();
        let vectors = match futures::future::select(embedder.embed_passages(texts), run.cancelled()).await {
            Either::Left((vectors, _)) => vectors?,
            Either::Right(((), _)) => return Err(KnowledgeError::Cancelled),
        };
        metrics::counter!("commandcenter_chunks_embedded_total").increment(u64::try_from(vectors.len()).unwrap_or(0));
        let pairs: Vec<_> = lacking.iter().map(|lacking| lacking.chunk.id).zip(vectors).collect();
        let tx = self.ports.store.begin().await?;
        match tx.embeddings().lay(run.scope(), model, &pairs).await {
            Ok(()) => tx.commit().await?,
            // A passage was replaced meanwhile. The next round embeds what is there then.
            Err(StoreError::Reference) => {}
            Err(err) => return Err(err.into()),
        }
        Ok(Some((last, u64::try_from(pairs.len()).unwrap_or(0))))
    }

    /// The one step from one model to the other; `None` when passages came in meanwhile that have no vector yet.
    async fn swap(&self, run: &dyn JobRun, (to, model): (&EmbedderChoice, &EmbeddingModel)) -> Result<Option<Value>, KnowledgeError> {
        let (scope, at) = (run.scope(), self.ports.clock.now());
        let tx = self.ports.store.begin().await?;
        tx.embeddings().hold(scope).await?;
        let settings = tx.embeddings().settings(scope).await?;
        if own(settings.clone(), run).is_none() {
            return Err(KnowledgeError::Cancelled);
        }
        if !tx.embeddings().lacking(scope, model, (ChunkId::new(0), 1)).await?.is_empty() {
            return Ok(None);
        }
        let before = self.model_of(&settings.serving).name;
        let settings = EmbeddingSettings { serving: to.clone(), next: None, ..settings };
        self.write(&*tx, scope, (&settings, at)).await?;
        let data = json!({ "model": model.name, "dimension": model.dimension, "before": before });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.model_changed.v1", data: data.clone(), at }).await?;
        tx.commit().await?;
        Ok(Some(data))
    }

    /// Whether the run stops because somebody gave the change up, and not because its process ends or lost the job.
    async fn is_given_up(&self, run: &dyn JobRun) -> Result<bool, KnowledgeError> {
        let repos = self.ports.store.repos();
        let asked = repos.jobs().find(run.scope(), run.id()).await?.is_none_or(|job| job.cancel_requested);
        Ok(asked || own(repos.embeddings().settings(run.scope()).await?, run).is_none())
    }

    /// The change is over; what answered goes on answering.
    async fn abandon(&self, run: &dyn JobRun) -> Result<(), KnowledgeError> {
        let tx = self.ports.store.begin().await?;
        let settings = tx.embeddings().settings(run.scope()).await?;
        if own(settings.clone(), run).is_some() {
            let settings = EmbeddingSettings { next: None, ..settings };
            self.write(&*tx, run.scope(), (&settings, self.ports.clock.now())).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Removes vectors of models that neither answer nor are to.
    async fn tidy(&self, scope: &ProjectScope) -> Result<(), KnowledgeError> {
        let repo = self.ports.store.repos().embeddings();
        loop {
            let settings = repo.settings(scope).await?;
            let choices = std::iter::once(&settings.serving).chain(settings.next.as_ref().map(|change| &change.to));
            let keep: Vec<EmbeddingModel> = choices.map(|choice| self.model_of(choice)).collect();
            if repo.drop_others(scope, &keep, REMOVED).await? < REMOVED {
                return Ok(());
            }
        }
    }

    /// A budget that is used up is waited for; a model that gives other vectors than it did is not.
    pub(super) fn failure(&self, err: &KnowledgeError) -> JobFailure {
        let KnowledgeError::Embedding(EmbedError::Provider { slug, retry_after, .. }) = err else {
            return if matches!(err, KnowledgeError::Cancelled) { JobFailure::Cancelled } else { JobFailure::of(err) };
        };
        match retry_after.and_then(|seconds| i64::try_from(seconds).ok()).and_then(chrono::TimeDelta::try_seconds) {
            _ if *slug == "embedding-dimension-changed" => JobFailure::Fail(err.to_string()),
            Some(wait) if err.classify().0 == commandcenter_domain::shared::Fault::Throttled => {
                JobFailure::WaitUntil { reason: err.to_string(), at: self.ports.clock.now() + wait }
            }
            Some(_) | None => JobFailure::of(err),
        }
    }
}

/// The change that this job is to bring.
fn own(settings: EmbeddingSettings, run: &dyn JobRun) -> Option<ModelChange> {
    settings.next.filter(|change| change.job == run.id())
}
