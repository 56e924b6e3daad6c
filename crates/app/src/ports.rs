//! The ports that services are built on, and the services built on them.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_auth::{Argon2Hasher, JwtIssuer, MasterKey, SealingCipher};
use commandcenter_config::{Config, Keep};
use commandcenter_domain::event::SignalBus;
use commandcenter_domain::health::HealthProbe;
use commandcenter_domain::identity::{PasswordHasher, SecretCipher, TokenIssuer};
use commandcenter_domain::job::Retention;
use commandcenter_domain::knowledge::{DocumentParser, Embedder, RepositoryDocuments};
use commandcenter_domain::repository::{AccessToken, RepositoryHost};
use commandcenter_domain::research::FileStore;
use commandcenter_domain::shared::SystemClock;
use commandcenter_domain::source::SourceReader;
use commandcenter_domain::{Clock, Store};
use commandcenter_events::EventFeed;
use commandcenter_exports::ZipArchives;
use commandcenter_files::DiskFiles;
use commandcenter_github::{GithubHost, GithubOptions};
use commandcenter_http::{AppState, MetricsText, Throttle};
use commandcenter_ingestion::{FetchOptions, Reader, ReaderOptions, Signatures};
use commandcenter_jobs::Registry;
use commandcenter_parsers::{IsolatedParser, ParserLimits};
use commandcenter_rag::Engine;
use commandcenter_repositories::{SeaPassageIndex, SeaStore};
use commandcenter_services::batch::{BatchService, ImportHandler, SummaryHandler};
use commandcenter_services::dashboard::DashboardService;
use commandcenter_services::event::EventService;
use commandcenter_services::health::HealthService;
use commandcenter_services::idempotency::IdempotencyService;
use commandcenter_services::identity::{Access, AccountService, ApiKeyService, Registrations, SessionPorts, SessionService, TicketService};
use commandcenter_services::job::{JobArchivist, JobService, QueueProbe};
use commandcenter_services::knowledge::{AskService, KnowledgePorts, KnowledgeService, ModelProbe, ReembedHandler};
use commandcenter_services::llm::{LlmPorts, LlmServices, Models};
use commandcenter_services::project::ProjectService;
use commandcenter_services::prompt::PromptService;
use commandcenter_services::repository::RepositoryService;
use commandcenter_services::repository_sync::RepositorySyncService;
use commandcenter_services::research::ResearchService;
use commandcenter_services::schedule::ScheduleService;
use commandcenter_services::source::{SourcePorts, SourceService};
use commandcenter_services::source_sync::SourceSyncService;
use commandcenter_services::technology::TechnologyService;
use tokio_util::sync::CancellationToken;

use crate::assets::Dashboard;
use crate::background::Signals;
use crate::models;
use crate::start::StartError;

/// Passwords that are hashed at once: each takes a core and 19 MiB.
const HASHES: usize = 2;
/// Most bytes of an archive that comes in.
const MAX_ARCHIVE: u64 = 2 << 30;

/// Everything that services ask for, built once.
pub(crate) struct Ports {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) signals: Arc<dyn SignalBus>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cipher: Arc<dyn SecretCipher>,
    hasher: Arc<dyn PasswordHasher>,
    tokens: Arc<dyn TokenIssuer>,
    github: Arc<GithubHost>,
    knowledge: Arc<KnowledgeService>,
    embedder: Arc<dyn Embedder>,
    sources: Arc<dyn SourceReader>,
    redis: Option<Arc<dyn HealthProbe>>,
    pub(crate) feed: Arc<EventFeed>,
    files: Arc<dyn FileStore>,
    llm: LlmPorts,
}

