//! The knowledge base as the synchronisation of repositories uses it.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::knowledge::{
    ContentKind, DocumentOrigin, DocumentStatus, IndexedContent, Inspection, KnowledgeDocument, KnowledgeError, NewDocument, ReadError,
    RepositoryDocuments, RepositoryFile, Stored,
};
use commandcenter_domain::shared::{RepositoryId, Timestamp};
use serde_json::json;

use super::KnowledgeService;
use super::embed::Unwatched;

#[async_trait]
impl RepositoryDocuments for KnowledgeService {
    async fn stored(&self, scope: &ProjectScope, repository: RepositoryId) -> Result<BTreeMap<String, String>, KnowledgeError> {
        let entries = self.ports.store.repos().knowledge().of_repository(scope, repository).await?;
        Ok(entries.into_iter().map(|entry| (entry.path, entry.blob_sha)).collect())
    }

    async fn put(&self, scope: &ProjectScope, file: RepositoryFile) -> Result<Stored, KnowledgeError> {
        scope.require(Role::Member)?;
        let name = file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let inspection = match self.ports.reader.inspect(&name, &file.bytes) {
            Ok(inspection) => inspection,
            Err(reason) => return self.unreadable(scope, &file, &name, reason.to_string()).await,
        };
        let old = self.ports.store.repos().knowledge().find_by_source(scope, DocumentOrigin::Repository, &key(&file)).await?;
        if let Some(old) = old.as_ref().filter(|old| old.indexed_hash.as_ref() == Some(&inspection.content_hash)) {
            return self.same_content(scope, &file, old).await;
        }
        let mut reading = match self.ports.reader.read(&name, file.bytes.clone()).await {
            Ok(reading) => reading,
            Err(problem @ ReadError::Parser(_)) => return Err(problem.into()),
            Err(reason) => return self.unreadable(scope, &file, &name, reason.to_string()).await,
        };
        let embedder = self.embedder(scope).await?;
        let earlier = self.earlier(scope, old.as_ref().map(|old| old.id), &*embedder).await?;
        let (named, passages) = (reading.title.take(), std::mem::take(&mut reading.passages));
        let made = self.embedded((named.as_deref().unwrap_or_default(), passages), (&earlier, &*embedder), &Unwatched).await?;
        let title = named.unwrap_or_else(|| file.path.clone());
        let content = self.content(title, inspection.content_hash.clone(), (reading, made.passages), embedder.model());
        let arrived = arrived(&file, &name, &Inspection { kind: content.kind, ..inspection }, content.at);
        self.serve_file(scope, NewDocument { title: content.title.clone(), ..arrived }, &content).await
    }

    async fn remove(&self, scope: &ProjectScope, repository: RepositoryId, paths: &[String]) -> Result<u64, KnowledgeError> {
        scope.require(Role::Member)?;
        let gone: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let tx = self.ports.store.begin().await?;
        let entries = tx.knowledge().of_repository(scope, repository).await?;
        let ids: Vec<_> = entries.iter().filter(|entry| gone.contains(entry.path.as_str())).map(|entry| entry.document).collect();
        let removed = tx.knowledge().remove(scope, &ids).await?;
        if removed > 0 {
            let data = json!({ "repository_id": repository, "documents": removed });
            tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.documents_removed.v1", data, at: self.ports.clock.now() }).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}

impl KnowledgeService {
    /// Writes the document and its passages in one transaction.
    async fn serve_file(&self, scope: &ProjectScope, new: NewDocument, content: &IndexedContent) -> Result<Stored, KnowledgeError> {
        let tx = self.ports.store.begin().await?;
        let old = tx.knowledge().find_by_source(scope, DocumentOrigin::Repository, &new.source_key).await?;
        let document = match old {
            Some(old) => tx.knowledge().overwrite(scope, &old, &filed_as(&old, new.clone())).await?,
            None => tx.knowledge().insert(scope, &new).await?,
        };
        // A title that was given stays, in the index too.
        let content = &IndexedContent { title: document.title.clone(), ..content.clone() };
        self.replace_passages(&*tx, scope, (document.id, content)).await?;
        let chunks = content.passages.len();
        let data = json!({ "document_id": document.id, "repository_id": new.repository, "path": new.source_path, "version": document.version, "chunks": chunks });
        tx.outbox().publish(scope, NewEvent { kind: "cc.knowledge.document_indexed.v1", data, at: new.at }).await?;
        tx.commit().await?;
        Ok(Stored::Indexed(u64::try_from(chunks).unwrap_or(u64::MAX)))
    }

    /// The content is being served: only where it was read moves on.
    async fn same_content(&self, scope: &ProjectScope, file: &RepositoryFile, old: &KnowledgeDocument) -> Result<Stored, KnowledgeError> {
        let inspection = Inspection { kind: old.content_type, content_hash: old.content_hash.clone() };
        let new = NewDocument { title: old.title.clone(), ..arrived(file, &old.filename, &inspection, self.ports.clock.now()) };
        let tx = self.ports.store.begin().await?;
        tx.knowledge().overwrite(scope, old, &filed_as(old, new)).await?;
        tx.commit().await?;
        Ok(Stored::Unchanged)
    }

    /// Remembers a file that cannot be read, with its blob, so that it is not tried again until it changes.
    async fn unreadable(&self, scope: &ProjectScope, file: &RepositoryFile, name: &str, reason: String) -> Result<Stored, KnowledgeError> {
        let inspection = Inspection { kind: ContentKind::Plain, content_hash: format!("blob:{}", file.blob_sha) };
        let failed = (DocumentStatus::Failed, Some(reason.clone()));
        let (status, error) = failed;
        let new = NewDocument { status, error, ..arrived(file, name, &inspection, self.ports.clock.now()) };
        let tx = self.ports.store.begin().await?;
        match tx.knowledge().find_by_source(scope, DocumentOrigin::Repository, &new.source_key).await? {
            Some(old) => tx.knowledge().overwrite(scope, &old, &filed_as(&old, new)).await?,
            None => tx.knowledge().insert(scope, &new).await?,
        };
        tx.commit().await?;
        Ok(Stored::Unreadable(reason))
    }
}

/// What people filed stays filed as they did.
fn filed_as(old: &KnowledgeDocument, new: NewDocument) -> NewDocument {
    NewDocument { category: old.category.clone(), tags: old.tags.clone(), ..new }
}

fn key(file: &RepositoryFile) -> String {
    format!("{}:{}", file.repository, file.path)
}

fn arrived(file: &RepositoryFile, name: &str, inspection: &Inspection, at: Timestamp) -> NewDocument {
    NewDocument {
        title: file.path.clone(),
        title_is_given: false,
        category: file.repository_name.clone(),
        tags: Vec::new(),
        filename: name.to_owned(),
        origin: DocumentOrigin::Repository,
        source_key: key(file),
        source_path: Some(file.path.clone()),
        source_url: file.url.clone(),
        repository: Some(file.repository),
        commit_sha: Some(file.commit_sha.clone()),
        blob_sha: Some(file.blob_sha.clone()),
        content_type: inspection.kind,
        size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        content_hash: inspection.content_hash.clone(),
        status: DocumentStatus::Indexed,
        error: None,
        at,
    }
}
