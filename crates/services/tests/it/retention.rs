//! Passes of the archivist, on the database that `TEST_DB` names.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{
    ArchiveFilter, BulkFilter, Claim, Ending, JobFilter, JobKind, JobStatus, NewJob, QueueName, Retention, Settling, Trouble,
};
use commandcenter_domain::shared::ProjectId;
use commandcenter_domain::{Clock, PageRequest, Store};
use commandcenter_services::job::{JobArchivist, Swept};
use commandcenter_testkit::{TestClock, TestDb};
use serde_json::json;

use crate::support::project;

const MONTH: Option<TimeDelta> = Some(TimeDelta::days(30));

/// 2200 that were cancelled, 50 that are dead, 50 that wait.
async fn fill(db: &TestDb, scope: &ProjectScope, clock: &TestClock) {
    let (repos, now) = (db.store.repos(), clock.now());
    let new = NewJob { exclusive_key: None, ..NewJob::ready(JobKind::RepositorySync, json!({}), now) };
    repos.jobs().enqueue_all(scope, vec![new; 2300]).await.unwrap();
    assert_eq!(repos.jobs().cancel_all(scope, (&BulkFilter::default(), 2200), now).await.unwrap().len(), 2200);
    let until = now + TimeDelta::seconds(30);
    let claim = Claim { owner: "w", queue: QueueName::Sync, after: ProjectId::new(0), kinds: JobKind::ALL, now, until, limit: 50 };
    let claimed = repos.job_ledger().claim(&claim).await.unwrap();
    let dead = |lease| Settling { lease, ending: Ending::Dead(Trouble::new("it broke", "retry")), last: None };
    let settling: Vec<_> = claimed.into_iter().map(|one| dead(one.lease)).collect();
    assert_eq!(repos.job_ledger().settle(&settling, now).await.unwrap().len(), 50);
}

/// How many jobs are left, and how many the archive holds.
async fn kept(db: &TestDb, scope: &ProjectScope) -> (u64, u64) {
    let (repos, page) = (db.store.repos(), PageRequest::default());
    let left = repos.jobs().list(scope, &JobFilter::default(), None, page).await.unwrap().total;
    (left, repos.job_archive().list(scope, &ArchiveFilter::default(), None, page).await.unwrap().total)
}

#[tokio::test]
async fn a_pass_takes_what_is_due_chunk_by_chunk_and_forgets_in_the_end() {
    let (db, clock) = (TestDb::open().await, Arc::new(TestClock::new()));
    let scope = project(&db, "alpha").await;
    fill(&db, &scope, &clock).await;
    let retention = Retention { completed: None, cancelled: MONTH, failed: None, dead: Some(TimeDelta::days(90)), archive: MONTH };
    let store: Arc<dyn Store> = db.store.clone();
    let archivist = JobArchivist::new(store.clone(), clock.clone(), retention);
    let rests = Cell::new(0);
    let sweep = async || archivist.sweep(async || rests.set(rests.get() + 1)).await.unwrap();

    clock.advance(TimeDelta::days(29));
    assert_eq!(sweep().await, Swept::default());
    clock.advance(TimeDelta::days(2));
    assert_eq!(sweep().await, Swept { archived: BTreeMap::from([(JobStatus::Cancelled, 2200)]), forgotten: 0 });
    assert_eq!(rests.get(), 3, "others get their turn after every chunk");
    assert_eq!(kept(&db, &scope).await, (100, 2200));
    assert_eq!(sweep().await, Swept::default());
    clock.advance(TimeDelta::days(60));
    assert_eq!(sweep().await, Swept { archived: BTreeMap::from([(JobStatus::Dead, 50)]), forgotten: 2200 });
    assert_eq!(kept(&db, &scope).await, (50, 50), "what waits is never archived");

    let nothing = Retention { completed: None, cancelled: None, failed: None, dead: None, archive: None };
    clock.advance(TimeDelta::days(36_000));
    assert!(JobArchivist::new(store, clock, nothing).sweep(async || {}).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_pass_ends_where_no_job_is_old_enough() {
    let (db, clock) = (TestDb::open().await, Arc::new(TestClock::new()));
    let scope = project(&db, "alpha").await;
    fill(&db, &scope, &clock).await;
    clock.advance(TimeDelta::days(31));
    fill(&db, &scope, &clock).await;
    let retention = Retention { completed: None, cancelled: MONTH, failed: None, dead: None, archive: None };
    let archivist = JobArchivist::new(db.store.clone(), clock, retention);
    let swept = archivist.sweep(async || {}).await.unwrap();
    assert_eq!((swept.moved(), swept.forgotten), (2200, 0));
    assert_eq!(kept(&db, &scope).await, (2400, 2200));
}
