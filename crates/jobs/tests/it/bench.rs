//! A database with a project, engines over it, and handlers that do as the test says.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use commandcenter_domain::event::{Signal, SignalBus};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{
    Items, Job, JobFailure, JobHandler, JobKind, JobRun, JobStatus, LogLevel, NewJob, Outside, RetryPolicy, once,
};
use commandcenter_domain::shared::{JobId, ProjectId};
use commandcenter_domain::{Clock, Store};
use commandcenter_events::LocalBus;
use commandcenter_jobs::{Engine, EngineOptions, EngineParts, Registry};
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a handler does; told by the job's parameters `{"do": ...}`.
pub(crate) struct Script {
    /// Jobs in the order their runs began, with the attempt.
    pub(crate) begun: Mutex<Vec<(JobId, i32)>>,
    /// Runs of `wait` go on when the test adds permits.
    pub(crate) gate: Semaphore,
    /// Effects of `effect`.
    pub(crate) effects: AtomicU32,
    /// The system that `outside` orders from.
    pub(crate) outside: Shop,
}

/// An outside system that keeps its orders by key. The first order of each key is taken, and its taker dies before it hears of it.
#[derive(Default)]
pub(crate) struct Shop {
    pub(crate) orders: Mutex<Vec<String>>,
    pub(crate) slow: AtomicU32,
}

#[async_trait]
impl Outside for Shop {
    async fn recall(&self, key: &str) -> Result<Option<Value>, JobFailure> {
        Ok(self.orders.lock().unwrap().iter().position(|one| one == key).map(|number| json!({ "order": number })))
    }

    async fn act(&self, key: &str) -> Result<Value, JobFailure> {
        let number = {
            let mut orders = self.orders.lock().unwrap();
            orders.push(key.to_owned());
            orders.len() - 1
        };
        if self.slow.fetch_add(1, Ordering::SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        Ok(json!({ "order": number }))
    }
}

#[async_trait]
impl JobHandler for Script {
    fn kind(&self) -> JobKind {
        JobKind::RepositorySync
    }

    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        self.begun.lock().unwrap().push((run.id(), run.attempt()));
        match parameters["do"].as_str().unwrap_or_default() {
            "wait" => {
                run.progress(40, "waiting").await;
                tokio::select! {
                    permit = self.gate.acquire() => permit.unwrap().forget(),
                    () = run.cancelled() => return Err(JobFailure::Cancelled),
                }
                Ok(json!({ "attempt": run.attempt() }))
            }
            "ignore" => {
                self.gate.acquire().await.unwrap().forget();
                Ok(json!("finished late"))
            }
            "count" => {
                for done in 1..=10 {
                    run.log(LogLevel::Info, &format!("item {done}"));
                    run.count(Items { done: done - i32::from(done == 10), failed: i32::from(done == 10), total: Some(10) });
                }
                Ok(json!({ "seen": run.items().done }))
            }
            "outside" => once(run, "order", &self.outside).await,
            "retry" => Err(JobFailure::Retry("not now".into())),
            "fail" => Err(JobFailure::Fail("never".into())),
            "panic" => panic!("the handler broke"),
            "panic once" if run.attempt() == 1 => panic!("the handler broke"),
            "flood" => {
                for n in 0..2000 {
                    run.progress(n % 100, &format!("step {n}")).await;
                    tokio::task::yield_now().await;
                }
                Err(JobFailure::Fail("done flooding".into()))
            }
            _ => {
                self.effects.fetch_add(1, Ordering::SeqCst);
                Ok(json!({ "attempt": run.attempt() }))
            }
        }
    }
}

pub(crate) struct Bench {
    pub(crate) db: TestDb,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) bus: LocalBus,
    pub(crate) script: Arc<Script>,
}

