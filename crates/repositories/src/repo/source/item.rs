//! Items of sources.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{DocumentId, SourceId, SourceItemId, SourceRunId, Timestamp};
use commandcenter_domain::source::{ItemState, ItemWrite, SourceItem, Validators};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::source_item::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};

/// Rows per insert: below the number of parameters either database takes.
const ROWS: usize = 500;

/// A source of a scope's project.
type Of<'a> = (&'a ProjectScope, SourceId);

fn of((scope, source): Of<'_>) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::SourceId.eq(source.get()))
}

pub(super) async fn all(db: &impl ConnectionTrait, scope: &ProjectScope, source: SourceId) -> Result<Vec<SourceItem>, StoreError> {
    let rows = of((scope, source)).order_by_asc(Column::Depth).order_by_asc(Column::Key).all(db).await.map_err(sort)?;
    rows.into_iter().map(item).collect()
}

pub(super) async fn page(
    db: &impl ConnectionTrait,
    source: Of<'_>,
    state: Option<ItemState>,
    request: PageRequest,
) -> Result<Page<SourceItem>, StoreError> {
    let query = match state {
        Some(state) => of(source).filter(Column::State.eq(state.as_str())),
        None => of(source),
    };
    let total = query.clone().count(db).await.map_err(sort)?;
    let query = query.order_by_asc(Column::Key).offset(request.offset()).limit(request.limit());
    let items = query.all(db).await.map_err(sort)?.into_iter().map(item).collect::<Result<_, _>>()?;
    Ok(Page { items, total, request })
}

pub(super) async fn discover(
    db: &impl ConnectionTrait,
    (scope, source): Of<'_>,
    found: &[(String, i32)],
    at: Timestamp,
) -> Result<(), StoreError> {
    for part in found.chunks(ROWS) {
        let rows = part.iter().map(|(key, depth)| ActiveModel {
            source_id: Set(source.get()),
            project_id: Set(scope.project().get()),
            key: Set(key.clone()),
            state: Set(ItemState::Found.as_str().to_owned()),
            depth: Set(*depth),
            first_seen_at: Set(at),
            ..Default::default()
        });
        let known = OnConflict::columns([Column::SourceId, Column::Key]).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(known).exec_without_returning(db).await.map_err(sort)?;
    }
    Ok(())
}

pub(super) async fn settle(db: &impl ConnectionTrait, (scope, source): Of<'_>, write: &ItemWrite) -> Result<(), StoreError> {
    let query = Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::SourceId.eq(source.get()));
    let query = query.filter(Column::Key.eq(write.key.as_str())).set(settled(write));
    if query.exec(db).await.map_err(sort)?.rows_affected > 0 {
        return Ok(());
    }
    let row = ActiveModel {
        source_id: Set(source.get()),
        project_id: Set(scope.project().get()),
        key: Set(write.key.clone()),
        first_seen_at: Set(write.at),
        ..settled(write)
    };
    Entity::insert(row).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}

fn settled(write: &ItemWrite) -> ActiveModel {
    let ItemWrite { key: _, state, reason, depth, content_hash, validators, document, run, at } = write;
    let is_there = !matches!(state, ItemState::Gone | ItemState::Failed);
    let mut row = ActiveModel {
        state: Set(state.as_str().to_owned()),
        reason: Set(reason.clone()),
        depth: Set(*depth),
        content_hash: content_hash.clone().map_or(NotSet, |hash| Set(Some(hash))),
        document_id: document.map_or(NotSet, |document| Set(Some(document.get()))),
        settled_by: Set(run.map(SourceRunId::get)),
        last_seen_at: if is_there { Set(Some(*at)) } else { NotSet },
        ..Default::default()
    };
    if let Some(Validators { etag, last_modified }) = validators.clone() {
        (row.etag, row.last_modified) = (Set(etag), Set(last_modified));
    }
    row
}

fn item(row: Model) -> Result<SourceItem, StoreError> {
    let state = ItemState::parse(&row.state).ok_or_else(|| broken(format!("item {} of a source: state {}", row.id, row.state)))?;
    Ok(SourceItem {
        id: SourceItemId::new(row.id),
        key: row.key,
        state,
        reason: row.reason,
        depth: row.depth,
        content_hash: row.content_hash,
        validators: Validators { etag: row.etag, last_modified: row.last_modified },
        document: row.document_id.map(DocumentId::new),
        settled_by: row.settled_by.map(SourceRunId::new),
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
    })
}
