//! The archive of ended jobs, on the database that `TEST_DB` names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::job::{
    ArchiveFilter, ArchiveSort, BulkFilter, Due, Ending, JobKind, JobStatus, LogLevel, NewJob, NewLogLine, Retention,
};
use commandcenter_domain::shared::{Direction, JobId, Sort};
use commandcenter_domain::{PageRequest, Store};
use commandcenter_repositories::SeaStore;
use commandcenter_testkit::Backend;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::jobs::{Bench, scope};

const RETENTION: Retention = Retention {
    completed: Some(TimeDelta::days(30)),
    cancelled: Some(TimeDelta::days(30)),
    failed: Some(TimeDelta::days(90)),
    dead: None,
    archive: Some(TimeDelta::days(365)),
};

pub(crate) fn due(bench: &Bench) -> Due {
    RETENTION.due(bench.now)
}

/// A job that stands like this since so many days.
pub(crate) async fn put(bench: &Bench, parent: Option<JobId>, status: JobStatus, days: i64) -> JobId {
    let id = bench.enqueue(NewJob { parent, ..bench.new_job() }).await.id;
    let at = bench.now - TimeDelta::days(days);
    let (ended, lease) = (status.is_terminal().then_some(at), (status == JobStatus::Running).then_some(at));
    let sql = "UPDATE jobs SET status = $1, created_at = $2, completed_at = $3, lease_until = $4, lease_owner = $5 WHERE id = $6";
    let values = [status.as_str().into(), at.into(), ended.into(), lease.into(), lease.map(|_| "w").into(), id.get().into()];
    let db = bench.db.connection();
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.unwrap();
    id
}

/// Many that are done since so many days.
pub(crate) async fn put_many(bench: &Bench, count: usize, days: i64) {
    bench.queue().enqueue_all(&scope(1), vec![bench.new_job(); count]).await.unwrap();
    let sql = "UPDATE jobs SET status = 'completed', created_at = $1, completed_at = $1 WHERE status = 'pending'";
    let (db, at) = (bench.db.connection(), bench.now - TimeDelta::days(days));
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [at.into()])).await.unwrap();
}

/// Walks to the end in chunks; what came into the archive.
pub(crate) async fn pass(store: &SeaStore, bench: &Bench, chunk: u64) -> BTreeMap<JobStatus, u64> {
    let (due, mut after, mut all) = (due(bench), JobId::new(0), BTreeMap::new());
    loop {
        let stretch = store.repos().job_archive().look(&due, after, chunk).await.unwrap();
        let tx = store.begin().await.unwrap();
        for (status, count) in tx.job_archive().archive(&stretch, &due, bench.now).await.unwrap() {
            *all.entry(status).or_default() += count;
        }
        tx.commit().await.unwrap();
        if stretch.seen < chunk {
            return all;
        }
        after = stretch.last;
    }
}

async fn ids_in(bench: &Bench, table: &str) -> BTreeSet<i64> {
    let db = bench.db.connection();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), format!("SELECT id FROM {table}"))).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

fn numbers(ids: &[JobId]) -> BTreeSet<i64> {
    ids.iter().map(|id| id.get()).collect()
}

#[tokio::test]
async fn each_state_is_kept_as_long_as_it_is_to_be() {
    let bench = Bench::open().await;
    let (mut goes, mut stays) = (Vec::new(), Vec::new());
    for &status in JobStatus::ALL {
        for days in [29, 31, 89, 91] {
            let kept = match status {
                JobStatus::Completed | JobStatus::Cancelled => 30,
                JobStatus::Failed => 90,
                JobStatus::Pending | JobStatus::Running | JobStatus::Retrying | JobStatus::Dead => i64::MAX,
            };
            let id = put(&bench, None, status, days).await;
            if days > kept { goes.push(id) } else { stays.push(id) }
        }
    }
    let archived = pass(bench.store(), &bench, 3).await;
    assert_eq!(archived, BTreeMap::from([(JobStatus::Completed, 3), (JobStatus::Failed, 1), (JobStatus::Cancelled, 3)]));
    assert_eq!(ids_in(&bench, "job_archive").await, numbers(&goes));
    assert_eq!(ids_in(&bench, "jobs").await, numbers(&stays));
    assert!(pass(bench.store(), &bench, 100).await.is_empty(), "nothing is left to do");
}

