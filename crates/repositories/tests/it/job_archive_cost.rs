//! What the archive of jobs costs the database that `TEST_DB` names.

use std::sync::{Arc, Mutex};

use commandcenter_domain::job::{ArchiveFilter, JobKind, JobStatus};
use commandcenter_domain::shared::JobId;
use commandcenter_domain::{PageRequest, Store};
use commandcenter_repositories::{DatabaseUrl, PoolOptions, SeaStore, connect};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::job_archive::{due, pass, put, put_many};
use crate::jobs::{Bench, scope};

/// A store that remembers the statements it runs.
async fn watched(bench: &Bench) -> (SeaStore, Arc<Mutex<Vec<Statement>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remember = seen.clone();
    let url = DatabaseUrl::parse(&bench.db.url).unwrap();
    let mut db = connect(&url, &PoolOptions { size: 1, ..PoolOptions::default() }).await.unwrap();
    db.set_metric_callback(move |info| remember.lock().unwrap().push(info.statement.clone()));
    (SeaStore::new(db), seen)
}

#[tokio::test]
async fn a_chunk_costs_as_many_statements_for_many_jobs_as_for_few() {
    let bench = Bench::open().await;
    let (store, seen) = watched(&bench).await;
    let mut costs = Vec::new();
    for count in [1, 400] {
        put_many(&bench, count, 40).await;
        put(&bench, Some(JobId::new(i64::try_from(costs.len()).unwrap() * 2 + 1)), JobStatus::Failed, 1).await;
        seen.lock().unwrap().clear();
        assert_eq!(pass(&store, &bench, 1000).await.values().sum::<u64>(), count as u64 + 1);
        costs.push(seen.lock().unwrap().len());
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 6, "{costs:?}");
}

#[tokio::test]
async fn neither_the_list_nor_a_move_reads_a_whole_table() {
    let bench = Bench::open().await;
    put_many(&bench, 3000, 40).await;
    bench.db.connection().execute_unprepared("UPDATE jobs SET parent_id = id - 1 WHERE id % 100 = 2").await.unwrap();
    bench.db.connection().execute_unprepared("ANALYZE").await.unwrap();
    let (store, seen) = watched(&bench).await;
    let stretch = store.repos().job_archive().look(&due(&bench), JobId::new(1000), 50).await.unwrap();
    let tx = store.begin().await.unwrap();
    assert_eq!(tx.job_archive().archive(&stretch, &due(&bench), bench.now).await.unwrap()[&JobStatus::Completed], 50);
    drop(tx);
    pass(bench.store(), &bench, 1000).await;
    bench.db.connection().execute_unprepared("ANALYZE").await.unwrap();
    let all = ArchiveFilter::default();
    let filters = [
        all,
        ArchiveFilter { status: Some(JobStatus::Completed), ..all },
        ArchiveFilter { kind: Some(JobKind::RepositorySync), ..all },
        ArchiveFilter { parent: Some(JobId::new(1)), ..all },
    ];
    for filter in filters {
        store.repos().job_archive().list(&scope(2), &filter, None, PageRequest::default()).await.unwrap();
    }
    let (db, statements) = (bench.db.connection(), std::mem::take(&mut *seen.lock().unwrap()));
    let (word, column) = match db.get_database_backend() {
        DbBackend::Postgres => ("EXPLAIN (COSTS OFF)", 0),
        _ => ("EXPLAIN QUERY PLAN", 3),
    };
    for statement in statements {
        let explain = Statement { sql: format!("{word} {}", statement.sql), ..statement.clone() };
        let rows = db.query_all_raw(explain).await.unwrap();
        let plan = rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap()).collect::<Vec<_>>().join("\n");
        for table in ["jobs", "job_archive", "j", "c"] {
            let whole = plan.lines().any(|line| line.ends_with(&format!("Seq Scan on {table}")) || line.trim() == format!("SCAN {table}"));
            assert!(!whole, "{}\n{plan}", statement.sql);
        }
    }
}
