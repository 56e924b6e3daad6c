//! What the engine adds to the queue: turns, ranks, keys, parents, history, effects, bulk. On the database that `TEST_DB` names.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::job::{
    AttemptOutcome, BulkFilter, Claim, Claimed, EffectState, Ending, Items, JobKind, JobStatus, LogLevel, NewJob, NewLogLine, Progress,
    QueueName, Recorded, Settling, Trouble, WhenTaken, Written,
};
use commandcenter_domain::shared::{JobId, ProjectId};
use commandcenter_domain::{Repos, Store};
use commandcenter_repositories::{DatabaseUrl, PoolOptions, SeaStore, connect};
use serde_json::json;

use crate::jobs::{Bench, scope};

fn ids(claimed: &[Claimed]) -> Vec<i64> {
    claimed.iter().map(|one| one.job.id.get()).collect()
}

#[tokio::test]
async fn a_flood_of_one_project_leaves_the_others_their_turns() {
    let bench = Bench::open().await;
    let flood = (0..300).map(|_| NewJob { priority: 10, ..bench.new_job() }).collect();
    bench.queue().enqueue_all(&scope(1), flood).await.unwrap();
    bench.queue().enqueue_all(&scope(2), vec![NewJob { priority: 1, ..bench.new_job() }; 3]).await.unwrap();
    let first = bench.claim_from(QueueName::Sync, 0, ("w", 4, bench.now)).await;
    assert_eq!(first.iter().map(|one| one.job.project.get()).collect::<Vec<_>>(), [1, 2, 1, 2]);
    // One slot at a time: whose turn was last comes last.
    let next = bench.claim_from(QueueName::Sync, 1, ("w", 1, bench.now)).await;
    assert_eq!(next[0].job.project.get(), 2);
    let next = bench.claim_from(QueueName::Sync, 2, ("w", 1, bench.now)).await;
    assert_eq!(next[0].job.project.get(), 1);
    let rest = bench.claim_from(QueueName::Sync, 1, ("w", 9, bench.now)).await;
    assert_eq!(rest.len(), 9, "a project without jobs leaves its turns to the others");
}

#[tokio::test]
async fn what_waits_long_enough_comes_before_what_is_more_important() {
    let bench = Bench::open().await;
    let ago = |minutes| Some(bench.now - TimeDelta::minutes(minutes));
    let patient = bench.enqueue(NewJob { priority: 1, run_at: ago(10), ..bench.new_job() }).await.id;
    let important = bench.enqueue(NewJob { priority: 10, run_at: ago(0), ..bench.new_job() }).await.id;
    let usual = bench.enqueue(NewJob { priority: 5, run_at: ago(4), ..bench.new_job() }).await.id;
    let order: Vec<_> = bench.claim("w", 9).await.into_iter().map(|one| one.job.id).collect();
    assert_eq!(order, [patient, important, usual]);
}

#[tokio::test]
async fn of_one_exclusive_key_no_more_run_than_it_allows() {
    let bench = Bench::open().await;
    let keyed = |key: &str, key_limit| NewJob { exclusive_key: Some(key.into()), key_limit, ..bench.new_job() };
    bench.queue().enqueue_all(&scope(1), vec![keyed("one", 1); 3]).await.unwrap();
    bench.queue().enqueue_all(&scope(1), vec![keyed("two", 2); 3]).await.unwrap();
    bench.queue().enqueue_all(&scope(2), vec![keyed("one", 1); 1]).await.unwrap();
    let mut held = BTreeMap::<_, Vec<_>>::new();
    for _ in 0..4 {
        for one in bench.claim("w", 50).await {
            let place = (one.job.project.get(), one.job.id.get() > 3 && one.job.project.get() == 1);
            held.entry(place).or_default().push(one);
        }
    }
    assert_eq!(held.values().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1]);
    let first = held[&(1, false)][0].lease.clone();
    bench.settle(&first, Ending::Completed(json!(1)), bench.now).await.unwrap();
    let next = bench.claim("w", 50).await;
    assert_eq!(ids(&next), [2]);
}