#[tokio::test]
async fn a_look_tells_where_to_go_on() {
    let bench = Bench::open().await;
    put_many(&bench, 5, 40).await;
    put(&bench, None, JobStatus::Pending, 1).await;
    let archive = bench.store().repos().job_archive();
    let first = archive.look(&due(&bench), JobId::new(0), 4).await.unwrap();
    assert_eq!((first.last.get(), first.seen, first.due), (4, 4, 4));
    assert_eq!(first.oldest, Some(bench.now - TimeDelta::days(40)));
    let last = archive.look(&due(&bench), first.last, 4).await.unwrap();
    assert_eq!((last.last.get(), last.seen, last.due), (6, 2, 1));
    let end = archive.look(&due(&bench), last.last, 4).await.unwrap();
    assert_eq!((end.last, end.seen, end.oldest), (last.last, 0, None));
}

#[tokio::test]
async fn what_is_archived_says_what_the_job_said() {
    let bench = Bench::open().await;
    let lease = bench.one_claimed(NewJob { tags: json!({ "a": [1] }), priority: 9, items: Some(7), ..bench.new_job() }).await;
    let line = NewLogLine::new(bench.now, LogLevel::Info, "said");
    bench.ledger().log(&lease, &[line]).await.unwrap();
    bench.settle(&lease, Ending::Completed(json!({ "found": 3 })), bench.now).await.unwrap();
    let job = bench.row(lease.job).await;
    let repos = bench.store().repos();
    assert_eq!(repos.job_history().log(&scope(1), job.id, (0, 9)).await.unwrap().items.len(), 1);

    let later = Bench { now: bench.now + TimeDelta::days(31), ..bench };
    assert_eq!(pass(later.store(), &later, 100).await, BTreeMap::from([(JobStatus::Completed, 1)]));
    let repos = later.store().repos();
    let kept = repos.job_archive().find(&scope(1), job.id).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.project, kept.kind, kept.queue, kept.status), (job.id, job.project, job.kind, job.queue, job.status));
    assert_eq!((&kept.parameters, &kept.tags, &kept.result), (&job.parameters, &job.tags, &job.result));
    assert_eq!((kept.priority, kept.progress, kept.attempt, kept.max_attempts), (9, 100, 1, job.max_attempts));
    assert_eq!((kept.items, kept.error, kept.error_class, kept.parent), (job.items, None, None, None));
    assert_eq!((kept.created_at, kept.started_at, Some(kept.completed_at)), (job.created_at, job.started_at, job.completed_at));
    assert_eq!(kept.archived_at, later.now);
    assert_eq!(repos.jobs().find(&scope(1), job.id).await.unwrap(), None);
    assert!(repos.job_history().log(&scope(1), job.id, (0, 9)).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_batch_goes_with_all_that_descends_from_it_or_stays_with_it() {
    let bench = Bench::open().await;
    let whole = put(&bench, None, JobStatus::Completed, 40).await;
    let busy = put(&bench, None, JobStatus::Completed, 40).await;
    let deep = put(&bench, None, JobStatus::Cancelled, 40).await;
    // Ended later than the batch's time, even in a state that is kept for ever: a part goes with its batch.
    let part = put(&bench, Some(whole), JobStatus::Dead, 2).await;
    let parts = [part, put(&bench, Some(whole), JobStatus::Completed, 40).await, put(&bench, Some(part), JobStatus::Failed, 1).await];
    let live = [put(&bench, Some(busy), JobStatus::Retrying, 1).await, put(&bench, Some(busy), JobStatus::Completed, 40).await];
    let middle = put(&bench, Some(deep), JobStatus::Completed, 40).await;
    let running = put(&bench, Some(middle), JobStatus::Running, 1).await;
    // One at a time, so that every part lies in another chunk than its batch.
    let archived = pass(bench.store(), &bench, 1).await;
    assert_eq!(archived, BTreeMap::from([(JobStatus::Completed, 2), (JobStatus::Failed, 1), (JobStatus::Dead, 1)]));
    assert_eq!(ids_in(&bench, "job_archive").await, numbers(&[whole, parts[0], parts[1], parts[2]]));
    assert_eq!(ids_in(&bench, "jobs").await, numbers(&[busy, live[0], live[1], deep, middle, running]));
    let filter = ArchiveFilter { parent: Some(whole), ..ArchiveFilter::default() };
    let page = bench.store().repos().job_archive().list(&scope(1), &filter, None, PageRequest::default()).await.unwrap();
    assert_eq!(page.items.iter().map(|job| job.id).collect::<Vec<_>>(), [parts[0], parts[1]]);
}

#[tokio::test]
async fn the_archive_is_listed_within_its_project_by_when_jobs_ended() {
    let bench = Bench::open().await;
    let failed = put(&bench, None, JobStatus::Failed, 100).await;
    let old = put(&bench, None, JobStatus::Completed, 60).await;
    let new = put(&bench, None, JobStatus::Completed, 50).await;
    pass(bench.store(), &bench, 100).await;
    let archive = bench.store().repos().job_archive();
    let list = async |filter: ArchiveFilter, direction: Option<Direction>| {
        let sort = direction.map(|direction| Sort { key: ArchiveSort::CompletedAt, direction });
        let page = archive.list(&scope(1), &filter, sort, PageRequest::parse(Some(1), Some(2)).unwrap()).await.unwrap();
        (page.items.into_iter().map(|job| job.id).collect::<Vec<_>>(), page.total)
    };
    let all = ArchiveFilter::default();
    assert_eq!(list(all, None).await, (vec![new, old], 3));
    assert_eq!(list(all, Some(Direction::Ascending)).await, (vec![failed, old], 3));
    assert_eq!(list(ArchiveFilter { status: Some(JobStatus::Failed), ..all }, None).await, (vec![failed], 1));
    assert_eq!(list(ArchiveFilter { kind: Some(JobKind::RepositorySync), ..all }, Some(Direction::Descending)).await.1, 3);
    assert_eq!(list(ArchiveFilter { kind: Some(JobKind::KnowledgeIngest), ..all }, None).await.1, 0);
    assert_eq!(archive.find(&scope(2), old).await.unwrap(), None);
    assert_eq!(archive.list(&scope(2), &all, None, PageRequest::default()).await.unwrap().total, 0);
    bench.db.connection().execute_unprepared("DELETE FROM projects WHERE id = 1").await.unwrap();
    assert!(ids_in(&bench, "job_archive").await.is_empty(), "a project takes its archive with it");
}

#[tokio::test]
async fn what_the_archive_kept_long_enough_is_forgotten_oldest_first() {
    let bench = Bench::open().await;
    put_many(&bench, 5, 40).await;
    pass(bench.store(), &bench, 100).await;
    let later = bench.now + TimeDelta::days(1);
    bench
        .db
        .connection()
        .execute_unprepared("UPDATE job_archive SET archived_at = '2026-01-03 00:00:00+00:00' WHERE id < 3")
        .await
        .unwrap();
    let archive = bench.store().repos().job_archive();
    assert_eq!(archive.forget(bench.now, 9).await.unwrap(), 0);
    assert_eq!((archive.forget(later, 2).await.unwrap(), archive.forget(later, 2).await.unwrap()), (2, 1));
    assert_eq!(archive.forget(later, 2).await.unwrap(), 0);
    assert_eq!(ids_in(&bench, "job_archive").await, BTreeSet::from([1, 2]));
}

#[tokio::test]
async fn two_sweeps_at_once_lose_nothing_and_double_nothing() {
    let bench = Arc::new(Bench::open().await);
    put_many(&bench, 300, 40).await;
    for parent in 1..=20 {
        put(&bench, Some(JobId::new(parent)), JobStatus::Failed, 1).await;
    }
    let sweeps: Vec<_> = (0..3)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(async move { pass(&*bench.db.another_pool().await, &bench, 40).await })
        })
        .collect();
    let mut sums = BTreeMap::<_, u64>::new();
    for sweep in sweeps {
        for (status, count) in sweep.await.unwrap() {
            *sums.entry(status).or_default() += count;
        }
    }
    // What one of them held, the others passed over: all of it is theirs together.
    assert_eq!(sums, BTreeMap::from([(JobStatus::Completed, 300), (JobStatus::Failed, 20)]));
    assert_eq!(ids_in(&bench, "job_archive").await, (1..=320).collect());
    assert!(ids_in(&bench, "jobs").await.is_empty());
}

