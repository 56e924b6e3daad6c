//! What a source must fulfil beyond its form.

use commandcenter_domain::Tx;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::Invalid;
use commandcenter_domain::source::{NewSource, Place, SourceError, SourceReader};

/// Refuses a place that must not be read, by the field that names it.
pub(super) fn place(reader: &dyn SourceReader, new: &NewSource) -> Result<(), Invalid> {
    let (field, code) = match &new.place {
        Place::Folder { .. } => ("path", "not_allowed"),
        Place::GitHub { .. } => ("config", "invalid"),
        Place::Feed { .. } | Place::Site { .. } | Place::HackerNews { .. } | Place::Webhook => ("url", "not_allowed"),
    };
    reader.admit(&new.place).map_err(|err| Invalid::one(field, code, err.to_string()))
}

/// Refuses a repository that the project does not track.
pub(super) async fn repository(tx: &dyn Tx, scope: &ProjectScope, new: &NewSource) -> Result<(), SourceError> {
    let Place::GitHub { settings } = &new.place else { return Ok(()) };
    if tx.repositories().find(scope, settings.repository).await?.is_some() {
        return Ok(());
    }
    Err(Invalid::one("config.repository_id", "not_found", "names no repository of this project").into())
}
