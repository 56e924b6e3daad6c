//! Events and their types as clients see them.

use chrono::{DateTime, Utc};
use commandcenter_domain::event::{EventType, StoredEvent};
use commandcenter_domain::shared::{EventId, ProjectId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": 1204, "type": "cc.technology.created.v1", "project_id": 7, "occurred_at": "2026-11-21T10:15:30.123456Z",
    "request_id": "0193a0b2-7c1e-7d5e-9e57-3f4d5a6b7c8d", "actor": "user:3",
    "data": {"id": 42, "title": "Rust", "status": "discovery", "version": 1}}))]
pub(super) struct EventView {
    /// Identifies it; what to resume from.
    #[schema(value_type = i64)]
    id: EventId,
    /// `cc.<context>.<what>.v1`.
    #[serde(rename = "type")]
    kind: String,
    #[schema(value_type = i64)]
    project_id: ProjectId,
    occurred_at: DateTime<Utc>,
    /// The request that caused it.
    request_id: Option<String>,
    /// `user:1`, `job:1` or `schedule:1`.
    actor: String,
    /// Shaped by the schema of its type.
    #[schema(value_type = Object)]
    data: Value,
}

impl From<StoredEvent> for EventView {
    fn from(event: StoredEvent) -> Self {
        let StoredEvent { id, project, kind, actor, data, at, request_id } = event;
        Self { id, kind, project_id: project, occurred_at: at, request_id, actor, data }
    }
}

impl EventView {
    /// Its type.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }
}

/// Every type of event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventTypesView {
    items: Vec<EventTypeView>,
}

/// A type of event.
#[derive(Debug, Serialize, ToSchema)]
struct EventTypeView {
    /// `cc.<context>.<what>.v1`.
    #[serde(rename = "type")]
    #[schema(example = "cc.technology.created.v1")]
    name: &'static str,
    /// When it is published.
    description: &'static str,
    /// JSON Schema (2020-12) of its `data`. More fields may come.
    #[schema(value_type = Object)]
    schema: Value,
}

impl EventTypesView {
    /// The types that this version publishes.
    pub(super) fn all() -> Self {
        let view = |one: &'static EventType| EventTypeView { name: one.name, description: one.about, schema: one.schema() };
        Self { items: EventType::all().map(view).collect() }
    }
}
