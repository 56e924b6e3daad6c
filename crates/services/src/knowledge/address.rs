//! Documents that are pages somewhere: named by a person, fetched by the job that reads them, and fetched anew whenever it runs again.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, Signal};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{Job, JobKind, JobRun, NewJob};
use commandcenter_domain::knowledge::{
    Address, ContentKind, DocumentOrigin, DocumentStatus, Filing, KnowledgeDocument, KnowledgeError, Mark, NewAddress, NewDocument, Tags,
    Upload,
};
use commandcenter_domain::shared::{Invalid, Timestamp};
use commandcenter_domain::source::{CanonicalUrl, Content, Read, ReadFailure, Validators};
use commandcenter_domain::{StoreError, Tx};
use futures::future::{Either, select};
use serde_json::json;

use super::KnowledgeService;

/// The same new page named twice at once: one of them adds the document, the other finds it.
const ATTEMPTS: usize = 3;

impl KnowledgeService {
    /// Takes a page into the knowledge base and schedules its reading: both or neither. A page that is there already is filed anew and read
    /// again; what did not change since is not read twice.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn add_address(&self, scope: &ProjectScope, new: &NewAddress) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        scope.require(Role::Member)?;
        self.ports.pages.admit(new.url()).map_err(|err| Invalid::one("url", "not_allowed", err.to_string()))?;
        let mut attempt = 1;
        let (job, document) = loop {
            match self.name(scope, new).await {
                Err(KnowledgeError::Store(StoreError::Duplicate(_))) if attempt < ATTEMPTS => attempt += 1,
                named => break named?,
            }
        };
        self.ports.signals.send(Signal::JobsReady).await;
        Ok((job, document))
    }

    async fn name(&self, scope: &ProjectScope, new: &NewAddress) -> Result<(Job, KnowledgeDocument), KnowledgeError> {
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let id = match tx.knowledge().find_by_source(scope, DocumentOrigin::Url, new.url().as_str()).await? {
            Some(old) => {
                tx.knowledge().file(scope, old.id, &filed(new, &old, now)).await?;
                old.id
            }
            None => {
                let id = tx.knowledge().insert(scope, &first(new, now)).await?.id;
                tx.knowledge().set_address(scope, id, &Address::default()).await?;
                id
            }
        };
        let document = tx.knowledge().find(scope, id).await?.ok_or(KnowledgeError::NotFound(id))?;
        let ready = NewJob::ready(JobKind::KnowledgeIngest, json!({ "document_id": id }), now);
        let job = tx.jobs().enqueue(scope, NewJob { unique_key: Some(format!("knowledge_page:{id}")), ..ready }).await?;
        record(&*tx, scope, &document, now).await?;
        tx.commit().await?;
        Ok((job, document))
    }

    /// Asks for the page of a document. What comes is kept as its next version, to be read like any file; a page that is as it was leaves
    /// the document as it is. Until it answers, the former version does.
    pub(super) async fn fetch(&self, run: &dyn JobRun, document: KnowledgeDocument) -> Result<KnowledgeDocument, KnowledgeError> {
        run.progress(1, "asking for the page").await;
        let (scope, id) = (run.scope(), document.id);
        let address = self.ports.store.repos().knowledge().address(scope, id).await?.unwrap_or_default();
        // Only what is being served may be answered with "not modified".
        let is_served = document.indexed_hash.as_ref() == Some(&document.content_hash);
        let known = if is_served { address.validators.clone() } else { Validators::default() };
        let url = CanonicalUrl::parse(&document.source_key).ok_or_else(|| ReadFailure::Url(document.source_key.clone()));
        let read = match url {
            Ok(url) => self.page_unless_cancelled(run, &url, &known).await?,
            Err(failure) => Err(failure),
        };
        let now = self.ports.clock.now();
        match read {
            Ok(Read::Unchanged) => {
                self.answered(&document, scope, address.validators).await?;
                Ok(document)
            }
            Ok(Read::Page(page)) => self.arrived_at(scope, document, (page.content, page.validators)).await,
            Ok(Read::Gone(reason)) => self.unanswered(&document, scope, (address.failed(now, true), ReadFailure::Format(reason))).await,
            Ok(Read::Skipped(reason)) => self.unanswered(&document, scope, (address.failed(now, false), ReadFailure::Format(reason))).await,
            Err(failure) => self.unanswered(&document, scope, (address.failed(now, false), failure)).await,
        }
    }

    async fn page_unless_cancelled(
        &self,
        run: &dyn JobRun,
        url: &CanonicalUrl,
        known: &Validators,
    ) -> Result<Result<Read, ReadFailure>, KnowledgeError> {
        match select(self.ports.pages.page(url, known, self.ports.max_file), run.cancelled()).await {
            Either::Left((read, _)) => Ok(read),
            Either::Right(((), _)) => Err(KnowledgeError::Cancelled),
        }
    }

    /// A content came: looked at, and kept unless it is the one that is being served.
    async fn arrived_at(
        &self,
        scope: &ProjectScope,
        document: KnowledgeDocument,
        (content, validators): (Content, Validators),
    ) -> Result<KnowledgeDocument, KnowledgeError> {
        let inspection = match self.ports.reader.inspect(&content.name, &content.bytes) {
            Ok(inspection) => inspection,
            Err(reason) => {
                self.answered(&document, scope, Validators::default()).await?;
                self.fail(&document, scope, reason.to_string()).await?;
                return Err(reason.into());
            }
        };
        let hash = inspection.content_hash;
        if document.content_hash == hash && document.indexed_hash.as_ref() == Some(&hash) {
            self.answered(&document, scope, validators).await?;
            return Ok(document);
        }
        let now = self.ports.clock.now();
        let arrived = NewDocument {
            filename: content.name,
            content_type: inspection.kind,
            size: i64::try_from(content.bytes.len()).unwrap_or(i64::MAX),
            content_hash: hash.clone(),
            status: DocumentStatus::Indexing,
            ..again(&document, now)
        };
        let tx = self.ports.store.begin().await?;
        let document = tx.knowledge().overwrite(scope, &document, &arrived).await?;
        keep(&*tx, scope, &document, (hash, content.bytes)).await?;
        tx.knowledge().set_address(scope, document.id, &Address::answered(validators, now)).await?;
        tx.commit().await?;
        Ok(document)
    }

    async fn answered(&self, document: &KnowledgeDocument, scope: &ProjectScope, validators: Validators) -> Result<(), KnowledgeError> {
        let address = Address::answered(validators, self.ports.clock.now());
        Ok(self.ports.store.repos().knowledge().set_address(scope, document.id, &address).await?)
    }

    async fn unanswered(
        &self,
        document: &KnowledgeDocument,
        scope: &ProjectScope,
        (address, failure): (Address, ReadFailure),
    ) -> Result<KnowledgeDocument, KnowledgeError> {
        self.ports.store.repos().knowledge().set_address(scope, document.id, &address).await?;
        self.fail(document, scope, failure.to_string()).await?;
        Err(failure.into())
    }

    async fn fail(&self, document: &KnowledgeDocument, scope: &ProjectScope, reason: String) -> Result<(), KnowledgeError> {
        let mark = Mark { status: DocumentStatus::Failed, error: Some(reason), at: self.ports.clock.now() };
        Ok(self.ports.store.repos().knowledge().mark(scope, document.id, &mark).await?)
    }
}

