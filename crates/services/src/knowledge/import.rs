//! An archive taken in: checked whole first, then a document at a time, each with its passages and vectors or not at all.

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{JobKind, NewJob};
use commandcenter_domain::knowledge::{
    ArchiveReceiving, ArchivedDocument, ChunkWrite, DocumentOrigin, DocumentStatus, EmbeddingModel, IndexedContent, KnowledgeDocument,
    KnowledgeError, NewDocument, OpenArchive,
};
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::text_enum;
use commandcenter_domain::{StoreError, Tx};
use serde_json::json;

use super::KnowledgeService;

/// Documents between two words of how far it is.
const TOLD_EVERY: usize = 20;

text_enum! {
    /// What becomes of a document that is there already.
    ImportStrategy {
        /// It stays as it is.
        Skip = "skip",
        /// It becomes what the archive holds.
        Overwrite = "overwrite",
    }
}

/// What an import came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Documents in the archive.
    pub documents: usize,
    /// Documents that are new.
    pub added: usize,
    /// Documents that were written over.
    pub updated: usize,
    /// Documents that were there with the same content.
    pub unchanged: usize,
    /// Documents that were there with other content and stayed.
    pub skipped: usize,
    /// Passages that came in.
    pub passages: usize,
    /// Of these, passages whose vectors are still to be made, by a job for each document.
    pub to_embed: usize,
}

/// What whoever imports learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportEvent {
    /// Documents done, of how many.
    Progress(usize, usize),
    /// The last.
    End(ImportCounts),
}

/// An import under way. Dropped before its end, what was taken in stays; the same archive again goes on.
pub struct Importing {
    service: Arc<KnowledgeService>,
    scope: ProjectScope,
    archive: Box<dyn OpenArchive>,
    strategy: ImportStrategy,
    at: usize,
    counts: ImportCounts,
    is_over: bool,
}

impl KnowledgeService {
    /// Begins to receive an archive.
    pub async fn receive_archive(&self, scope: &ProjectScope) -> Result<Box<dyn ArchiveReceiving>, KnowledgeError> {
        self.check_upload(scope)?;
        Ok(self.ports.archives.receive().await?)
    }

    /// Checks an archive whole; nothing is written yet.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn import(
        self: Arc<Self>,
        scope: ProjectScope,
        received: Box<dyn ArchiveReceiving>,
        strategy: ImportStrategy,
    ) -> Result<Importing, KnowledgeError> {
        scope.require(Role::Member)?;
        let archive = received.open().await?;
        let counts = ImportCounts { documents: archive.documents(), ..ImportCounts::default() };
        Ok(Importing { service: self, scope, archive, strategy, at: 0, counts, is_over: false })
    }
}

impl Importing {
    /// The next word of how far it is; none after the end.
    ///
    /// # Errors
    /// Storage or the disk failed. Documents taken in before stay.
    pub async fn next(&mut self) -> Result<Option<ImportEvent>, KnowledgeError> {
        if self.is_over {
            return Ok(None);
        }
        while self.at < self.counts.documents {
            let mut document = self.archive.document(self.at).await?;
            let model = self.service.embedder(&self.scope).await?.model();
            let header = self.archive.header();
            if (header.model.as_str(), header.dimension) != (model.name.as_ref(), model.dimension) {
                // Vectors of two models do not mix.
                document.passages.iter_mut().for_each(|passage| passage.vector = None);
            }
            self.take(document, model).await?;
            self.at += 1;
            if self.at.is_multiple_of(TOLD_EVERY) {
                return Ok(Some(ImportEvent::Progress(self.at, self.counts.documents)));
            }
        }
        self.is_over = true;
        self.record().await?;
        self.service.ports.signals.send(Signal::JobsReady).await;
        Ok(Some(ImportEvent::End(self.counts)))
    }

