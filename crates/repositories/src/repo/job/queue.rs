//! The queue within a project.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{
    BulkFilter, Job, JobFilter, JobKind, JobQueue, JobSort, JobStatus, NewJob, StatusCount, Step, Times, WhenTaken, rank,
};
use commandcenter_domain::shared::{Direction, JobId, Page, PageRequest, Sort, Timestamp, UserId};
use sea_orm::sea_query::{Expr, OnConflict, Query, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, UpdateMany,
};

use serde_json::{Value, json};

use super::ending::starts_at;
use super::row::job;
use super::{bulk, statistics};
use crate::entity::job::{ActiveModel, Column, Entity};
use crate::error::{broken, sort};
use crate::rows::{self, Columns, Kind};
use crate::store::On;

/// The states of the partial unique index, in its own words.
const KEY_IS_LIVE: &str = "unique_key IS NOT NULL AND status IN ('pending', 'running', 'retrying')";

/// Most rows of one insert: its parameter stays of a bearable size.
const AT_ONCE: usize = 500;

/// How often an enqueue looks again when the job that held its unique key ended in between.
const KEY_RACES: u8 = 5;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> JobQueue for On<C> {
    async fn enqueue(&self, scope: &ProjectScope, new: NewJob) -> Result<Job, StoreError> {
        let (key, when_taken) = (new.unique_key.clone(), new.when_taken);
        let row = to_row(scope, new.clone());
        for _ in 0..KEY_RACES {
            let taken = OnConflict::columns([Column::ProjectId, Column::UniqueKey]).target_and_where(key_is_live()).do_nothing().to_owned();
            match Entity::insert(row.clone()).on_conflict(taken).exec_with_returning(&self.0).await {
                Ok(row) => return job(row),
                Err(DbErr::RecordNotFound(_) | DbErr::RecordNotInserted) => {}
                Err(err) => return Err(sort(err)),
            }
            if let Some(job) = taken_over(&self.0, scope, &new).await? {
                return Ok(job);
            }
            if when_taken == WhenTaken::Keep {
                return self.enqueue(scope, NewJob { unique_key: None, ..new }).await;
            }
            let live = within(scope).filter(Column::UniqueKey.eq(key.as_deref())).filter(key_is_live());
            if let Some(row) = live.one(&self.0).await.map_err(sort)? {
                return job(row);
            }
        }
        Err(broken("the unique key of a job was taken and freed again too often"))
    }

    async fn enqueue_all(&self, scope: &ProjectScope, new: Vec<NewJob>) -> Result<Vec<JobId>, StoreError> {
        let backend = self.0.get_database_backend();
        let mut ids = Vec::with_capacity(new.len());
        for some in new.chunks(AT_ONCE) {
            let rows: Vec<Value> = some.iter().map(|new| in_json(scope, new)).collect();
            let inserted = self.0.query_all_raw(rows::insert(backend, "jobs", (COLUMNS, &rows), "RETURNING id")).await.map_err(sort)?;
            for row in inserted {
                ids.push(JobId::new(row.try_get_by_index(0).map_err(sort)?));
            }
        }
        // Keys go up in the order of the rows; the order in which they are given back is nobody's promise.
        ids.sort_unstable();
        Ok(ids)
    }

    async fn find(&self, scope: &ProjectScope, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await.map_err(sort)?;
        row.map(job).transpose()
    }

    async fn list(
        &self,
        scope: &ProjectScope,
        filter: &JobFilter,
        order: Option<Sort<JobSort>>,
        page: PageRequest,
    ) -> Result<Page<Job>, StoreError> {
        let query = matching(scope, filter);
        let total = query.clone().count(&self.0).await.map_err(sort)?;
        let rows = ordered(query, order).offset(page.offset()).limit(page.limit()).all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(job).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn count_by_status(&self, scope: &ProjectScope, since: Option<Timestamp>) -> Result<Vec<StatusCount>, StoreError> {
        statistics::count_by_status(&self.0, scope, since).await
    }

    async fn times(&self, scope: &ProjectScope, since: Timestamp) -> Result<Times, StoreError> {
        statistics::times(&self.0, scope, since).await
    }

    async fn dispatch(&self, scope: &ProjectScope, id: JobId, run_at: Timestamp) -> Result<Option<Job>, StoreError> {
        let held = one(scope, id).filter(Column::Status.eq("pending")).filter(Column::RunAt.is_null());
        let rows = starts_at(held, run_at).exec_with_returning(&self.0).await.map_err(sort)?;
        rows.into_iter().next().map(job).transpose()
    }

    async fn cancel(&self, scope: &ProjectScope, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        let update = bulk::cancels(one(scope, id).filter(in_states_that_allow(Step::Cancel)), at);
        let rows = update.exec_with_returning(&self.0).await.map_err(sort)?;
        rows.into_iter().next().map(job).transpose()
    }

    async fn delete(&self, scope: &ProjectScope, id: JobId) -> Result<u64, StoreError> {
        let child_runs = Query::select()
            .column(Column::ParentId)
            .from(Entity)
            .and_where(Column::ParentId.eq(id.get()))
            .and_where(Column::Status.eq("running"))
            .take();
        let delete = Entity::delete_many()
            .filter(Column::ProjectId.eq(scope.project().get()))
            .filter(Column::Id.eq(id.get()))
            .filter(Column::Id.not_in_subquery(child_runs))
            .filter(in_states_that_allow(Step::Delete));
        let done = delete.exec(&self.0).await.map_err(sort)?;
        Ok(done.rows_affected)
    }

    async fn revive(&self, scope: &ProjectScope, chosen: (&BulkFilter, u64), at: Timestamp) -> Result<Vec<Job>, StoreError> {
        bulk::revive(&self.0, scope, chosen, at).await
    }

    async fn cancel_all(&self, scope: &ProjectScope, chosen: (&BulkFilter, u64), at: Timestamp) -> Result<Vec<Job>, StoreError> {
        bulk::cancel(&self.0, scope, chosen, at).await
    }

    async fn discard(&self, scope: &ProjectScope, chosen: (&BulkFilter, u64)) -> Result<u64, StoreError> {
        bulk::discard(&self.0, scope, chosen).await
    }

    async fn reopen(&self, scope: &ProjectScope, parents: &[JobId]) -> Result<Vec<Job>, StoreError> {
        super::children::recount(&self.0, scope, parents).await
    }
}

/// Lets a waiting job with the key of a new one take over what the new one was to do, if that is wanted.
async fn taken_over(db: &impl ConnectionTrait, scope: &ProjectScope, new: &NewJob) -> Result<Option<Job>, StoreError> {
    let (WhenTaken::Replace, Some(start)) = (new.when_taken, new.run_at) else { return Ok(None) };
    let waits = Entity::update_many()
        .filter(Column::ProjectId.eq(scope.project().get()))
        .filter(Column::UniqueKey.eq(new.unique_key.as_deref()))
        .filter(Column::Status.is_in(["pending", "retrying"]))
        .col_expr(Column::Parameters, Expr::value(new.parameters.clone()))
        .col_expr(Column::Tags, Expr::value(new.tags.clone()))
        .col_expr(Column::Priority, Expr::value(new.priority))
        .col_expr(Column::RunAt, Expr::value(start))
        .col_expr(Column::RankAt, Expr::value(rank(start, new.priority)));
    let rows = waits.exec_with_returning(db).await.map_err(sort)?;
    rows.into_iter().next().map(job).transpose()
}

/// Every read starts here, so none can forget the scope.
pub(super) fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

fn matching(scope: &ProjectScope, filter: &JobFilter) -> Select<Entity> {
    let JobFilter { status, kind, queue, parent } = filter;
    let mut query = within(scope);
    if !status.is_empty() {
        query = query.filter(Column::Status.is_in(status.iter().map(|status| status.as_str())));
    }
    let given = [
        kind.map(|kind| Column::Kind.eq(kind.as_str())),
        // A queue is the kinds that go through it: those are what the index knows.
        queue.map(|queue| Column::Kind.is_in(JobKind::ALL.iter().filter(|kind| kind.queue() == queue).map(|kind| kind.as_str()))),
        parent.map(|parent| Column::ParentId.eq(parent.get())),
    ];
    given.into_iter().flatten().fold(query, QueryFilter::filter)
}

/// Newest first unless asked otherwise; the id breaks ties, in the same direction so that one index serves both.
fn ordered(query: Select<Entity>, sort: Option<Sort<JobSort>>) -> Select<Entity> {
    let Some(Sort { key, direction }) = sort else {
        return query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    };
    let column = match key {
        JobSort::CreatedAt => Column::CreatedAt,
        JobSort::CompletedAt => Column::CompletedAt,
    };
    let order = match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    query.order_by(column, order.clone()).order_by(Column::Id, order)
}

/// One job of the project, to change.
fn one(scope: &ProjectScope, id: JobId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()))
}