/// Only PostgreSQL lets two write at once.
#[tokio::test]
async fn a_job_that_somebody_sends_round_again_is_passed_over_with_its_batch() {
    if Backend::of_environment() != Backend::Postgres {
        return;
    }
    let bench = Bench::open().await;
    let batch = put(&bench, None, JobStatus::Completed, 40).await;
    let part = put(&bench, Some(batch), JobStatus::Failed, 40).await;
    let other = put(&bench, None, JobStatus::Completed, 40).await;
    let tx = bench.store().begin().await.unwrap();
    let only = BulkFilter { ids: vec![part], ..BulkFilter::default() };
    assert_eq!(tx.jobs().revive(&scope(1), (&only, 1), bench.now).await.unwrap().len(), 1);
    assert_eq!(pass(bench.store(), &bench, 100).await, BTreeMap::from([(JobStatus::Completed, 1)]), "it waits for nobody");
    tx.jobs().reopen(&scope(1), &[batch]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(pass(bench.store(), &bench, 100).await.is_empty());
    assert_eq!(ids_in(&bench, "jobs").await, numbers(&[batch, part]));
    assert_eq!(ids_in(&bench, "job_archive").await, numbers(&[other]));
    assert_eq!(bench.row(part).await.status, JobStatus::Pending);
}
