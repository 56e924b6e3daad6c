//! Which embedder a project has, and passages written under the eye of a change of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobKind, NewJob};
use commandcenter_domain::knowledge::{Embedder, EmbedderChoice, EmbeddingModel, IndexedContent, KnowledgeError, Revision};
use commandcenter_domain::shared::{DocumentId, ProjectId};
use commandcenter_domain::{StoreError, Tx};
use serde_json::json;

use super::KnowledgeService;
use super::provider::ProviderEmbedder;

/// Projects whose choice is remembered.
const MOST: usize = 10_000;

/// What projects chose, each by a state of its knowledge base: a change of the model is a new state.
#[derive(Debug, Default)]
pub(super) struct Choices {
    known: Mutex<HashMap<ProjectId, (Revision, EmbedderChoice)>>,
}

impl Choices {
    fn get(&self, project: ProjectId, revision: Revision) -> Option<EmbedderChoice> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&project).filter(|(at, _)| *at == revision).map(|(_, choice)| choice.clone())
    }

    fn put(&self, project: ProjectId, revision: Revision, choice: EmbedderChoice) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(project, (revision, choice));
    }
}

impl KnowledgeService {
    /// The embedder whose vectors answer in a project.
    pub(super) async fn embedder(&self, scope: &ProjectScope) -> Result<Arc<dyn Embedder>, StoreError> {
        let settings = self.ports.store.repos().embeddings().settings(scope).await?;
        Ok(self.embedder_of(scope, &settings.serving))
    }

    /// The same for a question, which knows the state it is asked in.
    pub(super) async fn embedder_at(&self, scope: &ProjectScope, revision: Revision) -> Result<Arc<dyn Embedder>, StoreError> {
        if let Some(choice) = self.choices.get(scope.project(), revision) {
            return Ok(self.embedder_of(scope, &choice));
        }
        let serving = self.ports.store.repos().embeddings().settings(scope).await?.serving;
        let embedder = self.embedder_of(scope, &serving);
        self.choices.put(scope.project(), revision, serving);
        Ok(embedder)
    }

    /// The embedder of a choice.
    pub(super) fn embedder_of(&self, scope: &ProjectScope, choice: &EmbedderChoice) -> Arc<dyn Embedder> {
        match choice {
            EmbedderChoice::Local => self.ports.embedder.clone(),
            EmbedderChoice::Provider { model: asked, dimension: _ } => Arc::new(ProviderEmbedder {
                embeddings: self.ports.embeddings.clone(),
                remembered: self.vectors.clone(),
                scope: scope.clone(),
                asked: asked.clone(),
                model: self.model_of(choice),
            }),
        }
    }

    /// What the vectors of a choice are stored under.
    pub(super) fn model_of(&self, choice: &EmbedderChoice) -> EmbeddingModel {
        choice.model(&self.ports.embedder.model())
    }

    /// Whether vectors of a model are those that answer, until the end of the transaction.
    pub(super) async fn still_serves(&self, tx: &dyn Tx, scope: &ProjectScope, model: &EmbeddingModel) -> Result<bool, StoreError> {
        tx.embeddings().hold(scope).await?;
        Ok(self.model_of(&tx.embeddings().settings(scope).await?.serving) == *model)
    }

    /// Serves passages. When the model that made their vectors gave way meanwhile, they come in without, and a job makes them anew: until
    /// then words find them.
    pub(super) async fn replace_passages(
        &self,
        tx: &dyn Tx,
        scope: &ProjectScope,
        (document, content): (DocumentId, &IndexedContent),
    ) -> Result<(), KnowledgeError> {
        if self.still_serves(tx, scope, &content.model).await? {
            return Ok(tx.knowledge().replace_passages(scope, document, content).await?);
        }
        let mut bare = content.clone();
        bare.passages.iter_mut().for_each(|passage| passage.embedding = None);
        tx.knowledge().replace_passages(scope, document, &bare).await?;
        let job = NewJob::ready(JobKind::KnowledgeIngest, json!({ "document_id": document }), content.at);
        tx.jobs().enqueue(scope, job).await?;
        Ok(())
    }
}
