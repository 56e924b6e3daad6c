//! The queue and its leases, on the database that `TEST_DB` names.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{
    After, BulkFilter, Claim, Claimed, Ending, Job, JobFilter, JobKind, JobLedger, JobQueue, JobSort, JobStatus, Lease, NewJob, Progress,
    QueueName, Settling, Step, Trouble, Written,
};
use commandcenter_domain::shared::{Direction, JobId, ProjectId, Sort, Timestamp};
use commandcenter_domain::{Clock, PageRequest, Store, StoreError};
use commandcenter_repositories::SeaStore;
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::ConnectionTrait;
use serde_json::json;

pub(crate) struct Bench {
    pub(crate) db: TestDb,
    pub(crate) now: Timestamp,
}

impl Bench {
    pub(crate) async fn open() -> Self {
        let db = TestDb::open().await;
        for id in [1, 2] {
            let sql = format!(
                "INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')"
            );
            db.connection().execute_unprepared(&sql).await.unwrap();
        }
        Self { db, now: TestClock::new().now() }
    }

    pub(crate) fn store(&self) -> &Arc<SeaStore> {
        &self.db.store
    }

    pub(crate) fn queue(&self) -> &dyn JobQueue {
        self.store().repos().jobs()
    }

    pub(crate) fn ledger(&self) -> &dyn JobLedger {
        self.store().repos().job_ledger()
    }

    pub(crate) fn new_job(&self) -> NewJob {
        NewJob { exclusive_key: None, ..NewJob::ready(JobKind::RepositorySync, json!({ "repository_id": 1 }), self.now) }
    }

    pub(crate) async fn enqueue(&self, new: NewJob) -> Job {
        self.queue().enqueue(&scope(1), new).await.unwrap()
    }

    pub(crate) async fn claim(&self, owner: &str, limit: u64) -> Vec<Claimed> {
        self.claim_at(owner, limit, self.now).await
    }

    pub(crate) async fn claim_at(&self, owner: &str, limit: u64, now: Timestamp) -> Vec<Claimed> {
        self.claim_from(QueueName::Sync, 0, (owner, limit, now)).await
    }

    pub(crate) async fn claim_from(&self, queue: QueueName, after: i64, (owner, limit, now): (&str, u64, Timestamp)) -> Vec<Claimed> {
        let (after, until) = (ProjectId::new(after), now + TimeDelta::seconds(30));
        let claim = Claim { owner, queue, after, kinds: JobKind::ALL, now, until, limit };
        self.ledger().claim(&claim).await.unwrap()
    }

    pub(crate) async fn one_claimed(&self, new: NewJob) -> Lease {
        self.enqueue(new).await;
        self.claim("w", 1).await.remove(0).lease
    }

    pub(crate) async fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.ledger().look(now).await.unwrap().next
    }

    pub(crate) async fn settle(&self, lease: &Lease, ending: Ending, at: Timestamp) -> Option<Job> {
        self.ledger().settle(&[Settling { lease: lease.clone(), ending, last: None }], at).await.unwrap().pop()
    }

    pub(crate) async fn row(&self, id: JobId) -> Job {
        self.queue().find(&scope(1), id).await.unwrap().unwrap()
    }

    /// A job in a given state.
    pub(crate) async fn in_state(&self, status: JobStatus) -> (Job, Option<Lease>) {
        if status == JobStatus::Pending {
            return (self.enqueue(self.new_job()).await, None);
        }
        let lease = self.one_claimed(self.new_job()).await;
        if let Some(ending) = ending_to(status, self.now) {
            self.settle(&lease, ending, self.now).await.unwrap();
        }
        (self.row(lease.job).await, Some(lease))
    }
}

pub(crate) fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn trouble() -> Trouble {
    Trouble::new("it broke", "retry")
}