#[tokio::test]
async fn many_claims_at_once_never_run_one_key_twice() {
    let bench = Arc::new(Bench::open().await);
    for key in 0..20 {
        let keyed = NewJob { exclusive_key: Some(format!("key:{key}")), ..bench.new_job() };
        bench.queue().enqueue_all(&scope(1), vec![keyed; 5]).await.unwrap();
    }
    let claims: Vec<_> = (0..6)
        .map(|n| {
            let bench = bench.clone();
            tokio::spawn(async move { bench.claim(&format!("w{n}"), 8).await })
        })
        .collect();
    let mut claimed = Vec::new();
    for claim in claims {
        claimed.extend(claim.await.unwrap());
    }
    claimed.extend(bench.claim("last", 50).await);
    let mut keys: Vec<_> = claimed.iter().map(|one| (one.job.id.get() - 1) / 5).collect();
    keys.sort_unstable();
    assert_eq!(keys, (0..20).collect::<Vec<_>>(), "each key runs once, and none is left alone");
}

#[tokio::test]
async fn a_paused_queue_gives_nothing_and_shows_it() {
    let bench = Bench::open().await;
    bench.enqueue(bench.new_job()).await;
    let repos = bench.store().repos();
    repos.job_queues().set_paused(QueueName::Sync, true, bench.now).await.unwrap();
    assert!(bench.claim("w", 9).await.is_empty());
    assert!(bench.ledger().look(bench.now).await.unwrap().ready.is_empty());
    let later = bench.now + TimeDelta::seconds(90);
    let sync = figures(repos, later).await;
    assert_eq!((sync.paused, sync.ready, sync.running, sync.oldest_ready_seconds), (true, 1, 0, Some(90.0)));
    repos.job_queues().set_paused(QueueName::Sync, false, bench.now).await.unwrap();
    assert_eq!(bench.ledger().look(bench.now).await.unwrap().ready, [QueueName::Sync]);
    assert_eq!(bench.claim("w", 9).await.len(), 1);
    let sync = figures(repos, later).await;
    assert_eq!((sync.paused, sync.ready, sync.running, sync.workers), (false, 0, 1, 1));
}

async fn figures(repos: &dyn Repos, now: commandcenter_domain::shared::Timestamp) -> commandcenter_domain::job::QueueFigures {
    let all = repos.job_queues().figures(now).await.unwrap();
    assert_eq!(all.len(), QueueName::ALL.len(), "queues without jobs have figures too");
    all.into_iter().find(|one| one.queue == QueueName::Sync).unwrap()
}

#[tokio::test]
async fn attempts_are_kept_with_their_times_and_read_in_parts() {
    let bench = Bench::open().await;
    let job = bench.enqueue(bench.new_job()).await.id;
    for n in 1..=3 {
        let at = bench.now + TimeDelta::seconds(10 * n);
        let claimed = bench.claim_at("w", 1, at).await.remove(0);
        let ending = Ending::Retry(Trouble::new(format!("broke {n}"), "retry"), at);
        let ended = at + TimeDelta::seconds(n);
        bench.settle(&claimed.lease, ending.clone(), ended).await.unwrap();
        bench.ledger().record(&[Recorded::of(&claimed, &ending, ended)]).await.unwrap();
    }
    let history = bench.store().repos().job_history();
    let first = history.attempts(&scope(1), job, (0, 2)).await.unwrap();
    assert_eq!(
        first.items.iter().map(|one| (one.number, one.error.as_deref().unwrap())).collect::<Vec<_>>(),
        [(1, "broke 1"), (2, "broke 2")]
    );
    let rest = history.attempts(&scope(1), job, (first.next_cursor.unwrap(), 2)).await.unwrap();
    assert_eq!((rest.items.len(), rest.next_cursor, rest.items[0].outcome), (1, None, Some(AttemptOutcome::Retry)));
    assert!(history.attempts(&scope(2), job, (0, 9)).await.unwrap().items.is_empty());
    let times = bench.queue().times(&scope(1), bench.now).await.unwrap();
    // Waits of 10, 10 and 10 seconds (from start or from the last end), runs of 1, 2 and 3.
    assert_eq!((times.run_p50, times.run_p95), (Some(2.0), Some(3.0)));
    assert_eq!(times.wait_p50, Some(10.0));
    assert_eq!(bench.queue().times(&scope(2), bench.now).await.unwrap().run_p50, None);
}

