//! The gateway's use cases: providers and their keys, roles, prices, budgets, the ledger, and calls to models by name.

mod budgets;
mod cache;
mod calls;
mod catalogue;
mod configured;
mod embeddings;
mod features;
mod limits;
mod prices;
mod providers;
mod rerank;
mod roles;
mod setting;
mod shelf;
mod usage;

use std::sync::Arc;

use commandcenter_domain::identity::SecretCipher;
use commandcenter_domain::llm::{AddressRule, Gateway, LedgerSweep};
use commandcenter_domain::{Clock, Store};

pub use budgets::BudgetService;
pub use cache::{CacheService, Kept};
pub use calls::{Asker, Models};
pub use catalogue::KnownModel;
pub use limits::LimitService;
pub use prices::PriceService;
pub use providers::{ProviderService, Tested};
pub use roles::RoleService;
pub use setting::Setting;
pub use shelf::Shelf;
pub use usage::UsageService;

/// What the gateway's use cases are built on.
#[derive(Clone)]
pub struct LlmPorts {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Seals keys.
    pub cipher: Arc<dyn SecretCipher>,
    /// The door to the models.
    pub gateway: Arc<dyn Gateway>,
    /// Ends attempts that nobody ended.
    pub ledger: Arc<dyn LedgerSweep>,
    /// Judges addresses of providers.
    pub addresses: Arc<dyn AddressRule>,
    /// What was read of the settings lately.
    pub shelf: Arc<Shelf>,
}

impl std::fmt::Debug for LlmPorts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LlmPorts")
    }
}

/// Every service of the gateway.
#[derive(Debug)]
pub struct LlmServices {
    /// Providers.
    pub providers: ProviderService,
    /// Roles.
    pub roles: RoleService,
    /// The book of prices.
    pub prices: PriceService,
    /// Budgets.
    pub budgets: BudgetService,
    /// What API keys may use in a minute.
    pub limits: LimitService,
    /// The ledger.
    pub usage: UsageService,
    /// Answers that are kept.
    pub cache: CacheService,
    /// Calls.
    pub models: Models,
}

impl LlmServices {
    /// Every service over the same ports.
    #[must_use]
    pub fn new(ports: &LlmPorts) -> Self {
        Self {
            providers: ProviderService::new(ports.clone()),
            roles: RoleService::new(ports.clone()),
            prices: PriceService::new(ports.clone()),
            budgets: BudgetService::new(ports.clone()),
            limits: LimitService::new(ports.clone()),
            usage: UsageService::new(ports.clone()),
            cache: CacheService::new(ports.clone()),
            models: Models::new(ports.clone()),
        }
    }
}