fn ending_to(status: JobStatus, now: Timestamp) -> Option<Ending> {
    match status {
        JobStatus::Pending | JobStatus::Running => None,
        JobStatus::Retrying => Some(Ending::Retry(trouble(), now)),
        JobStatus::Completed => Some(Ending::Completed(json!({}))),
        JobStatus::Failed => Some(Ending::Failed(trouble())),
        JobStatus::Cancelled => Some(Ending::Cancelled),
        JobStatus::Dead => Some(Ending::Dead(trouble())),
    }
}

#[tokio::test]
async fn what_is_enqueued_is_found_in_its_project_only() {
    let bench = Bench::open().await;
    let job = bench.enqueue(NewJob { tags: json!({"a": 1}), priority: 9, ..bench.new_job() }).await;
    assert_eq!(bench.queue().find(&scope(1), job.id).await.unwrap(), Some(job.clone()));
    assert_eq!(bench.queue().find(&scope(2), job.id).await.unwrap(), None);
    assert_eq!((job.status, job.attempt, job.run_at), (JobStatus::Pending, 0, Some(bench.now)));
    assert_eq!(bench.queue().delete(&scope(2), job.id).await.unwrap(), 0);
    assert!(bench.queue().cancel(&scope(2), job.id, bench.now).await.unwrap().is_none());
    assert!(bench.queue().dispatch(&scope(2), job.id, bench.now).await.unwrap().is_none());
}

#[tokio::test]
async fn an_enqueue_is_undone_with_its_transaction() {
    let bench = Bench::open().await;
    let tx = bench.store().begin().await.unwrap();
    let job = tx.jobs().enqueue(&scope(1), bench.new_job()).await.unwrap();
    drop(tx);
    assert_eq!(bench.queue().find(&scope(1), job.id).await.unwrap(), None);
}

#[tokio::test]
async fn while_a_unique_key_is_taken_by_a_live_job_that_job_is_given_back() {
    let bench = Bench::open().await;
    let keyed = || NewJob { unique_key: Some("sync:1".into()), ..bench.new_job() };
    let first = bench.enqueue(keyed()).await;
    assert_eq!(bench.enqueue(keyed()).await.id, first.id);
    let lease = bench.claim("w", 1).await.remove(0).lease;
    assert_eq!(bench.enqueue(keyed()).await.id, first.id);
    let elsewhere = bench.queue().enqueue(&scope(2), keyed()).await.unwrap();
    assert_ne!(elsewhere.id, first.id);
    bench.settle(&lease, Ending::Completed(json!(1)), bench.now).await;
    assert_ne!(bench.enqueue(keyed()).await.id, first.id);
}