#[tokio::test]
async fn logs_belong_to_whoever_holds_the_lease_and_to_the_project() {
    let bench = Bench::open().await;
    let lease = bench.one_claimed(bench.new_job()).await;
    let lines: Vec<_> = (0..5).map(|n| NewLogLine::new(bench.now, LogLevel::Info, &format!("line {n}\0"))).collect();
    assert_eq!(bench.ledger().log(&lease, &lines).await.unwrap(), Written::Yes);
    let history = bench.store().repos().job_history();
    let first = history.log(&scope(1), lease.job, (0, 3)).await.unwrap();
    let rest = history.log(&scope(1), lease.job, (first.next_cursor.unwrap(), 3)).await.unwrap();
    let said: Vec<_> = first.items.iter().chain(&rest.items).map(|one| one.line.message.clone()).collect();
    assert_eq!((said.last().map(String::as_str), said.len(), rest.next_cursor), (Some("line 4"), 5, None));
    assert!(history.log(&scope(2), lease.job, (0, 9)).await.unwrap().items.is_empty());
    bench.settle(&lease, Ending::Cancelled, bench.now).await.unwrap();
    assert_eq!(bench.ledger().log(&lease, &lines).await.unwrap(), Written::LeaseLost);
}

#[tokio::test]
async fn an_effect_is_new_then_unsettled_then_done_under_one_key() {
    let bench = Bench::open().await;
    let effects = bench.store().repos().job_effects();
    let old = bench.one_claimed(bench.new_job()).await;
    let first = effects.open_effect(&old, "send", bench.now).await.unwrap().unwrap();
    assert_eq!(first.state, EffectState::New);
    let later = bench.now + TimeDelta::minutes(1);
    bench.ledger().reap(later).await.unwrap();
    let new = bench.claim_at("w2", 1, later).await.remove(0).lease;
    assert_eq!(effects.open_effect(&old, "send", later).await.unwrap(), None, "the lease is lost");
    assert_eq!(effects.close_effect(&old, "send", (&json!(1), later)).await.unwrap(), Written::LeaseLost);
    let again = effects.open_effect(&new, "send", later).await.unwrap().unwrap();
    assert_eq!((again.key.as_str(), again.state), (first.key.as_str(), EffectState::Unsettled));
    assert_eq!(effects.close_effect(&new, "send", (&json!({"id": 7}), later)).await.unwrap(), Written::Yes);
    assert_eq!(effects.open_effect(&new, "send", later).await.unwrap().unwrap().state, EffectState::Done(json!({"id": 7})));
    assert_ne!(effects.open_effect(&new, "other", later).await.unwrap().unwrap().key, first.key);
}

