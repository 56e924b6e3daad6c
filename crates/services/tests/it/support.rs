//! A project, a knowledge base in memory, and a run of a job.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_auth::{MasterKey, SealingCipher};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Effect, EffectLedger, EffectState, Items, JobFailure, JobHandler, JobRun, LogLevel};
use commandcenter_domain::knowledge::{KnowledgeError, RepositoryDocuments, RepositoryFile, Stored};
use commandcenter_domain::project::NewProject;
use commandcenter_domain::repository::{NewRepository, Repository, RepositoryInput};
use commandcenter_domain::shared::{JobId, RepositoryId};
use commandcenter_domain::{Clock, Store};
use commandcenter_events::LocalBus;
use commandcenter_github::{GithubHost, GithubOptions};
use commandcenter_services::repository::RepositoryService;
use commandcenter_services::repository_sync::{RepositorySyncService, SyncLimits};
use commandcenter_testkit::recorded::RecordedGitHub;
use commandcenter_testkit::{TestClock, TestDb};
use serde_json::{Value, json};

/// Everything a test of repositories needs.
pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) github: RecordedGitHub,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) documents: Arc<MemoryDocuments>,
    pub(crate) repositories: RepositoryService,
    pub(crate) sync: RepositorySyncService,
    pub(crate) scope: ProjectScope,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(RecordedGitHub::start().await).await
    }

    pub(crate) async fn with(github: RecordedGitHub) -> Self {
        let (db, clock) = (TestDb::open().await, Arc::new(TestClock::new()));
        let store: Arc<dyn Store> = db.store.clone();
        let cipher = Arc::new(SealingCipher::new(&MasterKey::new("a secret of at least thirty-two bytes")));
        let documents = Arc::new(MemoryDocuments::default());
        let options =
            GithubOptions { timeout: Duration::from_millis(800), backoff: Duration::from_millis(2), ..GithubOptions::new(github.url()) };
        let host = Arc::new(GithubHost::new(options, clock.clone()).unwrap());
        let repositories =
            RepositoryService::new(store.clone(), clock.clone(), cipher.clone(), (Arc::new(LocalBus::new()), documents.clone()));
        let limits = SyncLimits { document_bytes: 1024 * 1024, ..SyncLimits::default() };
        let sync = RepositorySyncService::new(store, clock.clone(), cipher, (host, documents.clone())).with_limits(limits);
        let scope = project(&db, "alpha").await;
        Self { db, github, clock, documents, repositories, sync, scope }
    }

    pub(crate) async fn track(&self, owner: &str, name: &str, token: Option<&str>) -> Repository {
        let input = RepositoryInput { owner, name, access_token: token, ..RepositoryInput::default() };
        self.repositories.create(&self.scope, NewRepository::parse(&input).unwrap()).await.unwrap()
    }

    pub(crate) async fn run(&self, id: RepositoryId) -> Result<Value, JobFailure> {
        self.run_with(&TestRun::new(&self.scope), json!({ "repository_id": id })).await
    }

    pub(crate) async fn run_with(&self, run: &TestRun, parameters: Value) -> Result<Value, JobFailure> {
        self.sync.perform(run, &parameters).await
    }

    pub(crate) async fn repository(&self, id: RepositoryId) -> Repository {
        self.repositories.get(&self.scope, id).await.unwrap()
    }
}

/// A new project, and the right of a job in it.
pub(crate) async fn project(db: &TestDb, name: &str) -> ProjectScope {
    let new = NewProject::parse(name, "ann", None).unwrap();
    let id = db.store.repos().projects().insert(&new, TestClock::new().now()).await.unwrap();
    ProjectScope::of_job(id, JobId::new(1))
}

/// A run of a job, remembering what it said.
pub(crate) struct TestRun {
    job: JobId,
    scope: ProjectScope,
    stop: AtomicBool,
    /// Percent and text of every step.
    pub(crate) steps: Mutex<Vec<(i32, String)>>,
    /// What it counted.
    pub(crate) items: Mutex<Items>,
    /// What it wrote down.
    pub(crate) log: Mutex<Vec<(LogLevel, String)>>,
    /// Stops once a step's text has this in it.
    pub(crate) stop_at: Option<&'static str>,
}

