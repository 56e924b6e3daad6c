//! Settings and the ledger in storage.

use std::net::IpAddr;

use async_trait::async_trait;
use url::{Host, Url};

use super::{
    Budget, CallableProvider, GroupBy, KeyLimits, LedgerRow, NewBudget, NewPrice, NewProvider, Origin, Owning, PriceRow, Provider,
    RateLimits, RoleBinding, RoleModels, RoleName, UsageFilter, UsageSum,
};
use crate::identity::ProjectScope;
use crate::shared::{ApiKeyId, BudgetId, LlmAttemptId, Page, PageRequest, Patch, ProjectId, ProviderId, StoreError, Timestamp, is_public};

/// A provider's columns that a person or the configuration changes.
#[derive(Debug, Clone)]
pub struct ProviderUpdate<'a> {
    /// The provider as it is from now on.
    pub provider: &'a NewProvider,
    /// Its key, sealed, with the hint that is shown: kept, removed or set.
    pub sealed_key: Patch<(Vec<u8>, Option<String>)>,
    /// Where it is set up.
    pub origin: Origin,
    /// When.
    pub at: Timestamp,
}

/// Providers and their prices. What is the instance's is seen by every project and changed by none.
#[async_trait]
pub trait ProviderRepo: Send + Sync {
    /// Every provider that is seen from here, the project's own first, then by name; with the prices of a moment.
    async fn visible(&self, owning: Owning<'_>, at: Timestamp) -> Result<Vec<Provider>, StoreError>;
    /// The same with their sealed keys, without those that are switched off.
    async fn callable(&self, owning: Owning<'_>, at: Timestamp) -> Result<Vec<CallableProvider>, StoreError>;
    /// The owner's own with their sealed keys, those that are switched off too.
    async fn stored(&self, owning: Owning<'_>, at: Timestamp) -> Result<Vec<CallableProvider>, StoreError>;
    /// Stores a provider; its models' prices are in the book apart. [`StoreError::Duplicate`] when the owner has one of that name.
    async fn insert(&self, owning: Owning<'_>, update: &ProviderUpdate<'_>) -> Result<ProviderId, StoreError>;
    /// Whether the owner has such a provider, which is as it was told to be now.
    async fn update(&self, owning: Owning<'_>, id: ProviderId, update: &ProviderUpdate<'_>) -> Result<bool, StoreError>;
    /// Whether there was one. Its prices go with it; the ledger keeps its rows.
    async fn delete(&self, owning: Owning<'_>, id: ProviderId) -> Result<bool, StoreError>;
    /// Writes rows of the book of prices.
    async fn add_prices(&self, prices: &[NewPrice]) -> Result<(), StoreError>;
    /// A page of the book as it is seen from here, newest first; of one provider's alias, of one model.
    async fn prices(&self, owning: Owning<'_>, of: (Option<&str>, Option<&str>), page: PageRequest) -> Result<Page<PriceRow>, StoreError>;
}

/// Which models fill roles.
#[async_trait]
pub trait RoleRepo: Send + Sync {
    /// Every role that is seen from here, by name; a project's own and the instance's.
    async fn visible(&self, owning: Owning<'_>) -> Result<Vec<RoleBinding>, StoreError>;
    /// What fills a role here: the project's own setting, else the instance's.
    async fn find(&self, owning: Owning<'_>, role: &RoleName) -> Result<Option<RoleBinding>, StoreError>;
    /// Sets what fills a role for this owner.
    async fn put(&self, owning: Owning<'_>, role: &RoleName, models: (&RoleModels, Timestamp)) -> Result<(), StoreError>;
    /// Whether the owner had a setting for the role, which is gone now.
    async fn delete(&self, owning: Owning<'_>, role: &RoleName) -> Result<bool, StoreError>;
}

/// Budgets of a project. Each is shown with what counts against it at a moment.
#[async_trait]
pub trait BudgetRepo: Send + Sync {
    /// [`StoreError::Duplicate`] when the project has one of that name.
    async fn insert(&self, scope: &ProjectScope, new: &NewBudget, at: Timestamp) -> Result<Budget, StoreError>;
    /// `None` when absent or another project's.
    async fn find(&self, scope: &ProjectScope, id: BudgetId, at: Timestamp) -> Result<Option<Budget>, StoreError>;
    /// A page, by name.
    async fn list(&self, scope: &ProjectScope, page: PageRequest, at: Timestamp) -> Result<Page<Budget>, StoreError>;
    /// Changes name, limit and mode; `None` when absent or another project's.
    async fn update(&self, scope: &ProjectScope, id: BudgetId, change: (&NewBudget, Timestamp)) -> Result<Option<Budget>, StoreError>;
    /// Whether there was one.
    async fn delete(&self, scope: &ProjectScope, id: BudgetId) -> Result<bool, StoreError>;
}

/// What API keys may use of a project in a minute.
#[async_trait]
pub trait KeyLimitRepo: Send + Sync {
    /// A page, by key.
    async fn list(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<KeyLimits>, StoreError>;
    /// The limits of a key here; `None` without any.
    async fn find(&self, scope: &ProjectScope, key: ApiKeyId) -> Result<Option<KeyLimits>, StoreError>;
    /// Sets the limits of a key that works here: the project's own, or a member's. Whether there is such a key. What it used stays used.
    async fn put(&self, scope: &ProjectScope, key: ApiKeyId, limits: (RateLimits, Timestamp)) -> Result<bool, StoreError>;
    /// Whether the key had limits here, which are gone now.
    async fn delete(&self, scope: &ProjectScope, key: ApiKeyId) -> Result<bool, StoreError>;
}

/// The ledger of attempts, for reading.
#[async_trait]
pub trait UsageRepo: Send + Sync {
    /// A page of attempts, newest first.
    async fn rows(&self, scope: &ProjectScope, filter: &UsageFilter, page: PageRequest) -> Result<Page<LedgerRow>, StoreError>;
    /// Attempts older than one, newest first, at most `limit`; for walking through all of them.
    async fn rows_before(
        &self,
        scope: &ProjectScope,
        filter: &UsageFilter,
        (before, limit): (Option<LlmAttemptId>, u64),
    ) -> Result<Vec<LedgerRow>, StoreError>;
    /// A page of sums: days in order, anything else by cost, the dearest first.
    async fn sums(&self, scope: &ProjectScope, filter: &UsageFilter, by: GroupBy, page: PageRequest) -> Result<Page<UsageSum>, StoreError>;
}

/// Ends what nobody ended: attempts whose process stopped.
#[async_trait]
pub trait LedgerSweep: Send + Sync {
    /// Attempts begun before a moment that are still open are lost: billed as reserved. Gives how many.
    async fn lose_open(&self, before: Timestamp, at: Timestamp) -> Result<u64, StoreError>;
    /// The oldest budgets of all projects, at most so many, with what counts against them at a moment.
    async fn budgets(&self, at: Timestamp, most: u64) -> Result<Vec<(ProjectId, Budget)>, StoreError>;
}

/// Which addresses a provider may have: public ones, and those private ones that the operator opened.
pub trait AddressRule: Send + Sync {
    /// Whether a private address may be reached nevertheless.
    fn opens(&self, address: IpAddr) -> bool;

    /// Judges a URL as far as that can be done without looking names up; a name's addresses are judged when it is called.
    ///
    /// # Errors
    /// Why calls may not go there, for the person who gave it.
    fn admit(&self, url: &Url) -> Result<(), String> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address).to_canonical(),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err("names no host".to_owned()),
        };
        if is_public(address) || self.opens(address) {
            return Ok(());
        }
        Err(format!("leads to {address}, which is private and not opened by `net.allow_private`"))
    }
}

impl<F: Fn(IpAddr) -> bool + Send + Sync> AddressRule for F {
    fn opens(&self, address: IpAddr) -> bool {
        self(address)
    }
}
