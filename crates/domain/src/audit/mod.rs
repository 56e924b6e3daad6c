//! The audit log: who did what to which thing, written in the transaction that did it.

use async_trait::async_trait;
use serde_json::Value;

use crate::identity::{Actor, ProjectScope};
use crate::shared::{StoreError, Timestamp};

/// An entry to append. `project` is taken from the scope, or is absent for instance-wide actions.
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// What happened, `<context>.<verb>`, e.g. `technology.created`.
    pub action: &'static str,
    /// Kind of the thing, e.g. `technology`.
    pub entity: &'static str,
    /// Its id.
    pub entity_id: i64,
    /// What is worth keeping about it. Never a secret.
    pub detail: Value,
    /// When.
    pub at: Timestamp,
}

/// Appends to the audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Records an action within a project.
    async fn record(&self, scope: &ProjectScope, entry: NewAudit) -> Result<(), StoreError>;
    /// Records an action on the instance itself (accounts, sign-ins).
    async fn record_instance(&self, actor: Actor, entry: NewAudit) -> Result<(), StoreError>;
}
