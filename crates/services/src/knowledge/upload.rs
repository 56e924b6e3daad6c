//! Taking in a file. Reading it is a job: this only keeps the bytes and says where to look.

use commandcenter_domain::StoreError;
use commandcenter_domain::Tx;
use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{Job, JobKind, NewJob};
use commandcenter_domain::knowledge::{
    ContentKind, DocumentOrigin, DocumentStatus, KnowledgeDocument, KnowledgeError, NewDocument, NewUpload, Upload,
};
use commandcenter_domain::shared::{DocumentId, Timestamp};
use serde_json::json;

use super::KnowledgeService;
use super::receive::{Received, sort};

/// Uploads of the same new file at once: one of them adds the document, the others write over it.
const ATTEMPTS: usize = 3;

impl KnowledgeService {
    /// Keeps a file that was received and schedules its reading: both or neither. A file of a name that is there already becomes its new
    /// version; until it is read, the former passages answer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn upload(
        &self,
        scope: &ProjectScope,
        new: &NewUpload,
        received: Received,
    ) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        let taken = self.take_in(scope, new, &received).await;
        self.discard(received).await;
        let (job, document) = taken?;
        self.ports.signals.send(Signal::JobsReady).await;
        Ok((job, document))
    }

    /// The same for a file that is at hand whole.
    pub async fn upload_bytes(
        &self,
        scope: &ProjectScope,
        new: &NewUpload,
        bytes: &[u8],
    ) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        let mut receiving = self.receive(scope).await?;
        receiving.write(bytes).await?;
        let received = receiving.finish().await?;
        self.upload(scope, new, received).await
    }

    async fn take_in(
        &self,
        scope: &ProjectScope,
        new: &NewUpload,
        received: &Received,
    ) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        scope.require(Role::Member)?;
        let kind = self.ports.reader.look(new.filename(), received.sample())?;
        let mut attempt = 1;
        loop {
            match self.keep(scope, new, (received, kind)).await {
                Err(KnowledgeError::Store(StoreError::Duplicate(_))) if attempt < ATTEMPTS => attempt += 1,
                kept => return kept,
            }
        }
    }

    async fn keep(
        &self,
        scope: &ProjectScope,
        new: &NewUpload,
        (received, kind): (&Received, ContentKind),
    ) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let old = tx.knowledge().find_by_source(scope, DocumentOrigin::Upload, new.filename()).await?;
        let arrived = NewDocument { content_type: kind, ..arrived(new, received, old.as_ref(), now) };
        let document = match old {
            Some(old) => tx.knowledge().overwrite(scope, &old, &arrived).await?,
            None => tx.knowledge().insert(scope, &arrived).await?,
        };
        self.put_bytes(&*tx, scope, (document.id, new.title(), received)).await?;
        let job = tx.jobs().enqueue(scope, NewJob::ready(JobKind::KnowledgeIngest, json!({ "document_id": document.id }), now)).await?;
        record(&*tx, scope, &document, now).await?;
        tx.commit().await?;
        Ok((job, document))
    }

    /// Moves the bytes from the disk of this process to where every worker finds them, a part at a time.
    async fn put_bytes(
        &self,
        tx: &dyn Tx,
        scope: &ProjectScope,
        (id, title, received): (DocumentId, Option<&str>, &Received),
    ) -> Result<(), KnowledgeError> {
        let most = self.ports.max_file;
        let mut reader = self.ports.spool.open(&received.file.key).await.map_err(|err| sort(err, most))?;
        let mut part = Vec::with_capacity(Upload::PART);
        let mut number = 0;
        loop {
            let piece = reader.next().await.map_err(|err| sort(err, most))?;
            let is_last = piece.is_none();
            part.extend(piece.unwrap_or_default());
            while part.len() >= Upload::PART || (is_last && (number == 0 || !part.is_empty())) {
                let rest = part.split_off(part.len().min(Upload::PART));
                let bytes = std::mem::replace(&mut part, rest);
                if number == 0 {
                    let upload = Upload { content_hash: received.file.sha256.clone(), title: title.map(str::to_owned), bytes };
                    tx.knowledge().put_upload(scope, id, &upload).await?;
                } else {
                    tx.knowledge().put_upload_part(scope, id, number, bytes).await?;
                }
                number += 1;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

fn arrived(new: &NewUpload, received: &Received, old: Option<&KnowledgeDocument>, at: Timestamp) -> NewDocument {
    let title = new.title().or(old.map(|old| old.title.as_str())).unwrap_or_else(|| new.filename());
    NewDocument {
        title: title.to_owned(),
        title_is_given: new.title().is_some(),
        category: new.category().as_str().to_owned(),
        tags: new.tags().clone().into_inner(),
        filename: new.filename().to_owned(),
        origin: DocumentOrigin::Upload,
        source_key: new.filename().to_owned(),
        source_path: None,
        source_url: None,
        repository: None,
        commit_sha: None,
        blob_sha: None,
        content_type: ContentKind::Plain,
        size: i64::try_from(received.size()).unwrap_or(i64::MAX),
        content_hash: received.file.sha256.clone(),
        status: DocumentStatus::Pending,
        error: None,
        at,
    }
}

async fn record(tx: &dyn Tx, scope: &ProjectScope, document: &KnowledgeDocument, at: Timestamp) -> Result<(), StoreError> {
    let detail = json!({ "filename": document.filename, "version": document.version, "size": document.size });
    let audit = NewAudit { action: "knowledge.uploaded", entity: "knowledge_document", entity_id: document.id.get(), detail, at };
    tx.audit().record(scope, audit).await?;
    let data = json!({ "document_id": document.id, "filename": document.filename, "version": document.version });
    tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_uploaded.v1", data, at }).await
}
