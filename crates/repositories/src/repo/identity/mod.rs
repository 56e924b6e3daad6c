//! Accounts, sessions and keys.

mod api_key;
mod session;
mod user;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::Role;

use crate::error::broken;

/// A role as stored. The CHECK constraint keeps every other text out.
pub(super) fn role(text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or_else(|| broken(format!("unknown role `{text}`")))
}
