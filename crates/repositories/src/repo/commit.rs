//! Commits of tracked repositories.

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::repository::{Commit, CommitRepo, NewCommit};
use commandcenter_domain::shared::{CommitId, RepositoryId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::commit::{ActiveModel, Column, Entity, Model};
use crate::error::sort;
use crate::store::On;

/// Rows per statement: far below what either database takes as parameters.
const BATCH: usize = 100;

fn within(scope: &ProjectScope, repository: RepositoryId) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::RepositoryId.eq(repository.get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> CommitRepo for On<C> {
    async fn insert_missing(&self, scope: &ProjectScope, repository: RepositoryId, commits: &[NewCommit]) -> Result<u64, StoreError> {
        let mut added = 0;
        for batch in commits.chunks(BATCH) {
            let rows = batch.iter().map(|commit| row(scope, repository, commit));
            let known = OnConflict::columns([Column::RepositoryId, Column::Sha]).do_nothing().to_owned();
            added += Entity::insert_many(rows).on_conflict(known).exec_without_returning(&self.0).await.map_err(sort)?;
        }
        Ok(added)
    }

    async fn list(&self, scope: &ProjectScope, repository: RepositoryId, page: PageRequest) -> Result<Page<Commit>, StoreError> {
        let total = within(scope, repository).count(&self.0).await.map_err(sort)?;
        let query = within(scope, repository).order_by_desc(Column::CommittedAt).order_by_desc(Column::Id);
        let rows = query.offset(page.offset()).limit(page.limit()).all(&self.0).await.map_err(sort)?;
        Ok(Page { items: rows.into_iter().map(Commit::from).collect(), total, request: page })
    }
}

fn row(scope: &ProjectScope, repository: RepositoryId, commit: &NewCommit) -> ActiveModel {
    let NewCommit { sha, message, author_name, author_email, authored_at, committed_at, url } = commit.clone();
    ActiveModel {
        project_id: Set(scope.project().get()),
        repository_id: Set(repository.get()),
        sha: Set(sha),
        message: Set(message),
        author_name: Set(author_name),
        author_email: Set(author_email),
        authored_at: Set(authored_at),
        committed_at: Set(committed_at),
        url: Set(url),
        ..Default::default()
    }
}

impl From<Model> for Commit {
    fn from(row: Model) -> Self {
        let Model { id, project_id: _, repository_id: _, sha, message, author_name, author_email, authored_at, committed_at, url } = row;
        Self { id: CommitId::new(id), commit: NewCommit { sha, message, author_name, author_email, authored_at, committed_at, url } }
    }
}
