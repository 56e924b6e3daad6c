//! Lists of sources: conditions, orders, and what stands beside the rows in other tables.

use std::collections::BTreeMap;

use commandcenter_domain::shared::Sort;
use commandcenter_domain::source::{ItemState, Source, SourceFilter, SourceSort};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::row::{Beside, source};
use crate::entity::source::{Column, Entity, Model};
use crate::entity::{schedule, source_item as item};
use crate::error::{broken, sort};
use crate::paging::order_of;

pub(super) fn matching(query: Select<Entity>, filter: SourceFilter) -> Select<Entity> {
    let SourceFilter { kind, is_enabled } = filter;
    let query = match kind {
        Some(kind) => query.filter(Column::Kind.eq(kind.as_str())),
        None => query,
    };
    match is_enabled {
        Some(is_enabled) => query.filter(Column::IsEnabled.eq(is_enabled)),
        None => query,
    }
}

pub(super) fn ordered(query: Select<Entity>, order: Option<Sort<SourceSort>>) -> Select<Entity> {
    let Some(Sort { key, direction }) = order else {
        return query.order_by_desc(Column::Priority).order_by_desc(Column::Id);
    };
    let column = match key {
        SourceSort::Name => Column::Name,
        SourceSort::Priority => Column::Priority,
        SourceSort::CreatedAt => Column::CreatedAt,
        SourceSort::LastRunAt => Column::LastRunAt,
    };
    query.order_by(column, order_of(direction)).order_by(Column::Id, order_of(direction))
}

pub(super) async fn page(db: &impl ConnectionTrait, query: Select<Entity>, request: PageRequest) -> Result<Page<Source>, StoreError> {
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = query.offset(request.offset()).limit(request.limit()).all(db).await.map_err(sort)?;
    Ok(Page { items: sources(db, rows).await?, total, request })
}

/// Rows with what stands beside them, in two more statements however many there are.
pub(super) async fn sources(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Source>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut beside = counts(db, &rows).await?;
    let schedules = schedule::Entity::find().filter(schedule::Column::Id.is_in(rows.iter().filter_map(|row| row.schedule_id)));
    let schedules = schedules.all(db).await.map_err(sort)?;
    for row in &rows {
        if let Some(one) = schedules.iter().find(|one| Some(one.id) == row.schedule_id && one.project_id == row.project_id) {
            let beside = beside.entry(row.id).or_default();
            (beside.cron, beside.next_run_at) = (one.cron_expression.clone(), one.next_run_at);
        }
    }
    rows.into_iter().map(|row| source_of(&mut beside, row)).collect()
}

fn source_of(beside: &mut BTreeMap<i64, Beside>, row: Model) -> Result<Source, StoreError> {
    let beside = beside.remove(&row.id).unwrap_or_default();
    source(row, beside)
}

/// Documents and failing items of each source.
async fn counts(db: &impl ConnectionTrait, rows: &[Model]) -> Result<BTreeMap<i64, Beside>, StoreError> {
    let query = item::Entity::find()
        .select_only()
        .column(item::Column::SourceId)
        .column(item::Column::State)
        .column_as(item::Column::Id.count(), "items")
        .column_as(item::Column::DocumentId.count(), "documents")
        .filter(item::Column::SourceId.is_in(rows.iter().map(|row| row.id)))
        .group_by(item::Column::SourceId)
        .group_by(item::Column::State);
    let found: Vec<(i64, String, i64, i64)> = query.into_tuple().all(db).await.map_err(sort)?;
    let mut beside: BTreeMap<i64, Beside> = BTreeMap::new();
    for (source, state, items, documents) in found {
        let one = beside.entry(source).or_default();
        one.documents += u64::try_from(documents).map_err(broken)?;
        if state == ItemState::Failed.as_str() {
            one.failing += u64::try_from(items).map_err(broken)?;
        }
    }
    Ok(beside)
}
