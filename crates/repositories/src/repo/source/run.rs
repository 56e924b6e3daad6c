//! Runs of sources and what they could not read.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{JobId, SourceId, SourceRunId, Timestamp};
use commandcenter_domain::source::{Counters, ItemError, RunStatus, RunUpdate, SourceRun};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;

use crate::entity::source_error as error;
use crate::entity::source_run::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};

/// A source of a scope's project.
type Of<'a> = (&'a ProjectScope, SourceId);

fn of((scope, source): Of<'_>) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::SourceId.eq(source.get()))
}

pub(super) async fn begin(db: &impl ConnectionTrait, source: Of<'_>, job: JobId, at: Timestamp) -> Result<SourceRun, StoreError> {
    if let Some(row) = of(source).filter(Column::JobId.eq(job.get())).one(db).await.map_err(sort)? {
        let again = ActiveModel {
            status: Set(RunStatus::Running.as_str().to_owned()),
            error: Set(None),
            finished_at: Set(None),
            ..Default::default()
        };
        Entity::update_many().filter(Column::Id.eq(row.id)).set(again).exec(db).await.map_err(sort)?;
        return run(Model { status: RunStatus::Running.as_str().to_owned(), error: None, finished_at: None, ..row });
    }
    let (scope, source) = source;
    let row = ActiveModel {
        source_id: Set(source.get()),
        project_id: Set(scope.project().get()),
        job_id: Set(job.get()),
        status: Set(RunStatus::Running.as_str().to_owned()),
        notes: Set(json!([])),
        added: Set(0),
        updated: Set(0),
        unchanged: Set(0),
        gone: Set(0),
        failed: Set(0),
        skipped: Set(0),
        started_at: Set(at),
        ..Default::default()
    };
    run(row.insert(db).await.map_err(sort)?)
}

pub(super) async fn update(db: &impl ConnectionTrait, scope: &ProjectScope, id: SourceRunId, update: &RunUpdate) -> Result<(), StoreError> {
    let RunUpdate { status, counters, error, notes, finished_at } = update;
    let Counters { added, updated, unchanged, gone, failed, skipped } = *counters;
    let row = ActiveModel {
        status: Set(status.as_str().to_owned()),
        error: Set(error.clone()),
        notes: Set(json!(notes)),
        added: Set(added),
        updated: Set(updated),
        unchanged: Set(unchanged),
        gone: Set(gone),
        failed: Set(failed),
        skipped: Set(skipped),
        finished_at: Set(*finished_at),
        ..Default::default()
    };
    let query = Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
    query.set(row).exec(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn add_error(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: SourceRunId,
    error: &ItemError,
) -> Result<(), StoreError> {
    let row = error::ActiveModel {
        run_id: Set(id.get()),
        project_id: Set(scope.project().get()),
        key: Set(error.key.clone()),
        reason: Set(error.reason.clone()),
        at: Set(error.at),
        ..Default::default()
    };
    error::Entity::insert(row).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn find(db: &impl ConnectionTrait, source: Of<'_>, id: SourceRunId) -> Result<Option<SourceRun>, StoreError> {
    of(source).filter(Column::Id.eq(id.get())).one(db).await.map_err(sort)?.map(run).transpose()
}

pub(super) async fn page(db: &impl ConnectionTrait, source: Of<'_>, request: PageRequest) -> Result<Page<SourceRun>, StoreError> {
    let query = of(source);
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = query.order_by_desc(Column::Id).offset(request.offset()).limit(request.limit()).all(db).await.map_err(sort)?;
    Ok(Page { items: rows.into_iter().map(run).collect::<Result<_, _>>()?, total, request })
}

pub(super) async fn errors(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: SourceRunId,
    request: PageRequest,
) -> Result<Page<ItemError>, StoreError> {
    let query = error::Entity::find().filter(error::Column::ProjectId.eq(scope.project().get())).filter(error::Column::RunId.eq(id.get()));
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = query.order_by_asc(error::Column::Id).offset(request.offset()).limit(request.limit()).all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(|row| ItemError { key: row.key, reason: row.reason, at: row.at }).collect();
    Ok(Page { items, total, request })
}

fn run(row: Model) -> Result<SourceRun, StoreError> {
    let unknown = |column: &str| broken(format!("run {} of a source: {column} holds something unknown", row.id));
    Ok(SourceRun {
        id: SourceRunId::new(row.id),
        source: SourceId::new(row.source_id),
        job: JobId::new(row.job_id),
        status: RunStatus::parse(&row.status).ok_or_else(|| unknown("status"))?,
        counters: Counters {
            added: row.added,
            updated: row.updated,
            unchanged: row.unchanged,
            gone: row.gone,
            failed: row.failed,
            skipped: row.skipped,
        },
        notes: serde_json::from_value(row.notes.clone()).map_err(|_| unknown("notes"))?,
        error: row.error,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}
