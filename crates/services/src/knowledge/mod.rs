//! The knowledge base: documents in, answers out.

mod address;
mod ask;
mod ask_prompt;
mod collection;
mod embed;
mod evaluation;
mod export;
mod file;
mod hits;
mod import;
mod ingest;
mod probe;
mod provider;
mod query;
mod receive;
mod reembed;
mod repository;
mod rerank;
mod results;
mod settings;
mod source;
mod staleness;
mod upload;
mod vectors;

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::{NewEvent, SignalBus};
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::knowledge::{
    Archives, CategoryCount, Chunk, Collection, DocumentFilter, DocumentReader, DocumentSort, Embedder, EmbedderState, EmbeddingModel,
    KnowledgeDocument, KnowledgeError, KnowledgeStatistics, PassageIndex, PassageJudge, ProviderEmbeddings, SharedMemory,
};
use commandcenter_domain::research::FileStore;
use commandcenter_domain::shared::{DocumentId, Sort};
use commandcenter_domain::source::PageReader;
use commandcenter_domain::{Clock, Page, PageRequest, Store};
use serde_json::json;

pub use ask::{Ask, AskEnd, AskEvent, AskOutcome, AskService, Asking};
use collection::Choices;
pub use export::Exporting;
pub use import::{ImportCounts, ImportEvent, ImportStrategy, Importing};
pub use probe::ModelProbe;
pub use receive::{Received, Receiving};
pub use reembed::ReembedHandler;
use results::Results;
pub use settings::{EmbeddingOverview, WantedModel};
pub use staleness::StalenessKeeper;
use vectors::QuestionVectors;

/// What the knowledge base is built on.
#[derive(Clone)]
pub struct KnowledgePorts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Wakes workers.
    pub signals: Arc<dyn SignalBus>,
    /// Reads files.
    pub reader: Arc<dyn DocumentReader>,
    /// Makes vectors.
    pub embedder: Arc<dyn Embedder>,
    /// Makes vectors with the models of providers.
    pub embeddings: Arc<dyn ProviderEmbeddings>,
    /// Reads hits to put them in order.
    pub judge: Arc<dyn PassageJudge>,
    /// Finds passages.
    pub index: Arc<dyn PassageIndex>,
    /// Where files lie while they come in.
    pub spool: Arc<dyn FileStore>,
    /// Writes and reads archives.
    pub archives: Arc<dyn Archives>,
    /// What several processes remember together, where they do.
    pub shared: Option<Arc<dyn SharedMemory>>,
    /// Reads pages that people name.
    pub pages: Arc<dyn PageReader>,
    /// Most bytes of a file.
    pub max_file: u64,
}

/// Use cases of the knowledge base.
pub struct KnowledgeService {
    ports: KnowledgePorts,
    results: Results,
    choices: Choices,
    vectors: Arc<QuestionVectors>,
}

/// The knowledge base in numbers, with the model that serves it.
#[derive(Debug, Clone)]
pub struct KnowledgeOverview {
    /// The numbers.
    pub numbers: KnowledgeStatistics,
    /// The model.
    pub model: EmbeddingModel,
    /// Whether it can be used now.
    pub state: EmbedderState,
}

impl KnowledgeService {
    /// A service over its ports.
    #[must_use]
    pub fn new(ports: KnowledgePorts) -> Self {
        let (results, vectors) = (Results::new(ports.shared.clone()), Arc::new(QuestionVectors::new(ports.shared.clone())));
        Self { ports, results, choices: Choices::default(), vectors }
    }

    /// One document.
    pub async fn get(&self, scope: &ProjectScope, id: DocumentId) -> Result<KnowledgeDocument, KnowledgeError> {
        self.ports.store.repos().knowledge().find(scope, id).await?.ok_or(KnowledgeError::NotFound(id))
    }

    /// One document with its normalised text; the text is absent before it was first read.
    pub async fn get_with_text(&self, scope: &ProjectScope, id: DocumentId) -> Result<(KnowledgeDocument, Option<String>), KnowledgeError> {
        let document = self.get(scope, id).await?;
        let text = self.ports.store.repos().knowledge().text(scope, id).await?;
        Ok((document, text))
    }

    /// A page of documents.
    pub async fn list(
        &self,
        scope: &ProjectScope,
        filter: &DocumentFilter,
        sort: Sort<DocumentSort>,
        page: PageRequest,
    ) -> Result<Page<KnowledgeDocument>, KnowledgeError> {
        Ok(self.ports.store.repos().knowledge().list(scope, filter, sort, page).await?)
    }

    /// A page of a document's passages.
    pub async fn chunks(&self, scope: &ProjectScope, id: DocumentId, page: PageRequest) -> Result<Page<Chunk>, KnowledgeError> {
        self.get(scope, id).await?;
        Ok(self.ports.store.repos().knowledge().chunks(scope, id, page).await?)
    }

    /// Removes a document with its text, passages, vectors and waiting bytes.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), document.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: DocumentId) -> Result<(), KnowledgeError> {
        scope.require(Role::Member)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let document = tx.knowledge().find(scope, id).await?.ok_or(KnowledgeError::NotFound(id))?;
        tx.knowledge().remove(scope, &[id]).await?;
        let detail = json!({ "title": document.title, "origin": document.origin });
        tx.audit()
            .record(scope, NewAudit { action: "knowledge.deleted", entity: "knowledge_document", entity_id: id.get(), detail, at: now })
            .await?;
        let data = json!({ "document_id": id, "title": document.title });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_deleted.v1", data, at: now }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The knowledge base in numbers.
    pub async fn statistics(&self, scope: &ProjectScope) -> Result<KnowledgeOverview, KnowledgeError> {
        let embedder = self.embedder(scope).await?;
        let numbers = self.ports.store.repos().knowledge().statistics(scope, &embedder.model()).await?;
        Ok(KnowledgeOverview { numbers, model: embedder.model(), state: embedder.state() })
    }

    /// The categories in use.
    pub async fn categories(&self, scope: &ProjectScope) -> Result<Vec<CategoryCount>, KnowledgeError> {
        Ok(self.ports.store.repos().knowledge().categories(scope).await?)
    }

    /// Where documents came from.
    pub async fn collections(&self, scope: &ProjectScope) -> Result<Vec<Collection>, KnowledgeError> {
        Ok(self.ports.store.repos().knowledge().collections(scope).await?)
    }
}
