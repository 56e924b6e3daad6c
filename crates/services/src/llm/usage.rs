//! The ledger: what was asked of models, by whom and for what, and what it cost.

use chrono::TimeDelta;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{GroupBy, LedgerRow, LlmError, Patience, UsageFilter, UsageSum};
use commandcenter_domain::shared::LlmAttemptId;
use commandcenter_domain::{Page, PageRequest, StoreError};

use super::LlmPorts;

/// Most rows of one step through the ledger.
const STEP: u64 = 1000;
/// What an attempt is given beyond the longest call before it counts as lost.
const GRACE: TimeDelta = TimeDelta::minutes(5);

/// Use cases of the ledger.
pub struct UsageService {
    ports: LlmPorts,
}

impl std::fmt::Debug for UsageService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UsageService")
    }
}

impl UsageService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// A page of attempts, newest first.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn rows(&self, scope: &ProjectScope, filter: &UsageFilter, page: PageRequest) -> Result<Page<LedgerRow>, LlmError> {
        Ok(self.ports.store.repos().llm_usage().rows(scope, filter, page).await?)
    }

    /// The next step of a walk through all attempts, newest first; empty at the end.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn step(&self, scope: &ProjectScope, filter: &UsageFilter, before: Option<LlmAttemptId>) -> Result<Vec<LedgerRow>, LlmError> {
        Ok(self.ports.store.repos().llm_usage().rows_before(scope, filter, (before, STEP)).await?)
    }

    /// A page of sums of exactly the rows that pass the filter.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn sums(
        &self,
        scope: &ProjectScope,
        filter: &UsageFilter,
        by: GroupBy,
        page: PageRequest,
    ) -> Result<Page<UsageSum>, LlmError> {
        Ok(self.ports.store.repos().llm_usage().sums(scope, filter, by, page).await?)
    }

    /// Ends attempts whose process stopped before it could: older than the longest call, they are billed as reserved.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let now = self.ports.clock.now();
        let longest = TimeDelta::from_std(Patience::default().total).unwrap_or(TimeDelta::hours(1)) + GRACE;
        self.ports.ledger.lose_open(now - longest, now).await
    }
}
