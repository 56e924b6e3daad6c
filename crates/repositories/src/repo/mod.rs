//! The repository ports over any connection.

mod audit;
mod commit;
mod dashboard;
mod evaluation;
mod event_log;
mod idempotency;
mod identity;
mod job;
pub(crate) mod knowledge;
pub(crate) mod llm;
mod outbox;
mod project;
mod repository;
mod schedule;
mod source;
mod task;
mod technology;

use commandcenter_domain::Repos;
use commandcenter_domain::audit::AuditLog;
use commandcenter_domain::batch::BatchRepo;
use commandcenter_domain::dashboard::DashboardRepo;
use commandcenter_domain::event::{EventLog, Outbox};
use commandcenter_domain::idempotency::IdempotencyRepo;
use commandcenter_domain::identity::{ApiKeyRepo, SessionRepo, UserRepo};
use commandcenter_domain::job::{EffectLedger, JobArchive, JobHistory, JobLedger, JobQueue, QueueSwitch};
use commandcenter_domain::knowledge::{EmbeddingRepo, EvaluationRepo, KnowledgeRepo};
use commandcenter_domain::llm::{AnswerCache, BudgetRepo, KeyLimitRepo, ProviderRepo, RoleRepo, UsageRepo};
use commandcenter_domain::project::{MembershipRepo, ProjectRepo};
use commandcenter_domain::repository::{CommitRepo, RepositoryRepo};
use commandcenter_domain::research::TaskRepo;
use commandcenter_domain::schedule::{ScheduleLedger, ScheduleRepo};
use commandcenter_domain::source::SourceRepo;
use commandcenter_domain::technology::TechnologyRepo;
use sea_orm::ConnectionTrait;

use crate::store::On;

impl<C: ConnectionTrait + Send + Sync> Repos for On<C> {
    fn audit(&self) -> &dyn AuditLog {
        self
    }
    fn outbox(&self) -> &dyn Outbox {
        self
    }
    fn events(&self) -> &dyn EventLog {
        self
    }
    fn users(&self) -> &dyn UserRepo {
        self
    }
    fn sessions(&self) -> &dyn SessionRepo {
        self
    }
    fn api_keys(&self) -> &dyn ApiKeyRepo {
        self
    }
    fn projects(&self) -> &dyn ProjectRepo {
        self
    }
    fn memberships(&self) -> &dyn MembershipRepo {
        self
    }
    fn jobs(&self) -> &dyn JobQueue {
        self
    }
    fn job_ledger(&self) -> &dyn JobLedger {
        self
    }
    fn job_history(&self) -> &dyn JobHistory {
        self
    }
    fn job_archive(&self) -> &dyn JobArchive {
        self
    }
    fn job_effects(&self) -> &dyn EffectLedger {
        self
    }
    fn batches(&self) -> &dyn BatchRepo {
        self
    }
    fn job_queues(&self) -> &dyn QueueSwitch {
        self
    }
    fn schedules(&self) -> &dyn ScheduleRepo {
        self
    }
    fn schedule_ledger(&self) -> &dyn ScheduleLedger {
        self
    }
    fn repositories(&self) -> &dyn RepositoryRepo {
        self
    }
    fn commits(&self) -> &dyn CommitRepo {
        self
    }
    fn knowledge(&self) -> &dyn KnowledgeRepo {
        self
    }
    fn evaluations(&self) -> &dyn EvaluationRepo {
        self
    }
    fn embeddings(&self) -> &dyn EmbeddingRepo {
        self
    }
    fn sources(&self) -> &dyn SourceRepo {
        self
    }
    fn idempotency(&self) -> &dyn IdempotencyRepo {
        self
    }
    fn llm_providers(&self) -> &dyn ProviderRepo {
        self
    }
    fn llm_roles(&self) -> &dyn RoleRepo {
        self
    }
    fn llm_budgets(&self) -> &dyn BudgetRepo {
        self
    }
    fn llm_limits(&self) -> &dyn KeyLimitRepo {
        self
    }
    fn llm_answers(&self) -> &dyn AnswerCache {
        self
    }
    fn llm_usage(&self) -> &dyn UsageRepo {
        self
    }
    fn technologies(&self) -> &dyn TechnologyRepo {
        self
    }
    fn tasks(&self) -> &dyn TaskRepo {
        self
    }
    fn dashboard(&self) -> &dyn DashboardRepo {
        self
    }
}
