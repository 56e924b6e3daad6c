//! The knowledge base as the reading of sources uses it.

use async_trait::async_trait;
use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{JobKind, NewJob};
use commandcenter_domain::knowledge::{
    DocumentOrigin, DocumentStatus, IndexedContent, Inspection, KnowledgeDocument, KnowledgeError, NewDocument, Placed, SourceDocument,
    SourceDocuments, Stored, Upload,
};
use commandcenter_domain::shared::{DocumentId, JobId, SourceId};
use serde_json::json;

use super::KnowledgeService;
use super::embed::Unwatched;

#[async_trait]
impl SourceDocuments for KnowledgeService {
    async fn put(&self, scope: &ProjectScope, document: SourceDocument) -> Result<Placed, KnowledgeError> {
        scope.require(Role::Member)?;
        let inspection = self.ports.reader.inspect(&document.name, &document.bytes)?;
        let old = self.ports.store.repos().knowledge().find_by_source(scope, DocumentOrigin::Source, &key(&document)).await?;
        if let Some(old) = old.as_ref().filter(|old| old.indexed_hash.as_ref() == Some(&inspection.content_hash)) {
            return Ok(Placed { document: old.id, stored: Stored::Unchanged });
        }
        let mut reading = self.ports.reader.read(&document.name, document.bytes.clone()).await?;
        let (named, passages) = (document.title.clone().or(reading.title.take()), std::mem::take(&mut reading.passages));
        let embedder = self.embedder(scope).await?;
        let earlier = self.earlier(scope, old.as_ref().map(|old| old.id), &*embedder).await?;
        let made = self.embedded((named.as_deref().unwrap_or_default(), passages), (&earlier, &*embedder), &Unwatched).await?;
        let title = named.unwrap_or_else(|| document.name.clone());
        let content = self.content(title, inspection.content_hash.clone(), (reading, made.passages), embedder.model());
        let new = NewDocument { title: content.title.clone(), at: content.at, ..self.arrived_from(&document, &inspection) };
        self.serve_item(scope, document.source.get(), &new, &content).await
    }

    async fn accept(&self, scope: &ProjectScope, document: SourceDocument) -> Result<(JobId, DocumentId), KnowledgeError> {
        scope.require(Role::Member)?;
        let inspection = self.ports.reader.inspect(&document.name, &document.bytes)?;
        let new = NewDocument { status: DocumentStatus::Pending, ..self.arrived_from(&document, &inspection) };
        let tx = self.ports.store.begin().await?;
        let stored = match tx.knowledge().find_by_source(scope, DocumentOrigin::Source, &new.source_key).await? {
            Some(old) => tx.knowledge().overwrite(scope, &old, &new).await?,
            None => tx.knowledge().insert(scope, &new).await?,
        };
        let upload = Upload { content_hash: inspection.content_hash, title: document.title, bytes: document.bytes };
        tx.knowledge().put_upload(scope, stored.id, &upload).await?;
        let job = tx.jobs().enqueue(scope, NewJob::ready(JobKind::KnowledgeIngest, json!({ "document_id": stored.id }), new.at)).await?;
        tx.commit().await?;
        self.ports.signals.send(Signal::JobsReady).await;
        Ok((job.id, stored.id))
    }

    async fn remove(&self, scope: &ProjectScope, source: SourceId, documents: &[DocumentId]) -> Result<u64, KnowledgeError> {
        scope.require(Role::Member)?;
        let tx = self.ports.store.begin().await?;
        let removed = tx.knowledge().remove(scope, documents).await?;
        if removed > 0 {
            let data = json!({ "source_id": source, "documents": removed });
            tx.outbox().publish(scope, NewEvent { kind: "cc.source.documents_removed.v1", data, at: self.ports.clock.now() }).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}

impl KnowledgeService {
    /// Writes the document and its passages in one transaction.
    async fn serve_item(
        &self,
        scope: &ProjectScope,
        source: i64,
        new: &NewDocument,
        content: &IndexedContent,
    ) -> Result<Placed, KnowledgeError> {
        let tx = self.ports.store.begin().await?;
        let document: KnowledgeDocument = match tx.knowledge().find_by_source(scope, DocumentOrigin::Source, &new.source_key).await? {
            Some(old) => tx.knowledge().overwrite(scope, &old, new).await?,
            None => tx.knowledge().insert(scope, new).await?,
        };
        self.replace_passages(&*tx, scope, (document.id, content)).await?;
        let chunks = content.passages.len();
        let data = json!({ "document_id": document.id, "source_id": source, "version": document.version, "chunks": chunks });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_indexed.v1", data, at: new.at }).await?;
        tx.commit().await?;
        Ok(Placed { document: document.id, stored: Stored::Indexed(u64::try_from(chunks).unwrap_or(u64::MAX)) })
    }

    fn arrived_from(&self, document: &SourceDocument, inspection: &Inspection) -> NewDocument {
        NewDocument {
            title: document.title.clone().unwrap_or_else(|| document.name.clone()),
            title_is_given: false,
            category: document.category.clone(),
            tags: document.tags.clone(),
            filename: document.name.clone(),
            origin: DocumentOrigin::Source,
            source_key: key(document),
            source_path: None,
            source_url: document.url.clone(),
            repository: None,
            commit_sha: None,
            blob_sha: None,
            content_type: inspection.kind,
            size: i64::try_from(document.bytes.len()).unwrap_or(i64::MAX),
            content_hash: inspection.content_hash.clone(),
            status: DocumentStatus::Indexed,
            error: None,
            at: self.ports.clock.now(),
        }
    }
}

fn key(document: &SourceDocument) -> String {
    format!("{}:{}", document.source, document.key)
}