    /// One document, in one transaction.
    async fn take(&mut self, document: ArchivedDocument, model: EmbeddingModel) -> Result<(), KnowledgeError> {
        let tx = self.service.ports.store.begin().await?;
        let old = tx.knowledge().find_by_source(&self.scope, DocumentOrigin::Upload, &document.key).await?;
        match &old {
            Some(old) if old.indexed_hash.as_ref() == Some(&document.content_hash) => {
                self.counts.unchanged += 1;
                return Ok(());
            }
            Some(_) if self.strategy == ImportStrategy::Skip => {
                self.counts.skipped += 1;
                return Ok(());
            }
            Some(_) | None => {}
        }
        let is_new = old.is_none();
        let (passages, to_embed) = self.write(&*tx, (document, model), old).await?;
        tx.commit().await?;
        self.counts.passages += passages;
        self.counts.to_embed += to_embed;
        if is_new {
            self.counts.added += 1;
        } else {
            self.counts.updated += 1;
        }
        Ok(())
    }

    /// Writes a document with its passages; how many there are, and how many have no vector.
    async fn write(
        &self,
        tx: &dyn Tx,
        (archived, model): (ArchivedDocument, EmbeddingModel),
        old: Option<KnowledgeDocument>,
    ) -> Result<(usize, usize), KnowledgeError> {
        let (scope, at) = (&self.scope, self.service.ports.clock.now());
        let new = arrived(&archived, at);
        let document = match old {
            Some(old) => tx.knowledge().overwrite(scope, &old, &new).await?,
            None => tx.knowledge().insert(scope, &new).await?,
        };
        let content = content(archived, model, at);
        self.service.replace_passages(tx, scope, (document.id, &content)).await?;
        let to_embed = content.passages.iter().filter(|passage| passage.embedding.is_none()).count();
        if to_embed > 0 {
            let job = NewJob::ready(JobKind::KnowledgeIngest, json!({ "document_id": document.id }), at);
            tx.jobs().enqueue(scope, job).await?;
        }
        let chunks = content.passages.len();
        let data = json!({ "document_id": document.id, "version": document.version, "chunks": chunks });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_indexed.v1", data, at }).await?;
        Ok((chunks, to_embed))
    }

    async fn record(&self) -> Result<(), StoreError> {
        let ImportCounts { documents, added, updated, unchanged, skipped, .. } = self.counts;
        let detail = json!({ "documents": documents, "added": added, "updated": updated, "unchanged": unchanged, "skipped": skipped });
        let (entity_id, at) = (self.scope.project().get(), self.service.ports.clock.now());
        let audit = NewAudit { action: "knowledge.imported", entity: "project", entity_id, detail, at };
        self.service.ports.store.repos().audit().record(&self.scope, audit).await
    }
}

fn arrived(archived: &ArchivedDocument, at: Timestamp) -> NewDocument {
    NewDocument {
        title: archived.title.clone(),
        title_is_given: archived.title_is_given,
        category: archived.category.clone(),
        tags: archived.tags.clone(),
        filename: archived.filename.clone(),
        origin: DocumentOrigin::Upload,
        source_key: archived.key.clone(),
        source_path: archived.path.clone(),
        source_url: archived.url.clone(),
        repository: None,
        commit_sha: None,
        blob_sha: None,
        content_type: archived.content_type,
        size: archived.size,
        content_hash: archived.content_hash.clone(),
        status: DocumentStatus::Indexed,
        error: None,
        at,
    }
}

fn content(archived: ArchivedDocument, model: EmbeddingModel, at: Timestamp) -> IndexedContent {
    let texts = archived.passage_texts();
    let passages = archived.passages.into_iter().zip(texts).map(|(passage, content)| ChunkWrite {
        content,
        heading_path: passage.heading_path,
        span: passage.span,
        token_count: passage.token_count,
        text_hash: passage.text_hash,
        embedding: passage.vector,
    });
    IndexedContent {
        title: archived.title,
        content_hash: archived.content_hash,
        kind: archived.content_type,
        language: archived.language,
        warnings: archived.warnings,
        passages: passages.collect(),
        text: archived.text,
        model,
        at,
    }
}
