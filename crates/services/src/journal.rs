//! What every change leaves behind in its transaction: an audit entry and an event.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::Timestamp;
use commandcenter_domain::{StoreError, Tx};
use serde_json::{Value, json};

/// A change that the audit log keeps and that others may learn of.
pub(crate) struct Entry {
    /// `<context>.<verb>`.
    pub(crate) action: &'static str,
    /// `cc.<context>.<verb>.v1`.
    pub(crate) kind: &'static str,
    /// Kind of the thing.
    pub(crate) entity: &'static str,
    /// Its id.
    pub(crate) id: i64,
    /// What is worth telling.
    pub(crate) detail: Value,
    /// When.
    pub(crate) at: Timestamp,
}

/// Writes both. The event's payload is the detail with the thing's id.
pub(crate) async fn record(tx: &dyn Tx, scope: &ProjectScope, entry: Entry) -> Result<(), StoreError> {
    let Entry { action, kind, entity, id, detail, at } = entry;
    let mut data = detail.clone();
    if let Value::Object(fields) = &mut data {
        fields.insert("id".to_owned(), json!(id));
    }
    tx.audit().record(scope, NewAudit { action, entity, entity_id: id, detail, at }).await?;
    tx.outbox().publish(scope, NewEvent { kind, data, at }).await
}
