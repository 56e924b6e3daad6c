//! The job `knowledge_ingest`: reads a kept file into passages. Whatever happens on the way, questions see the former version or the new
//! one and nothing between.

use async_trait::async_trait;
use commandcenter_domain::Classified;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobFailure, JobHandler, JobKind, JobRun, LogLevel};
use commandcenter_domain::knowledge::{
    ChunkWrite, DocumentOrigin, DocumentStatus, EmbedderState, EmbeddingModel, IndexedContent, KnowledgeDocument, KnowledgeError, Mark,
    ReadError, Reading, Upload,
};
use commandcenter_domain::shared::DocumentId;
use futures::future::Either;
use serde::Deserialize;
use serde_json::{Value, json};

use super::embed::{JobWatch, read_again};
use super::{KnowledgeService, staleness};

/// Passages that get a missing vector between two looks at whether to stop.
const BATCH: u64 = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    document_id: DocumentId,
}

#[async_trait]
impl JobHandler for KnowledgeService {
    fn kind(&self) -> JobKind {
        JobKind::KnowledgeIngest
    }

    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let Parameters { document_id } = serde_json::from_value(parameters.clone())
            .map_err(|err| JobFailure::Fail(format!("the parameters are not {{\"document_id\": n}}: {err}")))?;
        let outcome = self.ingest(run, document_id).await;
        // What the outcome tells of the document counts at once; where it cannot be written, the daily pass makes up for it.
        if let Err(err) = staleness::judge(&*self.ports.store, run.scope(), (document_id, self.ports.clock.now())).await {
            tracing::warn!(error = %err, "the document could not be judged");
        }
        outcome.map_err(|err| self.failure(&err))
    }
}

impl KnowledgeService {
    #[tracing::instrument(skip_all, fields(project.id = %run.scope().project(), document.id = %id))]
    async fn ingest(&self, run: &dyn JobRun, id: DocumentId) -> Result<Value, KnowledgeError> {
        let scope = run.scope();
        let repo = self.ports.store.repos().knowledge();
        // Deleted while it waited: there is nothing left to do, and nothing has failed.
        let Some(document) = repo.find(scope, id).await? else { return Ok(json!({ "document_id": id, "outcome": "gone" })) };
        let document = if document.origin == DocumentOrigin::Url { self.fetch(run, document).await? } else { document };
        let Some(upload) = repo.upload(scope, id).await? else { return self.complete_vectors(run, &document).await };
        self.mark(scope, id, DocumentStatus::Indexing, None).await?;
        let outcome = self.read_upload(run, &document, upload).await;
        match &outcome {
            Ok(_) => {}
            Err(KnowledgeError::Unreadable(ReadError::Parser(problem))) => {
                self.mark(scope, id, DocumentStatus::Pending, Some(format!("will be tried again: {problem}"))).await?;
            }
            Err(KnowledgeError::Unreadable(reason)) => self.give_up(scope, &document, reason).await?,
            Err(KnowledgeError::Cancelled) => self.mark(scope, id, DocumentStatus::Pending, None).await?,
            Err(err) => self.mark(scope, id, DocumentStatus::Pending, Some(format!("will be tried again: {}", err.classify().1))).await?,
        }
        outcome
    }

    async fn read_upload(&self, run: &dyn JobRun, document: &KnowledgeDocument, upload: Upload) -> Result<Value, KnowledgeError> {
        run.progress(1, "reading the file").await;
        let Upload { content_hash, title: _, bytes } = upload;
        if document.indexed_hash.as_deref() == Some(content_hash.as_str()) {
            return self.unchanged(run, document, &content_hash).await;
        }
        let mut reading = self.read_unless_cancelled(run, &document.filename, bytes).await?;
        for warning in &reading.warnings {
            run.log(LogLevel::Warn, warning);
        }
        let named = if document.title_is_given { Some(document.title.clone()) } else { reading.title.take() };
        let embedder = self.embedder(run.scope()).await?;
        let earlier = self.earlier(run.scope(), Some(document.id), &*embedder).await?;
        // A file's name is a title for people; it tells the model nothing.
        let passages = (named.as_deref().unwrap_or_default(), std::mem::take(&mut reading.passages));
        let made = self.embedded(passages, (&earlier, &*embedder), &JobWatch(run)).await?;
        let title = named.unwrap_or_else(|| document.filename.clone());
        run.progress(96, "storing passages").await;
        let kept = made.kept;
        let content = self.content(title, content_hash, (reading, made.passages), embedder.model());
        self.serve(run.scope(), document.id, (content, kept)).await
    }

    /// A parser that runs apart is ended when nobody waits for it any more.
    async fn read_unless_cancelled(&self, run: &dyn JobRun, name: &str, bytes: Vec<u8>) -> Result<Reading, KnowledgeError> {
        let read = self.ports.reader.read(name, bytes);
        match futures::future::select(read, run.cancelled()).await {
            Either::Left((reading, _)) => Ok(reading?),
            Either::Right(((), _)) => Err(KnowledgeError::Cancelled),
        }
    }

