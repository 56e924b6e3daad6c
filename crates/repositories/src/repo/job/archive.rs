//! The archive of ended jobs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{ArchiveFilter, ArchiveSort, ArchivedJob, Due, Items, JobArchive, JobKind, JobStatus, QueueName, Stretch};
use commandcenter_domain::shared::{Direction, JobId, Page, PageRequest, ProjectId, Sort, Timestamp, UserId};
use sea_orm::sea_query::{LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::moving;
use crate::entity::job_archive::{Column, Entity, Model};
use crate::error::{broken, sort};
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> JobArchive for On<C> {
    async fn find(&self, scope: &ProjectScope, id: JobId) -> Result<Option<ArchivedJob>, StoreError> {
        let row = within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await.map_err(sort)?;
        row.map(archived).transpose()
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &ArchiveFilter,
        order: Option<Sort<ArchiveSort>>,
        page: PageRequest,
    ) -> Result<Page<ArchivedJob>, StoreError> {
        let query = matching(scope, filter);
        let total = query.clone().count(&self.0).await.map_err(sort)?;
        let rows = ordered(query, order).offset(page.offset()).limit(page.limit()).all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(archived).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn look(&self, due: &Due, after: JobId, limit: u64) -> Result<Stretch, StoreError> {
        moving::look(&self.0, due, (after, limit)).await
    }

    async fn archive(&self, stretch: &Stretch, due: &Due, at: Timestamp) -> Result<BTreeMap<JobStatus, u64>, StoreError> {
        moving::archive(&self.0, (stretch, due), at).await
    }

    async fn forget(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let mut oldest = Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(Column::ArchivedAt.lt(before))
            .order_by(Column::ArchivedAt, Order::Asc)
            .limit(limit)
            .take();
        // Two that forget at once share the work; SQLite has one writer.
        if self.0.get_database_backend() == DbBackend::Postgres {
            oldest.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let done = Entity::delete_many().filter(Column::Id.in_subquery(oldest)).exec(&self.0).await.map_err(sort)?;
        Ok(done.rows_affected)
    }
}

/// Every read of a project starts here, so none can forget the scope.
fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

fn matching(scope: &ProjectScope, filter: &ArchiveFilter) -> Select<Entity> {
    let ArchiveFilter { status, kind, parent } = *filter;
    let given = [
        status.map(|status| Column::Status.eq(status.as_str())),
        kind.map(|kind| Column::Kind.eq(kind.as_str())),
        parent.map(|parent| Column::ParentId.eq(parent.get())),
    ];
    given.into_iter().flatten().fold(within(scope), QueryFilter::filter)
}

/// Ended last first unless asked otherwise; the id breaks ties, in the same direction so that one index serves both.
fn ordered(query: Select<Entity>, sort: Option<Sort<ArchiveSort>>) -> Select<Entity> {
    let Sort { key, direction } = sort.unwrap_or(Sort { key: ArchiveSort::CompletedAt, direction: Direction::Descending });
    let column = match key {
        ArchiveSort::CompletedAt => Column::CompletedAt,
    };
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    query.order_by(column, order.clone()).order_by(Column::Id, order)
}

/// The archived job in a row.
///
/// # Errors
/// [`StoreError::Broken`] for a kind, status or queue that this version does not know.
fn archived(row: Model) -> Result<ArchivedJob, StoreError> {
    let unknown = |what: &str, text: &str| broken(format!("archived job {} has the unknown {what} `{text}`", row.id));
    Ok(ArchivedJob {
        kind: JobKind::parse(&row.kind).ok_or_else(|| unknown("kind", &row.kind))?,
        queue: QueueName::parse(&row.queue).ok_or_else(|| unknown("queue", &row.queue))?,
        status: JobStatus::parse(&row.status).ok_or_else(|| unknown("status", &row.status))?,
        id: JobId::new(row.id),
        project: ProjectId::new(row.project_id),
        parent: row.parent_id.map(JobId::new),
        priority: row.priority,
        progress: row.progress,
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        parameters: row.parameters,
        tags: row.tags,
        result: row.result,
        error: row.error,
        error_class: row.error_class,
        items: Items { done: row.items_done, failed: row.items_failed, total: row.items_total },
        created_by: row.created_by.map(UserId::new),
        request_id: row.request_id,
        created_at: row.created_at,
        started_at: row.started_at,
        completed_at: row.completed_at,
        archived_at: row.archived_at,
    })
}
