//! What is known of documents that tells how far they can be relied on.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Evidence, Staleness};
use commandcenter_domain::shared::{DocumentId, ProjectId, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, Statement, Value};

use crate::entity::knowledge_document::{ActiveModel, Column, Entity};
use crate::error::{broken, sort};

/// An item of a source belongs to one document at most; so does an address.
const EVIDENCE: &str = "SELECT d.id, d.project_id, d.title, d.is_stale, d.status, d.content_hash, d.indexed_hash, d.indexed_at, d.created_at, \
            d.updated_at, a.fetched_at, a.failing_since, a.is_gone, i.state AS item_state, i.last_seen_at, i.first_seen_at, \
            s.status AS source_status, s.last_success_at, s.created_at AS source_created_at, r.last_synced_at \
     FROM knowledge_documents d \
     LEFT JOIN knowledge_addresses a ON a.document_id = d.id \
     LEFT JOIN source_items i ON i.document_id = d.id \
     LEFT JOIN sources s ON s.id = i.source_id \
     LEFT JOIN repositories r ON r.id = d.repository_id";

pub(super) async fn due(db: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<Vec<Evidence>, StoreError> {
    let sql = format!("{EVIDENCE} WHERE d.judged_at < $1 ORDER BY d.judged_at, d.id LIMIT $2");
    rows(db, sql, [before.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()]).await
}

pub(super) async fn of(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId) -> Result<Option<Evidence>, StoreError> {
    let sql = format!("{EVIDENCE} WHERE d.id = $1 AND d.project_id = $2");
    Ok(rows(db, sql, [id.get().into(), scope.project().get().into()]).await?.into_iter().next())
}

async fn rows(db: &impl ConnectionTrait, sql: String, values: [Value; 2]) -> Result<Vec<Evidence>, StoreError> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement).await.map_err(sort)?.iter().map(evidence).collect()
}

fn evidence(row: &QueryResult) -> Result<Evidence, StoreError> {
    let text = |name: &str| row.try_get::<Option<String>>("", name).map_err(broken);
    let moment = |name: &str| row.try_get::<Option<Timestamp>>("", name).map_err(broken);
    let created_at = row.try_get::<Timestamp>("", "created_at").map_err(broken)?;
    let is_seen = text("item_state")?.as_deref() == Some("seen");
    let seen_at = moment("last_seen_at")?.filter(|_| is_seen);
    let confirmed = [moment("indexed_at")?, moment("fetched_at")?, seen_at, moment("last_synced_at")?];
    let confirmed_at = confirmed.into_iter().flatten().max().unwrap_or(created_at);
    let item_fails = text("item_state")?.as_deref() == Some("failed");
    let source_fails = text("source_status")?.as_deref() == Some("error");
    let failing_since = match (moment("failing_since")?, item_fails, source_fails) {
        (Some(since), _, _) => Some(since),
        (None, true, _) => moment("last_seen_at")?.or(moment("first_seen_at")?),
        (None, false, true) => moment("last_success_at")?.or(moment("source_created_at")?),
        (None, false, false) => None,
    };
    let indexed_hash = text("indexed_hash")?;
    let is_superseded = text("status")?.as_deref() == Some("failed") && indexed_hash.is_some() && indexed_hash != text("content_hash")?;
    Ok(Evidence {
        document: DocumentId::new(row.try_get("", "id").map_err(broken)?),
        project: ProjectId::new(row.try_get("", "project_id").map_err(broken)?),
        title: row.try_get("", "title").map_err(broken)?,
        confirmed_at,
        failing_since,
        is_gone: row.try_get::<Option<bool>>("", "is_gone").map_err(broken)?.unwrap_or(false),
        superseded_since: moment("updated_at")?.filter(|_| is_superseded),
        was_stale: row.try_get("", "is_stale").map_err(broken)?,
    })
}

pub(super) async fn set(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    (staleness, at): (&Staleness, Timestamp),
) -> Result<(), StoreError> {
    let row = ActiveModel {
        staleness: Set(staleness.score),
        is_stale: Set(staleness.is_stale()),
        stale_signs: Set(serde_json::to_value(&staleness.signs).map_err(broken)?),
        judged_at: Set(at),
        ..Default::default()
    };
    let query = Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()));
    query.set(row).exec(db).await.map_err(sort)?;
    Ok(())
}