impl Ports {
    /// Builds the adapters.
    pub(crate) fn new(
        config: &Config,
        store: Arc<SeaStore>,
        Signals { bus: signals, probe: redis, memory: shared }: Signals,
    ) -> Result<Self, StartError> {
        let key = MasterKey::new(config.secret_key()?.expose());
        let seconds = u32::try_from(config.auth.access_ttl.as_secs()).unwrap_or(900);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let engine = Engine::start(&config.rag.model_dir, parser(config)?);
        let files = DiskFiles::new(config.data_dir.join("files"));
        let max_file = config.documents.max_file.bytes();
        let cipher: Arc<dyn SecretCipher> = Arc::new(SealingCipher::new(&key));
        let llm = models::ports(config, store.clone(), (clock.clone(), cipher.clone()))?;
        let github = Arc::new(github(config, clock.clone())?);
        let reader = Arc::new(reader(config, clock.clone(), github.clone())?);
        let knowledge = Arc::new(KnowledgeService::new(KnowledgePorts {
            store: store.clone(),
            clock: clock.clone(),
            signals: signals.clone(),
            reader: engine.reader,
            embedder: engine.embedder.clone(),
            embeddings: Arc::new(Models::new(llm.clone())),
            judge: Arc::new(Models::new(llm.clone())),
            index: Arc::new(SeaPassageIndex::new(store.connection().clone())),
            spool: Arc::new(files.clone().up_to(max_file)),
            archives: Arc::new(ZipArchives::new(config.data_dir.join("archives"), MAX_ARCHIVE)),
            shared,
            pages: reader.clone(),
            max_file,
        }));
        Ok(Self {
            llm,
            feed: Arc::new(EventFeed::new(store.clone(), signals.clone())),
            store,
            signals,
            github,
            knowledge,
            embedder: engine.embedder,
            sources: reader,
            redis,
            files: Arc::new(files),
            clock,
            cipher,
            hasher: Arc::new(Argon2Hasher::new(HASHES).map_err(|err| StartError::Part(err.to_string()))?),
            tokens: Arc::new(JwtIssuer::new(&key, seconds)),
        })
    }

    /// Builds the services of the HTTP face.
    pub(crate) fn state(&self, config: &Config, metrics: Arc<dyn MetricsText>) -> AppState {
        let model = Arc::new(ModelProbe::new(self.embedder.clone()));
        let mut probes: Vec<Arc<dyn HealthProbe>> = vec![Arc::new(QueueProbe::new(self.store(), self.clock())), model, self.github.clone()];
        probes.extend(self.redis.clone());
        AppState {
            access: Arc::new(Access::new(self.store(), self.tokens(), self.clock())),
            accounts: Arc::new(AccountService::new(self.store(), self.hasher.clone(), self.clock(), registrations(config))),
            sessions: Arc::new(self.sessions(config)),
            tickets: Arc::new(TicketService::new(self.store(), self.tokens(), self.clock())),
            api_keys: Arc::new(ApiKeyService::new(self.store(), self.tokens(), self.clock())),
            idempotency: Arc::new(IdempotencyService::new(self.store(), self.cipher.clone(), self.clock())),
            projects: Arc::new(ProjectService::new(self.store(), self.clock())),
            throttle: if config.auth.rate_limits { Throttle::per_minute() } else { Throttle::off() },
            cookies_secure: config.server.public_url.starts_with("https://"),
            repositories: Arc::new(self.repositories()),
            technologies: Arc::new(TechnologyService::new(self.store(), self.clock(), self.files.clone())),
            research: Arc::new(ResearchService::new(self.store(), self.clock(), self.files.clone())),
            dashboard: Arc::new(DashboardService::new(self.store(), self.clock())),
            events: Arc::new(EventService::new(self.store(), self.clock(), self.feed.clone())),
            jobs: Arc::new(JobService::new(self.store(), self.clock(), self.signals.clone())),
            batches: Arc::new(BatchService::new(self.store(), self.clock(), self.signals.clone())),
            schedules: Arc::new(ScheduleService::new(self.store(), self.clock(), self.signals.clone())),
            health: Arc::new(HealthService::new(self.store(), self.clock(), probes)),
            knowledge: self.knowledge.clone(),
            answers: Arc::new(AskService::new(self.knowledge.clone(), Arc::new(Models::new(self.llm.clone())))),
            sources: Arc::new(self.source_service()),
            llm: Arc::new(LlmServices::new(&self.llm)),
            prompts: Arc::new(PromptService::new(Arc::new(Models::new(self.llm.clone())))),
            metrics,
            closing: CancellationToken::new(),
            assets: Arc::new(Dashboard),
        }
    }

    /// What runs each kind of job.
    pub(crate) fn handlers(&self) -> Registry {
        // One line per kind of job.
        Registry::new()
            .with(Arc::new(self.repository_sync()))
            .with(self.knowledge.clone())
            .with(Arc::new(ReembedHandler::new(self.knowledge.clone())))
            .with(Arc::new(self.source_sync()))
            .with(Arc::new(ImportHandler::new(self.store(), self.clock())))
            .with(Arc::new(SummaryHandler::new(self.store(), self.clock())))
    }

