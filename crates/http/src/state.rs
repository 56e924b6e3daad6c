//! What handlers are given: the services, and the few facts of the process that the outside may ask for.

use std::borrow::Cow;
use std::sync::Arc;

use commandcenter_services::batch::BatchService;
use commandcenter_services::dashboard::DashboardService;
use commandcenter_services::event::EventService;
use commandcenter_services::health::HealthService;
use commandcenter_services::idempotency::IdempotencyService;
use commandcenter_services::identity::{Access, AccountService, ApiKeyService, SessionService, TicketService};
use commandcenter_services::job::JobService;
use commandcenter_services::knowledge::{AskService, KnowledgeService};
use commandcenter_services::llm::LlmServices;
use commandcenter_services::project::ProjectService;
use commandcenter_services::prompt::PromptService;
use commandcenter_services::repository::RepositoryService;
use commandcenter_services::research::ResearchService;
use commandcenter_services::schedule::ScheduleService;
use commandcenter_services::source::SourceService;
use commandcenter_services::technology::TechnologyService;

use tokio_util::sync::CancellationToken;

use crate::throttle::Throttle;

/// Everything a handler may call. Built once by `app`.
#[derive(Clone)]
pub struct AppState {
    /// Credentials and rights.
    pub access: Arc<Access>,
    /// Accounts.
    pub accounts: Arc<AccountService>,
    /// Login sessions.
    pub sessions: Arc<SessionService>,
    /// Tickets for WebSockets.
    pub tickets: Arc<TicketService>,
    /// API keys.
    pub api_keys: Arc<ApiKeyService>,
    /// Attempts that may be repeated.
    pub idempotency: Arc<IdempotencyService>,
    /// Projects and members.
    pub projects: Arc<ProjectService>,
    /// Throttling of what strangers may call.
    pub throttle: Throttle,
    /// Whether browsers reach us over TLS only, so that cookies may be marked so.
    pub cookies_secure: bool,
    /// Health of the parts.
    pub health: Arc<HealthService>,
    /// Tracked repositories.
    pub repositories: Arc<RepositoryService>,
    /// Technologies.
    pub technologies: Arc<TechnologyService>,
    /// Research tasks.
    pub research: Arc<ResearchService>,
    /// Figures of the first page.
    pub dashboard: Arc<DashboardService>,
    /// Following a project's events.
    pub events: Arc<EventService>,
    /// Jobs.
    pub jobs: Arc<JobService>,
    /// Batches of jobs.
    pub batches: Arc<BatchService>,
    /// Schedules of jobs.
    pub schedules: Arc<ScheduleService>,
    /// Cancelled when the server is to stop, so that sockets and streams close instead of being waited for.
    pub closing: CancellationToken,
    /// The knowledge base.
    pub knowledge: Arc<KnowledgeService>,
    /// Answers in prose.
    pub answers: Arc<AskService>,
    /// Sources of documents.
    pub sources: Arc<SourceService>,
    /// Language models: their settings, their ledger, and calls to them.
    pub llm: Arc<LlmServices>,
    /// What can be said of prompts.
    pub prompts: Arc<PromptService>,
    /// The metrics page.
    pub metrics: Arc<dyn MetricsText>,
    /// The dashboard's files.
    pub assets: Arc<dyn Assets>,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppState")
    }
}

/// Renders the process's metrics in Prometheus' text format.
pub trait MetricsText: Send + Sync {
    /// The page.
    fn render(&self) -> String;
}

/// A file of the dashboard.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub mime: String,
    /// Its entity tag, quoted.
    pub etag: String,
    /// Whether its name changes with its content, so that it may be cached for good.
    pub immutable: bool,
}

/// The dashboard's files.
pub trait Assets: Send + Sync {
    /// The file at a path (without leading slash); pages of the single-page application answer its index.
    fn get(&self, path: &str) -> Option<Asset>;
}
