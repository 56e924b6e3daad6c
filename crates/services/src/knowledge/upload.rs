//! Taking in a file. Reading it is a job: this only keeps the bytes and says where to look.

use commandcenter_domain::StoreError;
use commandcenter_domain::Tx;
use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{Job, JobKind, NewJob};
use commandcenter_domain::knowledge::{
    DocumentOrigin, DocumentStatus, Inspection, KnowledgeDocument, KnowledgeError, NewDocument, NewUpload, Upload,
};
use commandcenter_domain::shared::Timestamp;
use serde_json::json;

use super::KnowledgeService;

impl KnowledgeService {
    /// Keeps a file and schedules its reading: both or neither. A file of a name that is there already becomes its new version; until it is
    /// read, the former passages answer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn upload(&self, scope: &ProjectScope, new: NewUpload) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        scope.require(Role::Member)?;
        let inspection = self.ports.reader.inspect(new.filename(), new.bytes())?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let old = tx.knowledge().find_by_source(scope, DocumentOrigin::Upload, new.filename()).await?;
        let arrived = arrived(&new, &inspection, old.as_ref(), now);
        let document = match old {
            Some(old) => tx.knowledge().overwrite(scope, &old, &arrived).await?,
            None => tx.knowledge().insert(scope, &arrived).await?,
        };
        let title = new.title().map(str::to_owned);
        let upload = Upload { content_hash: inspection.content_hash, title, bytes: new.into_bytes() };
        tx.knowledge().put_upload(scope, document.id, &upload).await?;
        let job = tx.jobs().enqueue(scope, NewJob::ready(JobKind::KnowledgeIngest, json!({ "document_id": document.id }), now)).await?;
        record(&*tx, scope, &document, now).await?;
        tx.commit().await?;
        self.ports.signals.send(Signal::JobsReady).await;
        Ok((job, document))
    }
}

fn arrived(new: &NewUpload, inspection: &Inspection, old: Option<&KnowledgeDocument>, at: Timestamp) -> NewDocument {
    let title = new.title().or(old.map(|old| old.title.as_str())).unwrap_or_else(|| new.filename());
    NewDocument {
        title: title.to_owned(),
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
        content_type: inspection.kind,
        size: i64::try_from(new.bytes().len()).unwrap_or(i64::MAX),
        content_hash: inspection.content_hash.clone(),
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
