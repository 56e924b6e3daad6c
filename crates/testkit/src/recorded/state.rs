//! What the recorded host knows and has seen.

use std::time::Duration;

use wiremock::Request;

use super::fault::Struck;
use super::fixtures::Exchange;
use super::script::Script;

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Path and query.
    pub path: String,
    /// The token it carried.
    pub token: Option<String>,
    /// Whether it was conditional.
    pub is_conditional: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) base: String,
    pub(super) scripts: Vec<Script>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) faults: Vec<Struck>,
    pub(super) delay: Duration,
    pub(super) requests: Vec<Seen>,
    /// Old full name, and the script it leads to now.
    pub(super) renamed: Vec<(String, i64)>,
    pub(super) remaining: u32,
}

impl State {
    pub(super) fn find(&self, owner: &str, name: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.owner.eq_ignore_ascii_case(owner) && script.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Script> {
        let id: i64 = id.parse().ok()?;
        self.scripts.iter().find(|script| script.id == id)
    }

    /// Where a path of a renamed repository leads.
    pub(super) fn moved(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix("/repos/")?;
        let (old, id) = self.renamed.iter().find(|(old, _)| rest == old || rest.starts_with(&format!("{old}/")))?;
        Some(format!("{}/repositories/{id}{}", self.base, &rest[old.len()..]))
    }

    pub(super) fn seen(&mut self, request: &Request) {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let path = request.url.query().map_or_else(|| request.url.path().to_owned(), |query| format!("{}?{query}", request.url.path()));
        let token = header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        self.requests.push(Seen { path, token, is_conditional: header("if-none-match").is_some() });
    }

    /// One request less.
    pub(super) fn spend(&mut self) -> String {
        self.remaining = self.remaining.saturating_sub(1).max(1);
        self.remaining.to_string()
    }
}
