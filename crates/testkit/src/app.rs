//! The application under test: the real one, on a port of its own, on a database of its own.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use commandcenter_app::{App, Ran};
use commandcenter_config::{Config, Environment, Mode, Overrides};
use commandcenter_telemetry::Metrics;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::client::Client;
use crate::database::TestDb;

/// A running application. Stops when dropped.
pub struct TestApp {
    /// Its database, for looking behind the API.
    pub db: TestDb,
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    /// Its data directory.
    pub data: TempDir,
    statements: Arc<Statements>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// SQL statements that the application ran on the pool of requests.
#[derive(Default)]
struct Statements {
    of_requests: AtomicUsize,
    job_reads: AtomicUsize,
    of_models: AtomicUsize,
}

impl Statements {
    fn count(&self, ran: Ran<'_>) {
        let counter = match ran {
            Ran::Request => &self.of_requests,
            Ran::Behind(sql) if sql.starts_with("SELECT") && sql.contains(r#"FROM "jobs" WHERE "jobs"."project_id""#) => &self.job_reads,
            Ran::Behind(sql) if sql.contains("llm_") => &self.of_models,
            Ran::Behind(_) => return,
        };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

/// Settings of the application under test, by environment variable.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

impl TestApp {
    /// With the defaults of tests: no throttling, no token for GitHub, no model unless the environment names one.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings of its own.
    pub async fn start_with(settings: Settings<'_>) -> Self {
        Self::start_on(TestDb::open().await, settings).await
    }

    /// On a database that holds something already, but no account.
    pub async fn start_on(db: TestDb, settings: Settings<'_>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = config(&db.url, &data, settings);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let statements = Arc::new(Statements::default());
        let counter = statements.clone();
        let (ready, is_ready) = oneshot::channel();
        let thread = std::thread::spawn(move || run(config, listener, counter, ready, stopped));
        is_ready.await.expect("the application starts");
        let app = Self { db, url, data, statements, stop: Some(stop), thread: Some(thread) };
        app.wait_until_live().await;
        app
    }

    /// A client without credentials.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url)
    }

    /// A new account, made by the instance's admin (`root`), logged in.
    pub async fn user(&self, name: &str) -> User {
        let body = json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "full_name": name });
        self.admin().await.post("/api/v1/admin/users", body).await.expect(201);
        self.login(&format!("{name}@example.com")).await
    }

    /// Logs an existing account in.
    pub async fn login(&self, email: &str) -> User {
        let reply = self.anonymous().post("/api/v1/auth/login", json!({ "email": email, "password": PASSWORD })).await;
        let tokens = reply.expect(200);
        let client = self.anonymous().with_token(tokens["access_token"].as_str().unwrap());
        let id = client.get("/api/v1/auth/me").await.expect(200)["id"].as_i64().unwrap();
        User { client, id, email: email.to_owned(), refresh_token: tokens["refresh_token"].as_str().unwrap_or_default().to_owned() }
    }

    /// The instance's admin.
    pub async fn admin(&self) -> Client {
        self.login("root@example.com").await.client
    }

    /// SQL statements the application ran for requests while a future was awaited.
    pub async fn statements_of<T>(&self, work: impl Future<Output = T>) -> (usize, T) {
        let before = self.statements.of_requests.load(Ordering::SeqCst);
        let done = work.await;
        (self.statements.of_requests.load(Ordering::SeqCst) - before, done)
    }

    /// Times the application read one job behind requests, as it does for those who follow it, while a future was awaited.
    pub async fn job_reads_of<T>(&self, work: impl Future<Output = T>) -> (usize, T) {
        let before = self.statements.job_reads.load(Ordering::SeqCst);
        let done = work.await;
        (self.statements.job_reads.load(Ordering::SeqCst) - before, done)
    }

    /// SQL statements the application ran for calls to models while a future was awaited, also those that go on when the caller does not.
    pub async fn call_statements_of<T>(&self, work: impl Future<Output = T>) -> (usize, T) {
        let of = |statements: &Statements| statements.of_requests.load(Ordering::SeqCst) + statements.of_models.load(Ordering::SeqCst);
        let before = of(&self.statements);
        let done = work.await;
        (of(&self.statements) - before, done)
    }

    async fn wait_until_live(&self) {
        let client = self.anonymous();
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        while client.try_get("/health/ready").await.is_none_or(|reply| reply.status != 200) {
            assert!(tokio::time::Instant::now() < deadline, "the application is ready within 30 s");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let root = json!({ "email": "root@example.com", "password": PASSWORD, "full_name": "Root" });
        client.post("/api/v1/auth/register", root).await.expect(201);
    }
}

/// The password of every test account.
pub const PASSWORD: &str = "correct horse battery staple";

/// A logged-in account.
pub struct User {
    /// Its client.
    pub client: Client,
    /// Its id.
    pub id: i64,
    /// Its address.
    pub email: String,
    /// The refresh token of its session.
    pub refresh_token: String,
}

impl User {
    /// Creates a project; the client of what comes back works in it.
    pub async fn project(&self, name: &str) -> Project {
        let body = self.client.post("/api/v1/projects", json!({ "name": name })).await.expect(201);
        let id = body["id"].as_i64().unwrap();
        Project { client: self.client.in_project(id), id }
    }
}

impl std::ops::Deref for User {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A project and a client that works in it.
pub struct Project {
    /// Sends `X-Project-ID`.
    pub client: Client,
    /// The project's id.
    pub id: i64,
}

impl std::ops::Deref for Project {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn config(database: &str, data: &TempDir, settings: Settings<'_>) -> Config {
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let model = inherited("COMMANDCENTER_RAG__MODEL_DIR").unwrap_or_else(|| "no-model".to_owned());
    let defaults = [
        ("DATABASE_URL", database),
        ("SECRET_KEY", "a secret key of a test, long enough to be one"),
        ("COMMANDCENTER_AUTH__RATE_LIMITS", "false"),
        ("COMMANDCENTER_SERVER__DRAIN", "1s"),
        ("COMMANDCENTER_RAG__MODEL_DIR", &model),
    ];
    if let Some(parser) = parser() {
        variables.insert("COMMANDCENTER_DOCUMENTS__PARSER".to_owned(), parser);
    }
    variables.extend(defaults.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let overrides = Overrides { environment: Environment::Given(variables), ..Overrides::isolated(Mode::Up, data.path()) };
    Config::load(&overrides).expect("the configuration of the test is right")
}

/// What reads files for an application in the process of a test, which cannot be started anew to do it: a program that was built with the test.
#[must_use]
pub fn parser() -> Option<String> {
    let test = std::env::current_exe().ok()?;
    let folder = test.parent()?.parent()?;
    let programs = ["parser-under-test", "commandcenter"].map(|name| folder.join(name));
    programs.into_iter().find(|program| program.is_file()).map(|program| program.display().to_string())
}

#[expect(clippy::disallowed_methods, reason = "the fixture is configured by the environment of the test run")]
fn inherited(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn run(config: Config, listener: TcpListener, counter: Arc<Statements>, ready: oneshot::Sender<()>, stopped: oneshot::Receiver<()>) {
    commandcenter_app::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async move {
        let count = move |ran: Ran<'_>| counter.count(ran);
        let app = App::build_counting(config, Metrics::detached(), count).await.expect("the application builds");
        ready.send(()).ok();
        let shutdown = async move {
            stopped.await.ok();
        };
        app.up(listener, shutdown).await.expect("the application runs");
    });
    runtime.shutdown_background();
}