    pub(super) fn content(
        &self,
        title: String,
        content_hash: String,
        (reading, passages): (Reading, Vec<ChunkWrite>),
        model: EmbeddingModel,
    ) -> IndexedContent {
        let Reading { kind, text, language, warnings, title: _, passages: _ } = reading;
        // No column holds more, and no reader wants more.
        let title = title.chars().take(500).collect();
        let at = self.ports.clock.now();
        IndexedContent { title, content_hash, kind, language, warnings, text, passages, model, at }
    }

    /// Swaps the passages, unless a newer version has arrived meanwhile: that one has a job of its own.
    async fn serve(&self, scope: &ProjectScope, id: DocumentId, (content, kept): (IndexedContent, usize)) -> Result<Value, KnowledgeError> {
        let tx = self.ports.store.begin().await?;
        let Some(document) = tx.knowledge().find(scope, id).await? else { return Ok(json!({ "document_id": id, "outcome": "gone" })) };
        if document.content_hash != content.content_hash {
            return Ok(json!({ "document_id": id, "outcome": "superseded" }));
        }
        let content = IndexedContent { title: if document.title_is_given { document.title.clone() } else { content.title }, ..content };
        self.replace_passages(&*tx, scope, (id, &content)).await?;
        tx.knowledge().drop_upload(scope, id, &content.content_hash).await?;
        let embedded = content.passages.iter().filter(|passage| passage.embedding.is_some()).count();
        let data = json!({
            "document_id": id, "version": document.version, "chunks": content.passages.len(), "embedded_chunks": embedded, "kept_vectors": kept
        });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_indexed.v1", data: data.clone(), at: content.at }).await?;
        tx.commit().await?;
        Ok(data)
    }

    /// The bytes are those that are being served: only the title and missing vectors can be new.
    async fn unchanged(&self, run: &dyn JobRun, document: &KnowledgeDocument, content_hash: &str) -> Result<Value, KnowledgeError> {
        let scope = run.scope();
        let answer = self.complete_vectors(run, document).await?;
        let tx = self.ports.store.begin().await?;
        tx.knowledge().rename(scope, document.id, &document.title).await?;
        tx.knowledge().drop_upload(scope, document.id, content_hash).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Gives vectors to passages that were stored while there was no model.
    async fn complete_vectors(&self, run: &dyn JobRun, document: &KnowledgeDocument) -> Result<Value, KnowledgeError> {
        let (scope, id) = (run.scope(), document.id);
        let mut added = 0;
        loop {
            let embedder = self.embedder(scope).await?;
            let model = embedder.model();
            if embedder.settled().await != EmbedderState::Ready {
                break;
            }
            if run.is_cancelled() {
                return Err(KnowledgeError::Cancelled);
            }
            let missing = self.ports.store.repos().knowledge().without_vector(scope, id, &model, BATCH).await?;
            if missing.is_empty() {
                break;
            }
            let title = if document.title == document.filename { "" } else { document.title.as_str() };
            let texts = missing.iter().map(|chunk| read_again(chunk, title)).collect();
            let vectors = embedder.embed_passages(texts).await?;
            let pairs: Vec<_> = missing.iter().map(|chunk| chunk.id).zip(vectors).collect();
            let tx = self.ports.store.begin().await?;
            if !self.still_serves(&*tx, scope, &model).await? {
                continue;
            }
            tx.knowledge().add_vectors(scope, &model, &pairs).await?;
            tx.commit().await?;
            added += pairs.len();
        }
        let status = if document.indexed_hash.is_some() { DocumentStatus::Indexed } else { document.status };
        self.mark(scope, id, status, None).await?;
        Ok(json!({ "document_id": id, "outcome": "unchanged", "embedded_chunks": added }))
    }

    /// The file can never be read: its bytes go, its reason stays. A former version goes on answering.
    async fn give_up(&self, scope: &ProjectScope, document: &KnowledgeDocument, reason: &ReadError) -> Result<(), KnowledgeError> {
        let tx = self.ports.store.begin().await?;
        let mark = Mark { status: DocumentStatus::Failed, error: Some(reason.to_string()), at: self.ports.clock.now() };
        tx.knowledge().mark(scope, document.id, &mark).await?;
        tx.knowledge().drop_upload(scope, document.id, &document.content_hash).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn mark(
        &self,
        scope: &ProjectScope,
        id: DocumentId,
        status: DocumentStatus,
        error: Option<String>,
    ) -> Result<(), KnowledgeError> {
        let mark = Mark { status, error, at: self.ports.clock.now() };
        Ok(self.ports.store.repos().knowledge().mark(scope, id, &mark).await?)
    }
}