impl TestRun {
    pub(crate) fn new(scope: &ProjectScope) -> Self {
        Self::of_job(scope, 1)
    }

    pub(crate) fn of_job(scope: &ProjectScope, job: i64) -> Self {
        Self {
            job: JobId::new(job),
            scope: scope.clone(),
            stop: AtomicBool::new(false),
            steps: Mutex::default(),
            items: Mutex::default(),
            log: Mutex::default(),
            stop_at: None,
        }
    }

    pub(crate) fn stopping_at(scope: &ProjectScope, text: &'static str) -> Self {
        Self { stop_at: Some(text), ..Self::new(scope) }
    }
}

#[async_trait]
impl JobRun for TestRun {
    fn id(&self) -> JobId {
        self.job
    }
    fn scope(&self) -> &ProjectScope {
        &self.scope
    }
    fn attempt(&self) -> i32 {
        1
    }
    async fn progress(&self, percent: i32, step: &str) {
        self.steps.lock().unwrap().push((percent, step.to_owned()));
        if self.stop_at.is_some_and(|text| step.contains(text)) {
            self.stop.store(true, Ordering::SeqCst);
        }
    }
    fn items(&self) -> Items {
        *self.items.lock().unwrap()
    }
    fn count(&self, items: Items) {
        *self.items.lock().unwrap() = items;
    }
    fn log(&self, level: LogLevel, message: &str) {
        self.log.lock().unwrap().push((level, message.to_owned()));
    }
    async fn open_effect(&self, name: &str) -> Result<Effect, JobFailure> {
        Ok(Effect { key: name.to_owned(), state: EffectState::New })
    }
    async fn close_effect(&self, _: &str, _: &Value) -> Result<(), JobFailure> {
        Ok(())
    }
    async fn close_effect_in(&self, _: &dyn EffectLedger, _: &str, _: &Value) -> Result<(), JobFailure> {
        Ok(())
    }
    fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
    async fn cancelled(&self) {
        while !self.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A knowledge base that holds what it is given.
#[derive(Default)]
pub(crate) struct MemoryDocuments {
    files: Mutex<BTreeMap<RepositoryId, BTreeMap<String, RepositoryFile>>>,
    puts: Mutex<Vec<String>>,
}

impl MemoryDocuments {
    /// Path and text of every document.
    pub(crate) fn texts(&self, repository: RepositoryId) -> BTreeMap<String, String> {
        let files = self.files.lock().unwrap();
        let of = files.get(&repository).into_iter().flatten();
        of.map(|(path, file)| (path.clone(), String::from_utf8(file.bytes.clone()).unwrap())).collect()
    }

    pub(crate) fn file(&self, repository: RepositoryId, path: &str) -> RepositoryFile {
        self.files.lock().unwrap()[&repository][path].clone()
    }

    /// What was put since the last time.
    pub(crate) fn take_puts(&self) -> Vec<String> {
        std::mem::take(&mut self.puts.lock().unwrap())
    }
}

#[async_trait]
impl RepositoryDocuments for MemoryDocuments {
    async fn stored(&self, _: &ProjectScope, repository: RepositoryId) -> Result<BTreeMap<String, String>, KnowledgeError> {
        let files = self.files.lock().unwrap();
        Ok(files.get(&repository).into_iter().flatten().map(|(path, file)| (path.clone(), file.blob_sha.clone())).collect())
    }

    async fn put(&self, _: &ProjectScope, file: RepositoryFile) -> Result<Stored, KnowledgeError> {
        self.puts.lock().unwrap().push(file.path.clone());
        self.files.lock().unwrap().entry(file.repository).or_default().insert(file.path.clone(), file);
        Ok(Stored::Indexed(1))
    }

    async fn remove(&self, _: &ProjectScope, repository: RepositoryId, paths: &[String]) -> Result<u64, KnowledgeError> {
        let mut files = self.files.lock().unwrap();
        let of = files.entry(repository).or_default();
        Ok(paths.iter().filter(|path| of.remove(*path).is_some()).count() as u64)
    }
}
