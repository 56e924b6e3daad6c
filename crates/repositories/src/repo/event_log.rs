//! The committed events in order.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::event::{EventLog, Moved, Place, StoredEvent};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{EventId, ProjectId, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Statement};

use crate::entity::outbox_event::{Column, Entity};
use crate::error::{broken, sort};
use crate::store::On;

/// Takes hold of the end of the order: who asks next waits for the end of this transaction, and then sees what it did.
const HOLD: &str = "UPDATE event_order SET last = last WHERE id = 1 RETURNING last";
/// A statement of its own, so that it sees what was committed while it waited for the hold.
const PLACE: &str = "UPDATE outbox_events SET position = fresh.place FROM (\
    SELECT id, (SELECT last FROM event_order WHERE id = 1) + row_number() OVER (ORDER BY id) AS place \
    FROM outbox_events WHERE position IS NULL\
    ) AS fresh WHERE outbox_events.id = fresh.id";
const MOVE_END: &str = "UPDATE event_order SET last = last + $1 WHERE id = 1";
/// The newest of each project stays.
const SWEEP: &str = "DELETE FROM outbox_events WHERE id IN (\
    SELECT old.id FROM outbox_events AS old WHERE old.published_at < $1 AND old.position < (\
    SELECT MAX(newer.position) FROM outbox_events AS newer WHERE newer.project_id = old.project_id\
    ) ORDER BY old.published_at LIMIT $2)";

/// Every read of a project starts here, so none can forget the scope. What has no place is not there yet.
fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Position.is_not_null())
}

/// Takes hold of the end of the order until the end of the transaction.
pub(super) async fn hold_order(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    db.query_one_raw(Statement::from_string(db.get_database_backend(), HOLD)).await.map_err(sort)?;
    Ok(())
}

/// Moves the end of the order, which is held, behind the events that were given places.
pub(super) async fn move_end(db: &impl ConnectionTrait, placed: u64) -> Result<(), StoreError> {
    if placed == 0 {
        return Ok(());
    }
    let placed = i64::try_from(placed).map_err(broken)?;
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), MOVE_END, [placed.into()])).await.map_err(sort)?;
    Ok(())
}

/// A row that has a place.
fn placed(position: Option<i64>) -> Result<Place, StoreError> {
    position.map(Place::new).ok_or_else(|| broken("an event without a place was read as one with a place"))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> EventLog for On<C> {
    async fn is_unordered(&self) -> Result<bool, StoreError> {
        let one = Entity::find().select_only().column(Column::Id).filter(Column::Position.is_null()).limit(1);
        Ok(one.into_tuple::<i64>().one(&self.0).await.map_err(sort)?.is_some())
    }

    async fn put_in_order(&self) -> Result<(), StoreError> {
        hold_order(&self.0).await?;
        let placed = self.0.execute_raw(Statement::from_string(self.0.get_database_backend(), PLACE)).await.map_err(sort)?;
        move_end(&self.0, placed.rows_affected()).await
    }

    async fn last(&self) -> Result<Place, StoreError> {
        let sql = Statement::from_string(self.0.get_database_backend(), "SELECT last FROM event_order WHERE id = 1");
        let row = self.0.query_one_raw(sql).await.map_err(sort)?.ok_or_else(|| broken("the order of events has no end"))?;
        Ok(Place::new(row.try_get("", "last").map_err(sort)?))
    }

    async fn moved(&self, after: Place) -> Result<Moved, StoreError> {
        let query = Entity::find().select_only().column(Column::ProjectId).column_as(Column::Position.max(), "last");
        let query = query.filter(Column::Position.gt(after.get())).group_by(Column::ProjectId);
        let rows = query.into_tuple::<(i64, Option<i64>)>().all(&self.0).await.map_err(sort)?;
        let last = rows.iter().filter_map(|(_, last)| *last).max().map_or(after, Place::new);
        Ok(Moved { projects: rows.into_iter().map(|(project, _)| ProjectId::new(project)).collect(), last })
    }

    async fn after(&self, scope: &ProjectScope, place: Place, limit: u64) -> Result<Vec<(Place, StoredEvent)>, StoreError> {
        let query = within(scope).filter(Column::Position.gt(place.get())).order_by_asc(Column::Position).limit(limit);
        let rows = query.all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(|row| Ok((placed(row.position)?, StoredEvent::from(row)))).collect()
    }

    async fn place_of(&self, scope: &ProjectScope, id: EventId) -> Result<Option<Place>, StoreError> {
        let row = within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await.map_err(sort)?;
        row.map(|row| placed(row.position)).transpose()
    }

    async fn newest(&self, scope: &ProjectScope) -> Result<Option<(EventId, Place)>, StoreError> {
        let row = within(scope).order_by_desc(Column::Position).one(&self.0).await.map_err(sort)?;
        row.map(|row| Ok((EventId::new(row.id), placed(row.position)?))).transpose()
    }

    async fn sweep(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = Statement::from_sql_and_values(self.0.get_database_backend(), SWEEP, [before.into(), limit.into()]);
        Ok(self.0.execute_raw(sql).await.map_err(sort)?.rows_affected())
    }
}