fn in_states_that_allow(step: Step) -> SimpleExpr {
    Column::Status.is_in(JobStatus::allowing(step).into_iter().map(JobStatus::as_str))
}

fn key_is_live() -> SimpleExpr {
    Expr::cust(KEY_IS_LIVE)
}

fn to_row(scope: &ProjectScope, new: NewJob) -> ActiveModel {
    let NewJob { kind, parameters, tags, priority, max_attempts, run_at, unique_key, exclusive_key, .. } = new;
    ActiveModel {
        project_id: Set(scope.project().get()),
        kind: Set(kind.as_str().to_owned()),
        queue: Set(kind.queue().as_str().to_owned()),
        parameters: Set(parameters),
        tags: Set(tags),
        priority: Set(priority),
        status: Set(JobStatus::Pending.as_str().to_owned()),
        max_attempts: Set(max_attempts),
        run_at: Set(run_at),
        rank_at: Set(run_at.map(|at| rank(at, priority))),
        unique_key: Set(unique_key),
        exclusive_key: Set(exclusive_key),
        key_limit: Set(new.key_limit.clamp(1, NewJob::MOST_PER_KEY)),
        parent_id: Set(new.parent.map(JobId::get)),
        open_children: Set(new.open_children),
        items_total: Set(new.items),
        created_by: Set(scope.user().map(UserId::get)),
        request_id: Set(scope.request_id().map(str::to_owned)),
        created_at: Set(new.at),
        ..Default::default()
    }
}

