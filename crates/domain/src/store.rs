//! Storage as services see it: repositories to read through, and transactions to write through.

use async_trait::async_trait;

use crate::audit::AuditLog;
use crate::batch::BatchRepo;
use crate::dashboard::DashboardRepo;
use crate::event::{EventLog, Outbox};
use crate::idempotency::IdempotencyRepo;
use crate::identity::{ApiKeyRepo, SessionRepo, UserRepo};
use crate::job::{EffectLedger, JobArchive, JobHistory, JobLedger, JobQueue, QueueSwitch};
use crate::knowledge::{EmbeddingRepo, EvaluationRepo, KnowledgeRepo};
use crate::llm::{AnswerCache, BudgetRepo, KeyLimitRepo, ProviderRepo, RoleRepo, UsageRepo};
use crate::project::{MembershipRepo, ProjectRepo};
use crate::repository::{CommitRepo, RepositoryRepo};
use crate::research::TaskRepo;
use crate::schedule::{ScheduleLedger, ScheduleRepo};
use crate::shared::StoreError;
use crate::source::SourceRepo;
use crate::technology::TechnologyRepo;

/// Every repository port, on a pool or within a transaction.
pub trait Repos: Send + Sync {
    /// The audit log.
    fn audit(&self) -> &dyn AuditLog;
    /// The outbox of events.
    fn outbox(&self) -> &dyn Outbox;
    /// The events that were committed, in order.
    fn events(&self) -> &dyn EventLog;
    /// Accounts.
    fn users(&self) -> &dyn UserRepo;
    /// Login sessions.
    fn sessions(&self) -> &dyn SessionRepo;
    /// API keys.
    fn api_keys(&self) -> &dyn ApiKeyRepo;
    /// Projects.
    fn projects(&self) -> &dyn ProjectRepo;
    /// Members of projects.
    fn memberships(&self) -> &dyn MembershipRepo;
    /// The queue of jobs.
    fn jobs(&self) -> &dyn JobQueue;
    /// The leases over jobs, for the engine that runs them.
    fn job_ledger(&self) -> &dyn JobLedger;
    /// What jobs left behind.
    fn job_history(&self) -> &dyn JobHistory;
    /// The archive of ended jobs.
    fn job_archive(&self) -> &dyn JobArchive;
    /// The effects that jobs had outside.
    fn job_effects(&self) -> &dyn EffectLedger;
    /// Batches of jobs.
    fn batches(&self) -> &dyn BatchRepo;
    /// The queues that jobs wait in.
    fn job_queues(&self) -> &dyn QueueSwitch;
    /// Schedules of jobs.
    fn schedules(&self) -> &dyn ScheduleRepo;
    /// The schedules of every project, for the scheduler.
    fn schedule_ledger(&self) -> &dyn ScheduleLedger;
    /// Tracked repositories.
    fn repositories(&self) -> &dyn RepositoryRepo;
    /// Commits of tracked repositories.
    fn commits(&self) -> &dyn CommitRepo;
    /// Technologies on the radar.
    fn technologies(&self) -> &dyn TechnologyRepo;
    /// Research tasks and what is attached to them.
    fn tasks(&self) -> &dyn TaskRepo;
    /// Figures across contexts.
    fn dashboard(&self) -> &dyn DashboardRepo;
    /// The knowledge base.
    fn knowledge(&self) -> &dyn KnowledgeRepo;
    /// Evaluations of the knowledge base.
    fn evaluations(&self) -> &dyn EvaluationRepo;
    /// The models of knowledge bases, and the way from one to the next.
    fn embeddings(&self) -> &dyn EmbeddingRepo;
    /// Sources of documents.
    fn sources(&self) -> &dyn SourceRepo;
    /// Providers of language models, and their prices.
    fn llm_providers(&self) -> &dyn ProviderRepo;
    /// Which models fill roles.
    fn llm_roles(&self) -> &dyn RoleRepo;
    /// Budgets of calls to language models.
    fn llm_budgets(&self) -> &dyn BudgetRepo;
    /// What API keys may use in a minute.
    fn llm_limits(&self) -> &dyn KeyLimitRepo;
    /// Answers of language models that are kept.
    fn llm_answers(&self) -> &dyn AnswerCache;
    /// The ledger of calls to language models.
    fn llm_usage(&self) -> &dyn UsageRepo;
    /// Attempts that may be repeated.
    fn idempotency(&self) -> &dyn IdempotencyRepo;
}

/// One transaction. Dropped without [`Tx::commit`], it rolls back.
#[async_trait]
pub trait Tx: Repos {
    /// Makes everything written through this transaction durable and visible.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// The database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Repositories outside a transaction, for reads and single-statement writes.
    fn repos(&self) -> &dyn Repos;
    /// Begins a transaction (on SQLite it takes the write lock at once, so that it cannot fail halfway for want of it).
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError>;
    /// Answers when the database can be reached.
    async fn ping(&self) -> Result<(), StoreError>;
}
