//! What the first page shows of a project: figures and what changed last. The contexts' own rules stay theirs; this one only counts.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{RepositoryId, StoreError, TaskId, TechnologyId, Timestamp};

/// A repository in a short list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryLine {
    /// Its id.
    pub id: RepositoryId,
    /// `owner/name`.
    pub full_name: String,
    /// When it was last synchronised, or last changed, by the list.
    pub at: Timestamp,
}

/// A technology in a short list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechnologyLine {
    /// Its id.
    pub id: TechnologyId,
    /// Its title.
    pub title: String,
    /// Its priority.
    pub priority: i32,
    /// How far the project has come with it.
    pub status: String,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A task in a short list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLine {
    /// Its id.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: String,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Figures over repositories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepositoryFigures {
    /// All of them.
    pub total: u64,
    /// The last synchronised, at most five.
    pub recently_synced: Vec<RepositoryLine>,
}

/// Figures over technologies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TechnologyFigures {
    /// All of them.
    pub total: u64,
    /// By status; only those that occur.
    pub by_status: BTreeMap<String, u64>,
    /// By domain; only those that occur.
    pub by_domain: BTreeMap<String, u64>,
    /// Of priority 4 and up, at most five.
    pub high_priority: Vec<TechnologyLine>,
}

/// Figures over the knowledge base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KnowledgeFigures {
    /// Documents.
    pub documents: u64,
    /// Passages.
    pub chunks: u64,
}

/// What changed last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    /// Repositories.
    pub repositories: Vec<RepositoryLine>,
    /// Technologies.
    pub technologies: Vec<TechnologyLine>,
    /// Tasks.
    pub tasks: Vec<TaskLine>,
}

/// Figures across contexts, each method in a constant number of statements.
#[async_trait]
pub trait DashboardRepo: Send + Sync {
    /// Over repositories.
    async fn repository_figures(&self, scope: &ProjectScope) -> Result<RepositoryFigures, StoreError>;
    /// Over technologies.
    async fn technology_figures(&self, scope: &ProjectScope) -> Result<TechnologyFigures, StoreError>;
    /// Over the knowledge base.
    async fn knowledge_figures(&self, scope: &ProjectScope) -> Result<KnowledgeFigures, StoreError>;
    /// What changed last, at most `limit` of each kind.
    async fn activity(&self, scope: &ProjectScope, limit: u64) -> Result<Activity, StoreError>;
}
