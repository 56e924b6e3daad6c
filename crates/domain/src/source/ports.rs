//! Sources in storage.

use async_trait::async_trait;

use crate::identity::ProjectScope;
use crate::shared::{
    DocumentId, JobId, Page as ListPage, PageRequest, ProjectId, ScheduleId, Sort, SourceId, SourceRunId, StoreError, Timestamp,
};

use super::{
    Counters, ItemError, ItemState, NewSource, RunStatus, Source, SourceFilter, SourceItem, SourceRun, SourceSort, SourceStatus, Validators,
};

/// A source's columns that a person changes.
#[derive(Debug, Clone)]
pub struct SourceUpdate<'a> {
    /// The source as it is from now on.
    pub source: &'a NewSource,
    /// Its secret, sealed; `None` keeps the stored one.
    pub sealed_secret: Option<Vec<u8>>,
    /// When.
    pub at: Timestamp,
}

/// How a source stands after something happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: SourceStatus,
    /// Why its last run did not reach its end.
    pub error: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What is written of an item once it is settled. What is `None` stays as it was.
#[derive(Debug, Clone)]
pub struct ItemWrite {
    /// Which item.
    pub key: String,
    /// What is known of it.
    pub state: ItemState,
    /// Why it could not be read, or was left out.
    pub reason: Option<String>,
    /// Links from the first page.
    pub depth: i32,
    /// SHA-256 of the content.
    pub content_hash: Option<String>,
    /// What the answer said of itself.
    pub validators: Option<Validators>,
    /// Its document from now on.
    pub document: Option<DocumentId>,
    /// The run that settled it.
    pub run: Option<SourceRunId>,
    /// When.
    pub at: Timestamp,
}

/// What is written of a run.
#[derive(Debug, Clone)]
pub struct RunUpdate {
    /// How it stands.
    pub status: RunStatus,
    /// What it came to.
    pub counters: Counters,
    /// Why it did not reach its end.
    pub error: Option<String>,
    /// What a person should know besides.
    pub notes: Vec<String>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Sources, their items and their runs. Every method but [`SourceRepo::push_target`] is told the scope and touches nothing outside it.
#[async_trait]
pub trait SourceRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the project has one of that name.
    async fn insert(&self, scope: &ProjectScope, update: &SourceUpdate<'_>) -> Result<Source, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: SourceId) -> Result<Option<Source>, StoreError>;
    /// One page; without a sort, by priority and then by name.
    async fn list(
        &self,
        scope: &ProjectScope,
        filter: SourceFilter,
        sort: Option<Sort<SourceSort>>,
        page: PageRequest,
    ) -> Result<ListPage<Source>, StoreError>;
    /// The source after the update; `None` when absent or another project's. What its last answer said of itself is forgotten, so that
    /// the next run reads it whole.
    async fn update(&self, scope: &ProjectScope, id: SourceId, update: &SourceUpdate<'_>) -> Result<Option<Source>, StoreError>;
    /// Whether there was one. Its items and runs go with it; its documents have to be removed before.
    async fn delete(&self, scope: &ProjectScope, id: SourceId) -> Result<bool, StoreError>;
    /// Says which schedule reads a source.
    async fn set_schedule(&self, scope: &ProjectScope, id: SourceId, schedule: Option<ScheduleId>) -> Result<(), StoreError>;
    /// Says where a source stands.
    async fn stand(&self, scope: &ProjectScope, id: SourceId, standing: &Standing) -> Result<(), StoreError>;
    /// Keeps what the last answer about the whole said of itself.
    async fn set_validators(&self, scope: &ProjectScope, id: SourceId, validators: &Validators) -> Result<(), StoreError>;
    /// Whose source it is, its sealed secret and whether it is enabled, for a push that has yet to prove itself.
    async fn push_target(&self, id: SourceId) -> Result<Option<(ProjectId, Vec<u8>, bool)>, StoreError>;

    /// Every item of a source, by depth and key.
    async fn items(&self, scope: &ProjectScope, source: SourceId) -> Result<Vec<SourceItem>, StoreError>;
    /// A page of them, by key.
    async fn list_items(
        &self,
        scope: &ProjectScope,
        source: SourceId,
        state: Option<ItemState>,
        page: PageRequest,
    ) -> Result<ListPage<SourceItem>, StoreError>;
    /// Notes items that were found, with their depth; those that are known already stay as they are.
    async fn discover(&self, scope: &ProjectScope, source: SourceId, found: &[(String, i32)], at: Timestamp) -> Result<(), StoreError>;
    /// Writes an item, new or known.
    async fn settle(&self, scope: &ProjectScope, source: SourceId, item: &ItemWrite) -> Result<(), StoreError>;

    /// The run of a job: a new one, or the one that an earlier attempt began.
    async fn begin_run(&self, scope: &ProjectScope, source: SourceId, job: JobId, at: Timestamp) -> Result<SourceRun, StoreError>;
    /// Writes how a run stands.
    async fn update_run(&self, scope: &ProjectScope, run: SourceRunId, update: &RunUpdate) -> Result<(), StoreError>;
    /// Writes down what a run could not read.
    async fn add_error(&self, scope: &ProjectScope, run: SourceRunId, error: &ItemError) -> Result<(), StoreError>;
    /// One run of a source.
    async fn run(&self, scope: &ProjectScope, source: SourceId, run: SourceRunId) -> Result<Option<SourceRun>, StoreError>;
    /// A page of runs, newest first.
    async fn runs(&self, scope: &ProjectScope, source: SourceId, page: PageRequest) -> Result<ListPage<SourceRun>, StoreError>;
    /// A page of what a run could not read, in the order it came.
    async fn errors(&self, scope: &ProjectScope, run: SourceRunId, page: PageRequest) -> Result<ListPage<ItemError>, StoreError>;
}
