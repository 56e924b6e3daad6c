//! The transactional outbox.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::event::{EventType, NewEvent, Outbox, StoredEvent};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::shared::{EventId, ProjectId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use serde_json::{Value, json};

use super::event_log::{hold_order, move_end};
use crate::entity::outbox_event::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};
use crate::rows::{self, Columns, Kind};
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> Outbox for On<C> {
    async fn publish(&self, scope: &ProjectScope, event: NewEvent) -> Result<(), StoreError> {
        Entity::insert(row(scope, event)).exec_without_returning(&self.0).await.map_err(sort)?;
        self.1.published();
        Ok(())
    }

    async fn publish_all(&self, events: Vec<(ProjectScope, NewEvent)>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let rows: Vec<Value> = events.iter().map(|(scope, event)| in_json(scope, event)).collect();
        let statement = rows::insert(self.0.get_database_backend(), "outbox_events", (COLUMNS, &rows), "");
        self.0.execute_raw(statement).await.map_err(sort)?;
        self.1.published();
        Ok(())
    }

    async fn lead(&self) -> Result<bool, StoreError> {
        let backend = self.0.get_database_backend();
        if backend != DbBackend::Postgres {
            // One transaction writes at a time.
            return Ok(true);
        }
        let lock = Statement::from_sql_and_values(backend, "SELECT pg_try_advisory_xact_lock($1)", [RELAY.into()]);
        let row = self.0.query_one_raw(lock).await.map_err(sort)?.ok_or_else(|| broken("a lock was neither taken nor refused"))?;
        row.try_get_by_index(0).map_err(sort)
    }

    async fn unpublished(&self, limit: u64) -> Result<Vec<StoredEvent>, StoreError> {
        let query = Entity::find().filter(Column::PublishedAt.is_null()).order_by_asc(Column::Id).limit(limit);
        let rows = query.all(&self.0).await.map_err(sort)?;
        Ok(rows.into_iter().map(StoredEvent::from).collect())
    }

    async fn mark_published(&self, ids: &[EventId], at: Timestamp) -> Result<(), StoreError> {
        let rows: Vec<Value> = ids.iter().map(|id| json!({ "event": id })).collect();
        let (backend, rows) = (self.0.get_database_backend(), rows::parameter(&rows));
        let these = rows::table(backend, EVENT);
        hold_order(&self.0).await?;
        let place = format!(
            "UPDATE outbox_events SET position = fresh.place, published_at = $2 FROM (\
             SELECT o.id, (SELECT last FROM event_order WHERE id = 1) + row_number() OVER (ORDER BY o.id) AS place \
             FROM {these} CROSS JOIN {one} WHERE o.position IS NULL\
             ) AS fresh WHERE outbox_events.id = fresh.id",
            one = one(backend),
        );
        let write = async |sql: String| {
            let statement = Statement::from_sql_and_values(backend, sql, [rows.clone(), at.into()]);
            self.0.execute_raw(statement).await.map(|done| done.rows_affected()).map_err(sort)
        };
        let placed = write(place).await?;
        move_end(&self.0, placed).await?;
        if placed < ids.len() as u64 {
            let mark = "UPDATE outbox_events SET published_at = $2";
            write(format!("{mark} FROM {these} WHERE outbox_events.id = e.event AND outbox_events.published_at IS NULL")).await?;
        }
        Ok(())
    }
}

/// Names the relay among the advisory locks of the database.
const RELAY: i64 = 0x6363_7265_6c61_7901;

/// The event that a row of these names, looked up by its id. PostgreSQL would else begin with all that have no place: the index of those is
/// full of entries of events that have long got theirs.
const fn one(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "LATERAL (SELECT id, position FROM outbox_events WHERE id = e.event OFFSET 0) AS o",
        _ => "outbox_events AS o ON o.id = e.event",
    }
}

const EVENT: Columns = &[("event", Kind::Integer)];

const COLUMNS: Columns = &[
    ("project_id", Kind::Integer),
    ("kind", Kind::Text),
    ("actor", Kind::Text),
    ("data", Kind::Json),
    ("request_id", Kind::Text),
    ("occurred_at", Kind::Moment),
];

fn in_json(scope: &ProjectScope, event: &NewEvent) -> Value {
    held_to_its_schema(event);
    json!({
        "project_id": scope.project(),
        "kind": event.kind,
        "actor": scope.actor().to_string(),
        "data": event.data,
        "request_id": scope.request_id(),
        "occurred_at": rows::moment(event.at),
    })
}

/// Every test of the workspace that publishes holds the data to the schema that readers are shown.
fn held_to_its_schema(event: &NewEvent) {
    let NewEvent { kind, data, .. } = event;
    debug_assert_eq!(EventType::find(kind).and_then(|one| one.fault_of(data)), None, "{kind}: {data}");
}

fn row(scope: &ProjectScope, event: NewEvent) -> ActiveModel {
    held_to_its_schema(&event);
    let NewEvent { kind, data, at } = event;
    ActiveModel {
        project_id: Set(scope.project().get()),
        kind: Set(kind.to_owned()),
        actor: Set(scope.actor().to_string()),
        data: Set(data),
        request_id: Set(scope.request_id().map(str::to_owned)),
        occurred_at: Set(at),
        ..Default::default()
    }
}

impl From<Model> for StoredEvent {
    fn from(row: Model) -> Self {
        let Model { id, project_id, kind, actor, data, request_id, occurred_at, published_at: _, position: _ } = row;
        Self { id: EventId::new(id), project: ProjectId::new(project_id), kind, actor, data, at: occurred_at, request_id }
    }
}
