//! The dashboard's files, as the HTTP face asks for them.

use commandcenter_http::{Asset, Assets};

/// The embedded dashboard.
pub(crate) struct Dashboard;

impl Assets for Dashboard {
    fn get(&self, path: &str) -> Option<Asset> {
        let commandcenter_dashboard::Asset { bytes, mime, etag, immutable } = commandcenter_dashboard::asset(path)?;
        Some(Asset { bytes, mime, etag, immutable })
    }
}