    /// What keeps the history of jobs as long as is configured.
    pub(crate) fn archivist(&self, config: &Config) -> JobArchivist {
        JobArchivist::new(self.store(), self.clock(), retention(config))
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    fn documents(&self) -> Arc<dyn RepositoryDocuments> {
        self.knowledge.clone()
    }

    fn tokens(&self) -> Arc<dyn TokenIssuer> {
        self.tokens.clone()
    }

    fn repositories(&self) -> RepositoryService {
        RepositoryService::new(self.store(), self.clock(), self.cipher.clone(), (self.signals.clone(), self.documents()))
    }

    fn repository_sync(&self) -> RepositorySyncService {
        RepositorySyncService::new(self.store(), self.clock(), self.cipher.clone(), (self.github.clone(), self.documents()))
    }

    fn source_service(&self) -> SourceService {
        SourceService::new(SourcePorts {
            store: self.store(),
            clock: self.clock(),
            signals: self.signals.clone(),
            cipher: self.cipher.clone(),
            documents: self.knowledge.clone(),
            reader: self.sources.clone(),
            signatures: Arc::new(Signatures),
        })
    }

    fn source_sync(&self) -> SourceSyncService {
        SourceSyncService::new(self.store(), self.clock(), self.cipher.clone(), (self.sources.clone(), self.knowledge.clone()))
    }

    fn sessions(&self, config: &Config) -> SessionService {
        let ports = SessionPorts { store: self.store(), hasher: self.hasher.clone(), tokens: self.tokens(), clock: self.clock() };
        let lifetime = TimeDelta::from_std(config.auth.refresh_ttl).unwrap_or(TimeDelta::days(30));
        SessionService::new(ports, lifetime)
    }
}

/// Files are read by this very program, started anew for each, unless another is configured.
fn parser(config: &Config) -> Result<Arc<dyn DocumentParser>, StartError> {
    let section = &config.documents;
    let limits = ParserLimits { memory: section.parser_memory.bytes(), cpu: section.parser_cpu, wall: section.parser_time };
    let program = section.parser.clone().map_or_else(std::env::current_exe, Ok);
    let program = program.map_err(|err| StartError::Part(format!("the path of this program is not known: {err}")))?;
    Ok(Arc::new(IsolatedParser::new(program, limits)))
}

const fn registrations(config: &Config) -> Registrations {
    if config.auth.open_registration { Registrations::Open } else { Registrations::Closed }
}

fn retention(config: &Config) -> Retention {
    let commandcenter_config::Retention { completed, cancelled, failed, dead, archive } = config.jobs.retention;
    let long = |keep| match keep {
        Keep::For(duration) => TimeDelta::from_std(duration).ok(),
        Keep::Forever => None,
    };
    Retention { completed: long(completed), cancelled: long(cancelled), failed: long(failed), dead: long(dead), archive: long(archive) }
}

fn github(config: &Config, clock: Arc<dyn Clock>) -> Result<GithubHost, StartError> {
    let section = &config.github;
    let token = section.token.as_ref().map(|token| AccessToken::trusted(token.expose().to_owned()));
    let options = GithubOptions { token, timeout: section.timeout, ..GithubOptions::new(section.api_url.clone()) };
    GithubHost::new(options, clock).map_err(|err| StartError::Part(err.to_string()))
}

/// What reads sources. It says who asks, and where more is to be learned of them.
fn reader(config: &Config, clock: Arc<dyn Clock>, repositories: Arc<dyn RepositoryHost>) -> Result<Reader, StartError> {
    let ranges = config.net.allow_private.clone();
    let allow = Arc::new(move |address| ranges.iter().any(|range| range.contains(address)));
    let agent = format!("CommandCenter/{} (+{})", env!("CARGO_PKG_VERSION"), config.server.public_url);
    let options = ReaderOptions {
        fetch: FetchOptions::new(agent, allow, clock),
        roots: config.ingestion.allowed_roots.clone(),
        hacker_news: config.research.hn_url.clone(),
        repositories,
    };
    Reader::new(options).map_err(|err| StartError::Part(err.to_string()))
}
