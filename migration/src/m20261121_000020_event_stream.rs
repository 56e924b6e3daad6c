//! Expand: gives events a place in an order of their own. The running binary does not know the column; what it publishes meanwhile is put in
//! order by the first new one.
//!
//! Ids are handed out when events are written and become visible when they are committed, in another order. `position` is given after the
//! commit, by whoever holds the one row of `event_order`; a reader that has gone past a position has seen everything before it.

use sea_orm_migration::prelude::*;

use crate::column::{by_backend, index, reference};

/// The migration.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What is there keeps the order of its ids: nobody has read it in another.
const EXISTING: &[&str] = &[
    "UPDATE outbox_events SET position = id",
    "INSERT INTO event_order (id, last) SELECT 1, COALESCE(MAX(id), 0) FROM outbox_events",
    // Enforces "no two events have one place", and finds what came behind one.
    "CREATE UNIQUE INDEX uq_outbox_events_position ON outbox_events (position)",
    // What has no place yet: always few.
    "CREATE INDEX idx_outbox_events_unordered ON outbox_events (id) WHERE position IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let position = ColumnDef::new("position").big_integer().null().take();
        manager.alter_table(Table::alter().table("outbox_events").add_column(position).take()).await?;
        let order = Table::create()
            .table("event_order")
            .col(ColumnDef::new("id").integer().not_null().primary_key().check(Expr::col("id").eq(1)).take())
            .col(reference("last"))
            .take();
        manager.create_table(order).await?;
        for sql in EXISTING {
            by_backend(manager, sql, sql).await?;
        }
        // A reader asks for what came behind a place in its project; the sweep for what was relayed long ago.
        index(manager, "outbox_events", &["project_id", "position"]).await?;
        index(manager, "outbox_events", &["published_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "idx_outbox_events_published_at",
            "idx_outbox_events_project_id_position",
            "idx_outbox_events_unordered",
            "uq_outbox_events_position",
        ] {
            manager.drop_index(Index::drop().name(name).table("outbox_events").to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("event_order").take()).await?;
        manager.alter_table(Table::alter().table("outbox_events").drop_column("position").take()).await
    }
}
