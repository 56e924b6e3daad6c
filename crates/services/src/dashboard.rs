//! The first page: figures and what changed last.

use std::sync::Arc;

use commandcenter_domain::dashboard::{Activity, KnowledgeFigures, RepositoryFigures, TechnologyFigures};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{TaskFilter, TaskOverview};
use commandcenter_domain::{Clock, Store, StoreError};

/// Use cases of the first page.
pub struct DashboardService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// Figures across contexts.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Over repositories.
    pub repositories: RepositoryFigures,
    /// Over technologies.
    pub technologies: TechnologyFigures,
    /// Over research tasks.
    pub tasks: TaskOverview,
    /// Over the knowledge base.
    pub knowledge: KnowledgeFigures,
}

impl DashboardService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Every figure, in a constant number of statements.
    pub async fn figures(&self, scope: &ProjectScope) -> Result<Figures, StoreError> {
        let repos = self.store.repos();
        Ok(Figures {
            repositories: repos.dashboard().repository_figures(scope).await?,
            technologies: repos.dashboard().technology_figures(scope).await?,
            tasks: repos.tasks().overview(scope, &TaskFilter::default(), self.clock.now()).await?,
            knowledge: repos.dashboard().knowledge_figures(scope).await?,
        })
    }

    /// What changed last, at most `limit` of each kind.
    pub async fn activity(&self, scope: &ProjectScope, limit: u64) -> Result<Activity, StoreError> {
        self.store.repos().dashboard().activity(scope, limit).await
    }
}
