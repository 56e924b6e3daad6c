//! The knowledge base as an archive, written while it is sent.

use std::collections::VecDeque;
use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    ArchiveHeader, ArchivedDocument, ArchivedPassage, ChunkWrite, DocumentFilter, DocumentOrigin, DocumentSort, EmbeddingModel,
    KnowledgeDocument, KnowledgeError, Packing,
};
use commandcenter_domain::shared::{Direction, DocumentId, PageRequest, Sort};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::KnowledgeService;

/// Documents listed at once.
const PAGE: i64 = 100;
/// Looks at a document that is being written anew meanwhile.
const LOOKS: usize = 4;

/// An archive under way.
pub struct Exporting {
    service: Arc<KnowledgeService>,
    scope: ProjectScope,
    left: VecDeque<DocumentId>,
    model: EmbeddingModel,
    packing: Option<Box<dyn Packing>>,
}

impl KnowledgeService {
    /// Begins an archive of every document that answers. What is uploaded from now on is not in it.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn export(self: Arc<Self>, scope: ProjectScope) -> Result<Exporting, KnowledgeError> {
        let left = self.served(&scope).await?;
        let (model, at) = (self.embedder(&scope).await?.model(), self.ports.clock.now());
        let detail = json!({ "documents": left.len() });
        let audit = NewAudit { action: "knowledge.exported", entity: "project", entity_id: scope.project().get(), detail, at };
        self.ports.store.repos().audit().record(&scope, audit).await?;
        let header = ArchiveHeader { model: model.name.to_string(), dimension: model.dimension, exported_at: at };
        let packing = Some(self.ports.archives.pack(header));
        Ok(Exporting { service: self, scope, left, model, packing })
    }

    /// The documents that answer, oldest first.
    async fn served(&self, scope: &ProjectScope) -> Result<VecDeque<DocumentId>, KnowledgeError> {
        let oldest = Sort { key: DocumentSort::CreatedAt, direction: Direction::Ascending };
        let mut found = VecDeque::new();
        for number in 1.. {
            let page = PageRequest::parse(Some(number), Some(PAGE))?;
            let page = self.ports.store.repos().knowledge().list(scope, &DocumentFilter::default(), oldest, page).await?;
            let is_last = page.items.len() < usize::try_from(PAGE).unwrap_or(0);
            found.extend(page.items.iter().filter(|document| document.indexed_hash.is_some()).map(|document| document.id));
            if is_last {
                break;
            }
        }
        // A document that is added while pages are read moves none, but one that is removed does.
        let mut seen = std::collections::HashSet::new();
        found.retain(|id| seen.insert(*id));
        Ok(found)
    }

    /// A document as an archive holds it; none when it is gone.
    async fn archived(
        &self,
        scope: &ProjectScope,
        (id, model): (DocumentId, &EmbeddingModel),
    ) -> Result<Option<ArchivedDocument>, KnowledgeError> {
        let repo = self.ports.store.repos().knowledge();
        for _ in 0..LOOKS {
            let Some(document) = repo.find(scope, id).await? else { return Ok(None) };
            let text = repo.text(scope, id).await?.unwrap_or_default();
            let passages = repo.stored_passages(scope, id, model).await?;
            let after = repo.find(scope, id).await?;
            // Text and passages must be of one reading.
            if after.is_some_and(|after| after.indexed_at == document.indexed_at && after.indexed_hash == document.indexed_hash) {
                return Ok(Some(archived(document, text, passages)));
            }
        }
        Ok(None)
    }
}

impl Exporting {
    /// The next bytes; none when all is said.
    ///
    /// # Errors
    /// Storage or the disk failed: what was sent so far is no archive, since its end is missing.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, KnowledgeError> {
        while let (Some(id), Some(packing)) = (self.left.pop_front(), &mut self.packing) {
            if let Some(document) = self.service.archived(&self.scope, (id, &self.model)).await? {
                let bytes = packing.add(document).await?;
                if !bytes.is_empty() {
                    return Ok(Some(bytes));
                }
            }
        }
        match self.packing.take() {
            Some(packing) => Ok(Some(packing.finish().await?)),
            None => Ok(None),
        }
    }
}

fn archived(document: KnowledgeDocument, text: String, passages: Vec<ChunkWrite>) -> ArchivedDocument {
    let key = match document.origin {
        // What was brought from elsewhere keeps the name it had there.
        DocumentOrigin::Upload | DocumentOrigin::Url => document.source_key,
        DocumentOrigin::Repository | DocumentOrigin::Source => format!("{}:{}", document.origin, document.source_key),
    };
    ArchivedDocument {
        key,
        title: document.title,
        title_is_given: document.title_is_given,
        category: document.category,
        tags: document.tags,
        filename: document.filename,
        path: document.source_path,
        url: document.source_url,
        content_type: document.content_type,
        size: document.size,
        content_hash: document.indexed_hash.unwrap_or(document.content_hash),
        language: document.language,
        warnings: document.warnings,
        text,
        passages: passages.into_iter().map(passage).collect(),
    }
}

fn passage(stored: ChunkWrite) -> ArchivedPassage {
    let ChunkWrite { content, heading_path, span, token_count, text_hash, embedding } = stored;
    // Passages of the first versions have no hash. That of their content stands for no other text.
    let text_hash = if text_hash.is_empty() { hex::encode(Sha256::digest(content.as_bytes())) } else { text_hash };
    ArchivedPassage { span, heading_path, token_count, text_hash, is_embedded: embedding.is_some(), vector: embedding }
}