#[tokio::test]
async fn many_enqueues_of_one_key_at_once_make_one_job() {
    let bench = Arc::new(Bench::open().await);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(async move {
                let tx = bench.store().begin().await.unwrap();
                let job = tx.jobs().enqueue(&scope(1), NewJob { unique_key: Some("k".into()), ..bench.new_job() }).await.unwrap();
                tx.commit().await.unwrap();
                job.id
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn four_workers_claim_five_hundred_jobs_each_once() {
    let bench = Arc::new(Bench::open().await);
    let tx = bench.store().begin().await.unwrap();
    for _ in 0..500 {
        tx.jobs().enqueue(&scope(1), bench.new_job()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let workers: Vec<_> = (0..4)
        .map(|n| {
            let bench = bench.clone();
            tokio::spawn(async move {
                let (mut mine, owner) = (Vec::new(), format!("w{n}"));
                loop {
                    let claimed = bench.claim(&owner, 7).await;
                    if claimed.is_empty() {
                        return mine;
                    }
                    assert!(claimed.iter().all(|c| c.lease.owner == owner && c.job.attempt == 1));
                    mine.extend(claimed.into_iter().map(|c| c.job.id));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (500, 500));
}

#[tokio::test]
async fn claims_go_by_rank_and_leave_what_is_not_due_or_not_known() {
    let bench = Bench::open().await;
    let at = |seconds| Some(bench.now + TimeDelta::seconds(seconds));
    let low = bench.enqueue(NewJob { priority: 1, ..bench.new_job() }).await.id;
    let young = bench.enqueue(NewJob { run_at: at(-1), ..bench.new_job() }).await.id;
    let old = bench.enqueue(NewJob { run_at: at(-9), ..bench.new_job() }).await.id;
    let high = bench.enqueue(NewJob { priority: 10, ..bench.new_job() }).await.id;
    bench.enqueue(NewJob { run_at: at(1), ..bench.new_job() }).await;
    bench.enqueue(NewJob { run_at: None, ..bench.new_job() }).await;
    bench.enqueue(NewJob { kind: JobKind::KnowledgeIngest, ..bench.new_job() }).await;
    let kinds = [JobKind::RepositorySync];
    let until = bench.now + TimeDelta::seconds(9);
    let claim = Claim { owner: "w", queue: QueueName::Sync, after: ProjectId::new(0), kinds: &kinds, now: bench.now, until, limit: 50 };
    let claimed: Vec<_> = bench.ledger().claim(&claim).await.unwrap().into_iter().map(|c| c.job.id).collect();
    assert_eq!(claimed, [high, old, young, low]);
}

#[tokio::test]
async fn only_the_last_claim_of_a_job_can_write_to_it() {
    let bench = Bench::open().await;
    let old = bench.one_claimed(bench.new_job()).await;
    let later = bench.now + TimeDelta::seconds(31);
    assert_eq!(bench.ledger().reap(later).await.unwrap().len(), 1);
    // The very same engine may be the one that claims it anew: the owner alone would not tell the two runs apart.
    let new = bench.claim_at("w", 1, later).await.remove(0);
    assert_eq!((new.job.attempt, new.job.error.as_deref().is_some()), (2, true));
    let progress = Progress { percent: 99, ..Progress::default() };
    assert_eq!(bench.ledger().progress(&old, &progress).await.unwrap(), Written::LeaseLost);
    assert_eq!(bench.settle(&old, Ending::Completed(json!("old")), later).await, None);
    let done = bench.settle(&new.lease, Ending::Completed(json!("new")), later).await.unwrap();
    assert_eq!((done.status, done.result, done.progress, done.error), (JobStatus::Completed, Some(json!("new")), 100, None));
    assert_eq!(bench.settle(&new.lease, Ending::Failed(trouble()), later).await, None);
}

#[tokio::test]
async fn heartbeats_extend_only_what_is_held_and_tell_of_cancels() {
    let bench = Bench::open().await;
    let (a, b) = (bench.one_claimed(bench.new_job()).await, bench.one_claimed(bench.new_job()).await);
    bench.settle(&b, Ending::Cancelled, bench.now).await;
    bench.queue().cancel(&scope(1), a.job, bench.now).await.unwrap();
    let until = bench.now + TimeDelta::seconds(300);
    let beats = bench.ledger().extend("w", &[a.job, b.job], until).await.unwrap();
    assert_eq!(beats.iter().map(|b| (b.job, b.cancel_requested)).collect::<Vec<_>>(), [(a.job, true)]);
    assert!(bench.ledger().extend("other", &[a.job], until).await.unwrap().is_empty());
    assert!(bench.ledger().reap(until - TimeDelta::seconds(1)).await.unwrap().is_empty());
    assert_eq!(bench.ledger().cancel_requested("w").await.unwrap(), [a.job]);
    assert!(bench.ledger().cancel_requested("other").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_expired_lease_sends_the_job_back_or_to_its_end() {
    let bench = Bench::open().await;
    let again = bench.one_claimed(bench.new_job()).await.job;
    let spent = bench.one_claimed(NewJob { max_attempts: 1, ..bench.new_job() }).await.job;
    let asked = bench.one_claimed(bench.new_job()).await.job;
    bench.queue().cancel(&scope(1), asked, bench.now).await.unwrap();
    let later = bench.now + TimeDelta::seconds(30);
    assert_eq!(bench.ledger().reap(later).await.unwrap().len(), 3);
    assert_eq!(bench.row(again).await.status, JobStatus::Retrying);
    assert_eq!((bench.row(spent).await.status, bench.row(spent).await.completed_at), (JobStatus::Dead, Some(later)));
    assert_eq!(bench.row(asked).await.status, JobStatus::Cancelled);
    assert!(bench.ledger().reap(later).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_handed_back_or_told_to_wait_does_not_count_as_an_attempt() {
    let bench = Bench::open().await;
    let lease = bench.one_claimed(bench.new_job()).await;
    let back = bench.settle(&lease, Ending::Released(bench.now), bench.now).await.unwrap();
    assert_eq!((back.status, back.attempt), (JobStatus::Retrying, 0));
    let lease = bench.claim("w", 1).await.remove(0).lease;
    let at = bench.now + TimeDelta::hours(1);
    let waits = bench.settle(&lease, Ending::Wait(trouble(), at), bench.now).await.unwrap();
    assert_eq!((waits.status, waits.attempt, waits.run_at), (JobStatus::Retrying, 0, Some(at)));
    assert!(bench.claim("w", 1).await.is_empty());
}

#[tokio::test]
async fn a_job_asked_to_stop_is_not_queued_again() {
    let bench = Bench::open().await;
    for ending in [Ending::Retry(trouble(), bench.now), Ending::Wait(trouble(), bench.now), Ending::Released(bench.now)] {
        let lease = bench.one_claimed(bench.new_job()).await;
        bench.queue().cancel(&scope(1), lease.job, bench.now).await.unwrap();
        let job = bench.settle(&lease, ending.clone(), bench.now).await.unwrap();
        assert_eq!((job.status, job.completed_at), (JobStatus::Cancelled, Some(bench.now)), "{ending:?}");
    }
}

/// What storage lets happen to a job in each state is what the domain's table allows: no more and no less.
#[tokio::test]
async fn storage_takes_exactly_the_steps_that_the_domain_allows() {
    let bench = Bench::open().await;
    for &status in JobStatus::ALL {
        for &step in Step::ALL {
            let (job, lease) = bench.in_state(status).await;
            assert_eq!(job.status, status);
            let lease = lease.unwrap_or(Lease { job: job.id, project: job.project, owner: "w".into(), fence: 0 });
            let took = attempt(&bench, step, &lease).await.unwrap();
            let now = bench.queue().find(&scope(1), job.id).await.unwrap().map(|job| job.status);
            match status.after(step) {
                // The rules let a waiting job be sent again; the queue takes it as done already, so nothing moves.
                Some(After::Is(next)) if step == Step::Dispatch => assert_eq!(now, Some(next)),
                Some(After::Is(next)) => assert_eq!((took, now), (true, asked(step, status, next)), "{status} {step:?}"),
                Some(After::Gone) => assert_eq!((took, now), (true, None), "{status} {step:?}"),
                None => assert_eq!((took, now), (false, Some(status)), "{status} {step:?}"),
            }
            clear(&bench).await;
        }
    }
}

/// A cancel of a running job only asks; its run makes the step.
#[expect(clippy::unnecessary_wraps, reason = "it stands where a table that may have no entry is asked")]
fn asked(step: Step, from: JobStatus, next: JobStatus) -> Option<JobStatus> {
    Some(if step == Step::Cancel && from == JobStatus::Running { from } else { next })
}

async fn attempt(bench: &Bench, step: Step, lease: &Lease) -> Result<bool, StoreError> {
    let (now, id) = (bench.now, lease.job);
    let settle = async |ending: Ending| Ok(bench.settle(lease, ending, now).await.is_some());
    match step {
        Step::Dispatch => bench.queue().dispatch(&scope(1), id, now).await.map(|job| job.is_some()),
        Step::Claim => Ok(bench.claim("w2", 100).await.iter().any(|claimed| claimed.job.id == id)),
        Step::Complete => settle(Ending::Completed(json!(null))).await,
        Step::Fail => settle(Ending::Failed(trouble())).await,
        Step::Retry => settle(Ending::Retry(trouble(), now)).await,
        Step::Bury => settle(Ending::Dead(trouble())).await,
        Step::Cancel => bench.queue().cancel(&scope(1), id, now).await.map(|job| job.is_some()),
        Step::Release => settle(Ending::Released(now)).await,
        Step::Expire => bench.ledger().reap(now + TimeDelta::seconds(60)).await.map(|jobs| jobs.iter().any(|job| job.id == id)),
        Step::Revive => {
            let only = BulkFilter { ids: vec![id], ..BulkFilter::default() };
            bench.queue().revive(&scope(1), (&only, 1), now).await.map(|jobs| jobs.len() == 1)
        }
        Step::Delete => bench.queue().delete(&scope(1), id).await.map(|gone| gone == 1),
    }
}

async fn clear(bench: &Bench) {
    bench.db.connection().execute_unprepared("DELETE FROM jobs").await.unwrap();
}

#[tokio::test]
async fn the_next_wake_is_the_first_due_moment_or_lapse_after_now() {
    let bench = Bench::open().await;
    assert_eq!(bench.next(bench.now).await, None);
    bench.one_claimed(bench.new_job()).await;
    let lapse = bench.now + TimeDelta::seconds(30);
    assert_eq!(bench.next(bench.now).await, Some(lapse));
    let due = bench.now + TimeDelta::milliseconds(1500);
    bench.enqueue(NewJob { run_at: Some(due), ..bench.new_job() }).await;
    assert_eq!(bench.next(bench.now).await, Some(due));
    assert_eq!(bench.next(due).await, Some(lapse));
    let depth = bench.ledger().depth(bench.now).await.unwrap();
    assert_eq!((depth.ready, depth.running, depth.delayed), (0, 1, 1));
}

#[tokio::test]
async fn lists_filter_sort_and_count() {
    let bench = Bench::open().await;
    for priority in [3, 1, 2] {
        bench.enqueue(NewJob { priority, ..bench.new_job() }).await;
    }
    bench.queue().enqueue(&scope(2), NewJob { priority: 1, ..bench.new_job() }).await.unwrap();
    let lease = bench.claim("w", 1).await.remove(0).lease;
    bench.settle(&lease, Ending::Completed(json!(1)), bench.now + TimeDelta::seconds(4)).await;
    let list = async |status: &[JobStatus], sort| {
        let filter = JobFilter { status: status.to_vec(), kind: Some(JobKind::RepositorySync), ..JobFilter::default() };
        let page = bench.queue().list(&scope(1), &filter, sort, PageRequest::default()).await.unwrap();
        (page.total, page.items.iter().map(|job| job.priority).collect::<Vec<_>>())
    };
    assert_eq!(list(&[], None).await, (3, vec![2, 1, 3]));
    let oldest_first = Some(Sort { key: JobSort::CreatedAt, direction: Direction::Ascending });
    assert_eq!(list(&[], oldest_first).await.1, [3, 1, 2]);
    assert_eq!(list(&[JobStatus::Completed, JobStatus::Dead], None).await.0, 1);
    let mut counts = bench.queue().count_by_status(&scope(1), None).await.unwrap();
    counts.sort_by_key(|count| count.status);
    let counts: Vec<_> = counts.iter().map(|c| (c.status, c.count, c.mean_seconds.map(f64::round))).collect();
    assert_eq!(counts, [(JobStatus::Pending, 2, None), (JobStatus::Completed, 1, Some(4.0))]);
}
