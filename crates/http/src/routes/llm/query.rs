//! Which rows of the ledger are asked for, and in which form.

use actix_web::HttpRequest;
use actix_web::http::header;
use commandcenter_domain::PageRequest;
use commandcenter_domain::llm::{Cause, GroupBy, Outcome, UsageFilter};
use commandcenter_domain::shared::{ApiKeyId, Checker, Invalid, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which rows. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsageQuery {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `day`, `provider`, `model`, `role`, `cause`, `api_key` or `user`: sums instead of rows.
    group_by: Option<String>,
    /// Of the provider of this alias.
    provider: Option<String>,
    /// Of this model.
    model: Option<String>,
    /// In this role.
    role: Option<String>,
    /// `api`, `ask`, `job`, `debate`, `research_task`, `prompt`, `embedding` or `connection_test`.
    cause: Option<String>,
    /// For this job, debate or task.
    cause_id: Option<String>,
    /// With this API key.
    api_key_id: Option<i64>,
    /// Of this account.
    user_id: Option<i64>,
    /// `open`, `complete`, `incomplete`, `failed`, `cancelled`, `cached` or `lost`.
    outcome: Option<String>,
    /// Begun at or after this moment.
    #[param(example = "2026-11-01T00:00:00Z")]
    since: Option<String>,
    /// Begun before this moment.
    #[param(example = "2026-12-01T00:00:00Z")]
    until: Option<String>,
    /// `json` (default) or `csv`.
    format: Option<String>,
}

/// The question, checked.
pub(super) struct Asked {
    pub(super) filter: UsageFilter,
    pub(super) by: Option<GroupBy>,
    pub(super) page: PageRequest,
    pub(super) is_csv: bool,
}

impl UsageQuery {
    /// Checks everything.
    pub(super) fn read(self, request: &HttpRequest) -> Result<Asked, Invalid> {
        let page = PageRequest::parse(self.page, self.limit)?;
        let mut check = Checker::new();
        let by = self.group_by.as_deref().and_then(|text| check.choice("group_by", text, GroupBy::parse));
        let cause = self.cause.as_deref().and_then(|text| check.choice("cause", text, Cause::parse));
        let outcome = self.outcome.as_deref().and_then(|text| check.choice("outcome", text, Outcome::parse));
        let since = check.optional_moment("since", self.since.as_deref());
        let until = check.optional_moment("until", self.until.as_deref());
        let is_csv = match self.format.as_deref() {
            None => accepts_csv(request),
            Some(text) => check.choice("format", text, format).unwrap_or(false),
        };
        let filter = UsageFilter {
            provider: self.provider,
            model: self.model,
            role: self.role,
            cause,
            cause_id: self.cause_id,
            user: self.user_id.map(UserId::new),
            api_key: self.api_key_id.map(ApiKeyId::new),
            outcome,
            since,
            until,
        };
        check.finish(Asked { filter, by, page, is_csv })
    }
}

fn format(text: &str) -> Option<bool> {
    match text {
        "json" => Some(false),
        "csv" => Some(true),
        _ => None,
    }
}

/// Whether the client names CSV before JSON, as one does that wants it.
fn accepts_csv(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut media = accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    media.find(|media| matches!(*media, "text/csv" | "application/json" | "*/*")) == Some("text/csv")
}