/// Keeps bytes in parts until they are read.
async fn keep(
    tx: &dyn Tx,
    scope: &ProjectScope,
    document: &KnowledgeDocument,
    (content_hash, bytes): (String, Vec<u8>),
) -> Result<(), StoreError> {
    let mut parts = bytes.chunks(Upload::PART).zip(0..);
    let first = parts.next().map(|(part, _)| part.to_vec()).unwrap_or_default();
    tx.knowledge().put_upload(scope, document.id, &Upload { content_hash, title: None, bytes: first }).await?;
    for (part, number) in parts {
        tx.knowledge().put_upload_part(scope, document.id, number, part.to_vec()).await?;
    }
    Ok(())
}

/// How a page that is there already is filed from now on.
fn filed(new: &NewAddress, old: &KnowledgeDocument, at: Timestamp) -> Filing {
    Filing {
        title: new.title().unwrap_or(&old.title).to_owned(),
        title_is_given: new.title().is_some() || old.title_is_given,
        category: new.category().as_str().to_owned(),
        tags: new.tags().map_or_else(|| old.tags.clone(), |tags| tags.clone().into_inner()),
        technology: old.technology,
        at,
    }
}

/// A page that was never fetched: nothing is known of its content.
fn first(new: &NewAddress, at: Timestamp) -> NewDocument {
    let url = new.url().as_str();
    NewDocument {
        title: new.title().unwrap_or(url).chars().take(500).collect(),
        title_is_given: new.title().is_some(),
        category: new.category().as_str().to_owned(),
        tags: new.tags().cloned().map(Tags::into_inner).unwrap_or_default(),
        filename: new.url().host().to_owned(),
        origin: DocumentOrigin::Url,
        source_key: url.to_owned(),
        source_path: None,
        source_url: Some(url.to_owned()),
        repository: None,
        commit_sha: None,
        blob_sha: None,
        content_type: ContentKind::Plain,
        size: 0,
        content_hash: String::new(),
        status: DocumentStatus::Pending,
        error: None,
        at,
    }
}

/// The document as it is, to be written over with what arrived.
fn again(document: &KnowledgeDocument, at: Timestamp) -> NewDocument {
    NewDocument {
        title: document.title.clone(),
        title_is_given: false,
        category: document.category.clone(),
        tags: document.tags.clone(),
        filename: document.filename.clone(),
        origin: DocumentOrigin::Url,
        source_key: document.source_key.clone(),
        source_path: None,
        source_url: document.source_url.clone(),
        repository: None,
        commit_sha: None,
        blob_sha: None,
        content_type: document.content_type,
        size: document.size,
        content_hash: document.content_hash.clone(),
        status: document.status,
        error: None,
        at,
    }
}

async fn record(tx: &dyn Tx, scope: &ProjectScope, document: &KnowledgeDocument, at: Timestamp) -> Result<(), StoreError> {
    let detail = json!({ "url": document.source_url, "version": document.version });
    let audit = NewAudit { action: "knowledge.page_added", entity: "knowledge_document", entity_id: document.id.get(), detail, at };
    tx.audit().record(scope, audit).await?;
    let data = json!({ "document_id": document.id, "url": document.source_url, "version": document.version });
    tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.page_added.v1", data, at }).await
}
