//! Parts of imports whose runs die: what is written is written once, and told as it was.

use async_trait::async_trait;
use chrono::TimeDelta;
use commandcenter_domain::event::StoredEvent;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{
    Claim, Claimed, Effect, EffectLedger, Items, JobFailure, JobHandler, JobKind, JobRun, LogLevel, QueueName, Written,
};
use commandcenter_domain::shared::{JobId, ProjectId};
use commandcenter_domain::technology::TechnologyFilter;
use commandcenter_domain::{Clock, PageRequest, Store};
use commandcenter_events::LocalBus;
use commandcenter_services::batch::{BatchService, ImportHandler, ImportInput, ImportRequest, Notify, SummaryHandler};
use commandcenter_testkit::{TestClock, TestDb};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::project;

/// A run under a real lease.
struct LeasedRun<'a> {
    bench: &'a Bench,
    claimed: Claimed,
    scope: ProjectScope,
}

struct Bench {
    db: TestDb,
    clock: Arc<TestClock>,
    scope: ProjectScope,
    batches: BatchService,
}

impl Bench {
    async fn new() -> Self {
        let (db, clock) = (TestDb::open().await, Arc::new(TestClock::new()));
        let scope = project(&db, "alpha").await;
        let batches = BatchService::new(db.store.clone(), clock.clone(), Arc::new(LocalBus::new()));
        Self { db, clock, scope, batches }
    }

    async fn import(&self) {
        let technologies = vec![json!({ "title": "Rust" }), json!({ "title": "Go" })];
        let input = ImportInput { technologies, merge_strategy: None, tags: serde_json::Map::new(), notify: Notify::OnComplete };
        self.batches.import(&self.scope, ImportRequest::parse(input).unwrap()).await.unwrap();
    }

    /// Claims what is ready.
    async fn claim(&self, owner: &str) -> LeasedRun<'_> {
        let now = self.clock.now();
        let (after, until) = (ProjectId::new(0), now + TimeDelta::seconds(30));
        let claim = Claim { owner, queue: QueueName::Default, after, kinds: JobKind::ALL, now, until, limit: 1 };
        let claimed = self.db.store.repos().job_ledger().claim(&claim).await.unwrap().remove(0);
        let scope = ProjectScope::of_job(claimed.job.project, claimed.job.id);
        LeasedRun { bench: self, claimed, scope }
    }

    /// As if the worker had fallen silent.
    async fn reap(&self) {
        self.clock.advance(TimeDelta::seconds(31));
        self.db.store.repos().job_ledger().reap(self.clock.now()).await.unwrap();
    }

    async fn write(&self, run: &LeasedRun<'_>) -> Result<Value, JobFailure> {
        ImportHandler::new(self.db.store.clone(), self.clock.clone()).perform(run, &run.claimed.job.parameters).await
    }

    async fn technologies(&self) -> u64 {
        let (filter, page) = (TechnologyFilter::default(), PageRequest::default());
        self.db.store.repos().technologies().list(&self.scope, &filter, None, page).await.unwrap().total
    }

    async fn events(&self, kind: &str) -> Vec<StoredEvent> {
        let events = self.db.store.repos().outbox().unpublished(100).await.unwrap();
        events.into_iter().filter(|event| event.kind == kind).collect()
    }
}

#[async_trait]
impl JobRun for LeasedRun<'_> {
    fn id(&self) -> JobId {
        self.claimed.job.id
    }
    fn scope(&self) -> &ProjectScope {
        &self.scope
    }
    fn attempt(&self) -> i32 {
        self.claimed.job.attempt
    }
    async fn progress(&self, _: i32, _: &str) {}
    fn items(&self) -> Items {
        self.claimed.job.items
    }
    fn count(&self, _: Items) {}
    fn log(&self, _: LogLevel, _: &str) {}
    async fn open_effect(&self, name: &str) -> Result<Effect, JobFailure> {
        let repos = self.bench.db.store.repos();
        let opened = repos.job_effects().open_effect(&self.claimed.lease, name, self.bench.clock.now()).await.unwrap();
        opened.ok_or(JobFailure::Cancelled)
    }
    async fn close_effect(&self, name: &str, result: &Value) -> Result<(), JobFailure> {
        self.close_effect_in(self.bench.db.store.repos().job_effects(), name, result).await
    }
    async fn close_effect_in(&self, ledger: &dyn EffectLedger, name: &str, result: &Value) -> Result<(), JobFailure> {
        match ledger.close_effect(&self.claimed.lease, name, (result, self.bench.clock.now())).await.unwrap() {
            Written::Yes => Ok(()),
            Written::LeaseLost => Err(JobFailure::Cancelled),
        }
    }
    fn is_cancelled(&self) -> bool {
        false
    }
    async fn cancelled(&self) {}
}

#[tokio::test]
async fn a_run_that_dies_after_its_commit_is_followed_by_one_that_tells_the_same() {
    let bench = Bench::new().await;
    bench.import().await;
    let first = bench.write(&bench.claim("dying").await).await.unwrap();
    assert_eq!((&first["imported"], &first["skipped"]), (&json!(2), &json!(0)));
    bench.reap().await;
    let second = bench.claim("other").await;
    assert_eq!(second.attempt(), 2);
    assert_eq!(bench.write(&second).await.unwrap(), first, "not two that were skipped");
    assert_eq!((bench.technologies().await, bench.events("cc.technology.created.v1").await.len()), (2, 2));
}

#[tokio::test]
async fn a_run_without_its_lease_writes_nothing() {
    let bench = Bench::new().await;
    bench.import().await;
    let silent = bench.claim("silent").await;
    silent.open_effect("written").await.unwrap();
    bench.reap().await;
    assert!(matches!(bench.write(&silent).await, Err(JobFailure::Cancelled)));
    assert_eq!(bench.technologies().await, 0);
    let written = bench.write(&bench.claim("other").await).await.unwrap();
    assert_eq!((&written["imported"], bench.technologies().await), (&json!(2), 2));
}

#[tokio::test]
async fn the_end_of_a_batch_is_told_once_however_often_its_job_runs() {
    let bench = Bench::new().await;
    bench.import().await;
    let part = bench.claim("w").await;
    let result = bench.write(&part).await.unwrap();
    let ending = commandcenter_domain::job::Ending::Completed(result);
    let settling = commandcenter_domain::job::Settling { lease: part.claimed.lease.clone(), ending, last: None };
    let ledger = bench.db.store.repos().job_ledger();
    let ended = ledger.settle(&[settling], bench.clock.now()).await.unwrap();
    ledger.children_ended(&ended.iter().collect::<Vec<_>>()).await.unwrap();
    let handler = SummaryHandler::new(bench.db.store.clone(), bench.clock.clone());
    for owner in ["dying", "other"] {
        let run = bench.claim(owner).await;
        let counts = handler.perform(&run, &run.claimed.job.parameters).await.unwrap();
        assert_eq!((&counts["imported_count"], &counts["total_items"], &counts["failed_count"]), (&json!(2), &json!(2), &json!(0)));
        bench.reap().await;
    }
    let told = bench.events("cc.batch.completed.v1").await;
    assert_eq!((told.len(), &told[0].data["status"], &told[0].data["job_type"]), (1, &json!("completed"), &json!("batch_import")));
}
