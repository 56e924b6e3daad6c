//! How documents are filed, and which contents they have had.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::knowledge::{DocumentEdit, DocumentVersion, KnowledgeDocument, KnowledgeError};
use commandcenter_domain::shared::{DocumentId, Invalid};
use commandcenter_domain::{Page, PageRequest};
use serde_json::json;

use super::KnowledgeService;

impl KnowledgeService {
    /// Files a document anew. A title that is given here stays when a new version of the document brings another.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), document.id = %id))]
    pub async fn edit(&self, scope: &ProjectScope, id: DocumentId, edit: DocumentEdit) -> Result<KnowledgeDocument, KnowledgeError> {
        scope.require(Role::Member)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let old = tx.knowledge().find(scope, id).await?.ok_or(KnowledgeError::NotFound(id))?;
        if let Some(technology) = edit.technology()
            && tx.technologies().find_for_update(scope, technology).await?.is_none()
        {
            return Err(Invalid::one("technology_id", "not_found", "names no technology of this project").into());
        }
        let filing = edit.apply(&old, now);
        tx.knowledge().file(scope, id, &filing).await?;
        let document = tx.knowledge().find(scope, id).await?.ok_or(KnowledgeError::NotFound(id))?;
        let detail =
            json!({ "title": document.title, "category": document.category, "tags": document.tags, "technology_id": document.technology });
        tx.audit()
            .record(scope, NewAudit { action: "knowledge.updated", entity: "knowledge_document", entity_id: id.get(), detail, at: now })
            .await?;
        let data = json!({ "document_id": id, "title": document.title });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_updated.v1", data, at: now }).await?;
        tx.commit().await?;
        Ok(document)
    }

    /// A page of the contents that a document has had, newest first.
    pub async fn versions(&self, scope: &ProjectScope, id: DocumentId, page: PageRequest) -> Result<Page<DocumentVersion>, KnowledgeError> {
        self.get(scope, id).await?;
        Ok(self.ports.store.repos().knowledge().versions(scope, id, page).await?)
    }
}