/// A running engine.
pub(crate) struct Worker {
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

impl Worker {
    /// Stops it gracefully and waits for its end.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}

impl Bench {
    pub(crate) async fn open() -> Self {
        let db = TestDb::open().await;
        let at = "'2026-01-01 00:00:00+00:00'";
        let sql = format!("INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES (1, 'p', 'o', {at}, {at})");
        db.connection().execute_unprepared(&sql).await.unwrap();
        let script = Script { begun: Mutex::default(), gate: Semaphore::new(0), effects: AtomicU32::new(0), outside: Shop::default() };
        Self { db, clock: Arc::new(TestClock::new()), bus: LocalBus::new(), script: Arc::new(script) }
    }

    pub(crate) fn options(name: &str) -> EngineOptions {
        let retry = RetryPolicy { base: TimeDelta::seconds(10), cap: TimeDelta::minutes(10) };
        EngineOptions { grace: Duration::from_millis(300), poll: Duration::from_mins(1), retry: Some(retry), ..EngineOptions::named(name) }
    }

    /// An engine on the bus of the bench.
    pub(crate) fn worker(&self, options: EngineOptions) -> Worker {
        self.worker_on(options, Arc::new(self.bus.clone()))
    }

    /// An engine on a bus of its own: it hears nothing from the others.
    pub(crate) fn worker_on(&self, options: EngineOptions, signals: Arc<dyn SignalBus>) -> Worker {
        let parts = EngineParts {
            store: self.db.store.clone(),
            effects: self.db.store.clone(),
            clock: self.clock.clone(),
            signals,
            handlers: Registry::new().with(self.script.clone()),
            chance: Arc::new(|| 1.0),
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(Engine::new(parts, options).run(stop.clone()));
        Worker { stop, task }
    }

    pub(crate) fn scope() -> ProjectScope {
        ProjectScope::of_job(ProjectId::new(1), JobId::new(1))
    }

    pub(crate) fn job(&self, what: &str) -> NewJob {
        NewJob::ready(JobKind::RepositorySync, json!({ "do": what }), self.clock.now())
    }

    /// Enqueues and signals.
    pub(crate) async fn send(&self, new: NewJob) -> JobId {
        let job = self.db.store.repos().jobs().enqueue(&Self::scope(), new).await.unwrap();
        self.bus.send(Signal::JobsReady).await;
        job.id
    }

    pub(crate) async fn row(&self, id: JobId) -> Job {
        self.db.store.repos().jobs().find(&Self::scope(), id).await.unwrap().unwrap()
    }

    /// Waits until the row is as wanted.
    pub(crate) async fn until(&self, id: JobId, wanted: impl Fn(&Job) -> bool) -> Job {
        let looking = async {
            loop {
                let job = self.row(id).await;
                if wanted(&job) {
                    return job;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        match timeout(PATIENCE, looking).await {
            Ok(job) => job,
            Err(tokio::time::error::Elapsed { .. }) => panic!("never as wanted: {:?}", self.row(id).await),
        }
    }

    /// Waits until a heartbeat has given the job its lease from the present moment on.
    pub(crate) async fn until_kept(&self, id: JobId, lease: TimeDelta) {
        let (db, until) = (self.db.connection(), self.clock.now() + lease);
        let sql = "SELECT 1 FROM jobs WHERE id = $1 AND lease_until >= $2";
        let kept = async {
            loop {
                let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.get().into(), until.into()]);
                if db.query_one_raw(statement).await.unwrap().is_some() {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, kept).await.unwrap();
    }

    /// Waits until a handler has begun this attempt: a row says that it runs a moment before.
    pub(crate) async fn until_begun(&self, id: JobId, attempt: i32) {
        let begun = || self.script.begun.lock().unwrap().contains(&(id, attempt));
        let looking = async {
            while !begun() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(timeout(PATIENCE, looking).await.is_ok(), "attempt {attempt} of {id} never began");
    }

    pub(crate) async fn until_status(&self, id: JobId, status: JobStatus) -> Job {
        self.until(id, |job| job.status == status).await
    }

    /// Moves the clock and lets engines on the bench's bus look at everything.
    pub(crate) async fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
        self.bus.send(Signal::Resync).await;
    }
}
