//! Why a document may no longer be relied on.

use chrono::{DateTime, Utc};
use commandcenter_domain::knowledge::{StaleReason, StaleSign};
use serde::Serialize;
use utoipa::ToSchema;

/// A sign that a document may no longer be relied on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StaleSignView {
    /// `age`: nothing has confirmed it for long. `unreachable`: where it came from does not answer. `gone`: where it came from holds it no more.
    /// `superseded`: a newer version is there and could not be read.
    #[schema(value_type = String, example = "unreachable")]
    code: StaleReason,
    /// From 0 to 1.
    weight: f64,
    /// Since when it has been so.
    since: DateTime<Utc>,
}

impl From<StaleSign> for StaleSignView {
    fn from(sign: StaleSign) -> Self {
        let StaleSign { code, weight, since } = sign;
        Self { code, weight: f64::from(weight) / 1000.0, since }
    }
}
