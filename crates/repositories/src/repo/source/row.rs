//! From rows to sources and back.

use commandcenter_domain::StoreError;
use commandcenter_domain::shared::{ScheduleId, SourceId, Timestamp};
use commandcenter_domain::source::{NewSource, Place, Source, SourceKind, SourceStatus, SourceUpdate, Validators};
use sea_orm::ActiveValue::{NotSet, Set};

use crate::entity::source::{ActiveModel, Model};
use crate::error::broken;

/// What stands beside a source's row in other tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    pub(super) cron: Option<String>,
    pub(super) next_run_at: Option<Timestamp>,
    pub(super) documents: u64,
    pub(super) failing: u64,
}

/// Every column that a person fills.
pub(super) fn written(update: &SourceUpdate<'_>) -> ActiveModel {
    let SourceUpdate { source, sealed_secret, at } = update;
    let NewSource { name, place, filing, priority, is_enabled, .. } = source;
    ActiveModel {
        name: Set(name.clone()),
        kind: Set(place.kind().as_str().to_owned()),
        url: Set(place.url().map(str::to_owned)),
        path: Set(place.path().map(str::to_owned)),
        config: Set(place.config(filing)),
        secret: sealed_secret.clone().map_or(NotSet, |secret| Set(Some(secret))),
        priority: Set(*priority),
        is_enabled: Set(*is_enabled),
        updated_at: Set(*at),
        ..Default::default()
    }
}

/// The source in a row.
///
/// # Errors
/// [`StoreError::Broken`] for a row that this version cannot read.
pub(super) fn source(row: Model, beside: Beside) -> Result<Source, StoreError> {
    let unknown = |column: &str| broken(format!("source {}: {column} holds something unknown", row.id));
    let kind = SourceKind::parse(&row.kind).ok_or_else(|| unknown("kind"))?;
    let (place, filing) = Place::stored(kind, (row.url.as_deref(), row.path.as_deref()), &row.config).map_err(broken)?;
    let status = SourceStatus::parse(&row.status).ok_or_else(|| unknown("status"))?;
    let Beside { cron, next_run_at, documents, failing } = beside;
    Ok(Source {
        id: SourceId::new(row.id),
        name: row.name,
        place,
        filing,
        priority: row.priority,
        is_enabled: row.is_enabled,
        has_secret: row.secret.is_some(),
        schedule: row.schedule_id.map(ScheduleId::new),
        cron,
        next_run_at,
        status: if row.is_enabled { status } else { SourceStatus::Disabled },
        last_run_at: row.last_run_at,
        last_success_at: row.last_success_at,
        last_error: row.last_error,
        documents,
        failing,
        validators: Validators { etag: row.etag, last_modified: row.last_modified },
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