const COLUMNS: Columns = &[
    ("project_id", Kind::Integer),
    ("kind", Kind::Text),
    ("queue", Kind::Text),
    ("parameters", Kind::Json),
    ("tags", Kind::Json),
    ("priority", Kind::Integer),
    ("status", Kind::Text),
    ("max_attempts", Kind::Integer),
    ("run_at", Kind::Moment),
    ("rank_at", Kind::Moment),
    ("exclusive_key", Kind::Text),
    ("key_limit", Kind::Integer),
    ("parent_id", Kind::Integer),
    ("open_children", Kind::Integer),
    ("items_total", Kind::Integer),
    ("created_by", Kind::Integer),
    ("request_id", Kind::Text),
    ("created_at", Kind::Moment),
];

fn in_json(scope: &ProjectScope, new: &NewJob) -> Value {
    json!({
        "project_id": scope.project(),
        "kind": new.kind,
        "queue": new.kind.queue(),
        "parameters": new.parameters,
        "tags": new.tags,
        "priority": new.priority,
        "status": JobStatus::Pending,
        "max_attempts": new.max_attempts,
        "run_at": rows::maybe(new.run_at),
        "rank_at": rows::maybe(new.run_at.map(|at| rank(at, new.priority))),
        "exclusive_key": new.exclusive_key,
        "key_limit": new.key_limit.clamp(1, NewJob::MOST_PER_KEY),
        "parent_id": new.parent,
        "open_children": new.open_children,
        "items_total": new.items,
        "created_by": scope.user(),
        "request_id": scope.request_id(),
        "created_at": rows::moment(new.at),
    })
}