#[tokio::test]
async fn a_parent_waits_for_its_children_and_counts_what_they_came_to() {
    let bench = Bench::open().await;
    let parent = bench.enqueue(NewJob { open_children: 3, kind: JobKind::KnowledgeIngest, ..bench.new_job() }).await.id;
    let child = NewJob { parent: Some(parent), ..bench.new_job() };
    bench.queue().enqueue_all(&scope(1), vec![child; 3]).await.unwrap();
    assert!(bench.claim_from(QueueName::Ingest, 0, ("w", 9, bench.now)).await.is_empty());
    let children = bench.claim("w", 9).await;
    assert_eq!(children.len(), 3);
    let counts = Progress { items: Items { done: 4, failed: 1, total: Some(5) }, ..Progress::default() };
    bench.ledger().progress(&children[0].lease, &counts).await.unwrap();
    let endings = [Ending::Completed(json!(1)), Ending::Failed(Trouble::new("no", "fail")), Ending::Completed(json!(2))];
    let mut parents = Vec::new();
    for (claimed, ending) in children.iter().zip(endings) {
        let ended = bench.settle(&claimed.lease, ending, bench.now).await.unwrap();
        parents = bench.ledger().children_ended(&[&ended]).await.unwrap();
    }
    assert_eq!((parents[0].open_children, parents[0].items), (0, Items { done: 5, failed: 2, total: None }));
    let claimed = bench.claim_from(QueueName::Ingest, 0, ("w", 9, bench.now)).await;
    assert_eq!(ids(&claimed), [parent.get()]);
    let filter = BulkFilter { parents: vec![parent], ..BulkFilter::default() };
    assert_eq!(bench.queue().revive(&scope(1), (&filter, 9), bench.now).await.unwrap().len(), 1, "only the one that failed");
    let counted = bench.queue().reopen(&scope(1), &[parent, children[0].lease.job]).await.unwrap();
    let found: Vec<_> = counted.iter().map(|job| (job.id, job.open_children, job.items)).collect();
    assert_eq!(found, [(parent, 1, Items { done: 5, failed: 1, total: None })], "counted anew, and only what has children");
    assert!(bench.queue().reopen(&scope(2), &[parent]).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_jobs_are_revived_cancelled_and_discarded_in_their_project_only() {
    let bench = Bench::open().await;
    let keyed = NewJob { unique_key: Some("k".into()), ..bench.new_job() };
    let mut dead = Vec::new();
    for new in [bench.new_job(), keyed.clone(), keyed.clone(), bench.new_job()] {
        let lease = bench.one_claimed(new).await;
        bench.settle(&lease, Ending::Dead(Trouble::new("spent", "retry")), bench.now).await.unwrap();
        dead.push(lease.job);
    }
    let all = BulkFilter { status: vec![JobStatus::Dead], ..BulkFilter::default() };
    assert!(bench.queue().revive(&scope(2), (&all, 9), bench.now).await.unwrap().is_empty());
    let revived = bench.queue().revive(&scope(1), (&all, 9), bench.now).await.unwrap();
    let of = |jobs: &[commandcenter_domain::job::Job]| jobs.iter().map(|job| job.id).collect::<Vec<_>>();
    // Of the two with one unique key only the younger may live again.
    assert_eq!(of(&revived), [dead[0], dead[2], dead[3]]);
    assert!(revived.iter().all(|job| (job.status, job.attempt, job.error.is_none()) == (JobStatus::Pending, 0, true)));
    let one = BulkFilter { ids: vec![dead[0]], ..BulkFilter::default() };
    assert_eq!(of(&bench.queue().cancel_all(&scope(1), (&one, 9), bench.now).await.unwrap()), [dead[0]]);
    assert_eq!(bench.queue().discard(&scope(2), (&BulkFilter::default(), 9)).await.unwrap(), 0);
    assert_eq!(bench.queue().discard(&scope(1), (&BulkFilter::default(), 9)).await.unwrap(), 2, "the dead one and the cancelled one");
}

#[tokio::test]
async fn a_taken_key_drops_replaces_or_keeps_the_new_job() {
    let bench = Bench::open().await;
    let keyed = |n: i32, when_taken| NewJob {
        unique_key: Some("k".into()),
        parameters: json!({ "n": n }),
        priority: n,
        when_taken,
        ..bench.new_job()
    };
    let first = bench.enqueue(keyed(1, WhenTaken::Drop)).await;
    let dropped = bench.enqueue(keyed(2, WhenTaken::Drop)).await;
    assert_eq!((dropped.id, &dropped.parameters), (first.id, &json!({ "n": 1 })));
    let replaced = bench.enqueue(keyed(3, WhenTaken::Replace)).await;
    assert_eq!((replaced.id, replaced.priority, &replaced.parameters), (first.id, 3, &json!({ "n": 3 })));
    let kept = bench.enqueue(keyed(4, WhenTaken::Keep)).await;
    assert_ne!(kept.id, first.id);
    bench.claim("w", 1).await;
    let running: Vec<JobId> = [WhenTaken::Replace, WhenTaken::Drop].map(|_| first.id).to_vec();
    for when_taken in [WhenTaken::Replace, WhenTaken::Drop] {
        let given = bench.enqueue(keyed(5, when_taken)).await;
        if given.status == JobStatus::Running {
            assert!(running.contains(&given.id) && given.parameters != json!({ "n": 5 }), "what runs is left alone");
        }
    }
}

#[tokio::test]
async fn many_endings_take_a_handful_of_statements_and_each_its_own_result() {
    let bench = Bench::open().await;
    bench.queue().enqueue_all(&scope(1), vec![bench.new_job(); 21]).await.unwrap();
    let claimed = bench.claim("w", 50).await;
    assert_eq!(claimed.len(), 21);
    let mut settling: Vec<_> = claimed
        .iter()
        .map(|one| Settling { lease: one.lease.clone(), ending: Ending::Completed(json!({ "of": one.job.id })), last: None })
        .collect();
    settling[3].lease.fence += 1;
    settling[4].lease.owner = "somebody else".into();
    let done = bench.ledger().settle(&settling, bench.now).await.unwrap();
    assert_eq!(done.len(), 19);
    assert!(done.iter().all(|job| job.result == Some(json!({ "of": job.id })) && job.status == JobStatus::Completed));
    assert_eq!(bench.row(settling[3].lease.job).await.status, JobStatus::Running);
}

/// What a claim and an ending cost, whatever their number.
#[tokio::test]
async fn a_claim_is_one_statement_and_many_endings_are_three() {
    let bench = Bench::open().await;
    bench.queue().enqueue_all(&scope(1), vec![bench.new_job(); 40]).await.unwrap();
    let run = Arc::new(AtomicUsize::new(0));
    let counter = run.clone();
    let url = DatabaseUrl::parse(&bench.db.url).unwrap();
    let mut db = connect(&url, &PoolOptions { size: 1, ..PoolOptions::default() }).await.unwrap();
    db.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let store = SeaStore::new(db);
    let ledger = store.repos().job_ledger();
    let since = || run.swap(0, Ordering::SeqCst);
    assert_eq!(ledger.look(bench.now).await.unwrap().ready, [QueueName::Sync]);
    assert_eq!(since(), 1, "a look");
    let until = bench.now + TimeDelta::seconds(30);
    let claim =
        Claim { owner: "w", queue: QueueName::Sync, after: ProjectId::new(0), kinds: JobKind::ALL, now: bench.now, until, limit: 32 };
    let claimed = ledger.claim(&claim).await.unwrap();
    assert_eq!((claimed.len(), since()), (32, 1), "a claim");
    let ending = Ending::Completed(json!({}));
    let ended: Vec<_> = claimed.iter().map(|one| Settling { lease: one.lease.clone(), ending: ending.clone(), last: None }).collect();
    let attempts: Vec<_> = claimed.iter().map(|one| Recorded::of(one, &ending, bench.now)).collect();
    let tx = store.begin().await.unwrap();
    since();
    assert_eq!(tx.job_ledger().settle(&ended, bench.now).await.unwrap().len(), 32);
    tx.job_ledger().record(&attempts).await.unwrap();
    let data = json!({ "job_id": 1, "job_type": "repository_sync", "status": "completed", "error": null });
    let event = NewEvent { kind: "cc.job.completed.v1", data, at: bench.now };
    tx.outbox().publish_all(vec![(scope(1), event); 32]).await.unwrap();
    assert_eq!(since(), 3, "rows, attempts, events");
    tx.commit().await.unwrap();
}
