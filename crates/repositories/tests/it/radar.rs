//! Technologies and research tasks in storage: the kept count, and plans that never read a whole table.

use std::sync::{Arc, Mutex};

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{DueWindow, TaskFilter, TaskFilterInput, TaskSort};
use commandcenter_domain::shared::{Direction, JobId, ProjectId, Sort, TechnologyId};
use commandcenter_domain::technology::{Profile, ProfileInput, TechnologyFilter, TechnologyFilterInput, TechnologySort};
use commandcenter_domain::{Clock, PageRequest, Patch, Store};
use commandcenter_repositories::{DatabaseUrl, PoolOptions, SeaStore, connect};
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

const PROJECTS: i64 = 20;
const ROWS: i64 = 10_000;

pub(crate) fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn profile(title: String) -> Profile {
    ProfileInput { title: Patch::Set(title), ..ProfileInput::default() }.over(Profile::blank()).unwrap()
}

pub(crate) async fn projects(db: &TestDb, count: i64) {
    for id in 1..=count {
        let sql = format!(
            "INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')"
        );
        db.connection().execute_unprepared(&sql).await.unwrap();
    }
}

/// Rows spread over the projects, in one statement a table.
async fn seed(db: &TestDb) {
    projects(db, PROJECTS).await;
    let moment = match db.connection().get_database_backend() {
        DbBackend::Postgres => "timestamptz '2026-01-01 00:00:00Z' + i * interval '1 minute'",
        _ => "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-01-01', '+' || i || ' minutes')",
    };
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})");
    let technologies = format!(
        "{numbers} INSERT INTO technologies (project_id, title, title_key, domain, status, ring, relevance_score, priority, maturity_level, cost_tier, created_at, updated_at)
         SELECT i % {PROJECTS} + 1, 'Tool ' || i, 'tool ' || i, 'ai-ml', CASE WHEN i / {PROJECTS} % 7 = 0 THEN 'research' ELSE 'discovery' END,
           CASE WHEN i / {PROJECTS} % 11 = 0 THEN 'hold' END, i / {PROJECTS} % 101, i / {PROJECTS} % 5 + 1, CASE WHEN i / {PROJECTS} % 13 = 0 THEN 'beta' END, CASE WHEN i / {PROJECTS} % 9 = 0 THEN 'free' END, {moment}, {moment} FROM n"
    );
    let tasks = format!(
        "{numbers} INSERT INTO research_tasks (project_id, title, status, task_type, assigned_to, due_date, progress_percentage, created_at, updated_at)
         SELECT i % {PROJECTS} + 1, 'Task ' || i, CASE WHEN i / {PROJECTS} % 7 = 0 THEN 'blocked' ELSE 'pending' END, 'research', CASE WHEN i / {PROJECTS} % 9 = 0 THEN 'Bo' END, {moment}, i / {PROJECTS} % 100, {moment}, {moment} FROM n"
    );
    for sql in [technologies, tasks, "ANALYZE".to_owned()] {
        db.connection().execute_unprepared(&sql).await.unwrap();
    }
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn kept(db: &TestDb, project: i64) -> i64 {
    number(
        db.connection(),
        &format!("SELECT COALESCE(MAX(count), 0) FROM project_counts WHERE project_id = {project} AND entity = 'technologies'"),
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_kept_count_is_right_after_concurrent_inserts_deletes_and_rollbacks() {
    let db = TestDb::open().await;
    projects(&db, 2).await;
    let mut writers = Vec::new();
    for writer in 0..6_i64 {
        let store = db.store.clone();
        writers.push(tokio::spawn(async move {
            let (scope, now) = (scope(writer % 2 + 1), TestClock::new().now());
            for n in 0..12 {
                let tx = store.begin().await.unwrap();
                let made = tx.technologies().insert(&scope, &profile(format!("{writer}-{n}")), now).await.unwrap();
                match n % 3 {
                    0 => tx.commit().await.unwrap(),
                    1 => drop(tx),
                    _ => {
                        tx.commit().await.unwrap();
                        assert!(store.repos().technologies().delete(&scope, made.id).await.unwrap());
                    }
                }
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for project in [1, 2] {
        let counted = number(db.connection(), &format!("SELECT COUNT(*) FROM technologies WHERE project_id = {project}")).await;
        assert_eq!((kept(&db, project).await, counted), (12, 12));
        let page = db
            .store
            .repos()
            .technologies()
            .list(&scope(project), &TechnologyFilter::default(), None, PageRequest::default())
            .await
            .unwrap();
        assert_eq!(page.total, 12);
    }
    // A refused row is not counted, and a project takes its count with it.
    let (mine, now) = (scope(1), TestClock::new().now());
    assert!(db.store.repos().technologies().insert(&mine, &profile("0-0".to_owned()), now).await.is_err());
    assert!(!db.store.repos().technologies().delete(&mine, TechnologyId::new(i64::MAX)).await.unwrap());
    assert_eq!(kept(&db, 1).await, 12);
    db.connection().execute_unprepared("DELETE FROM projects WHERE id = 1").await.unwrap();
    assert_eq!(number(db.connection(), "SELECT COUNT(*) FROM project_counts").await, 1);
}

/// A store that remembers the statements it runs.
pub(crate) async fn watched(db: &TestDb) -> (SeaStore, Arc<Mutex<Vec<Statement>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remember = seen.clone();
    let mut connection = connect(&DatabaseUrl::parse(&db.url).unwrap(), &PoolOptions { size: 1, ..PoolOptions::default() }).await.unwrap();
    connection.set_metric_callback(move |info| remember.lock().unwrap().push(info.statement.clone()));
    (SeaStore::new(connection), seen)
}

pub(crate) async fn plan(db: &DatabaseConnection, statement: &Statement) -> String {
    let backend = db.get_database_backend();
    let (word, column) = match backend {
        DbBackend::Postgres => ("EXPLAIN (COSTS OFF)", 0),
        _ => ("EXPLAIN QUERY PLAN", 3),
    };
    let explain = Statement { sql: format!("{word} {}", statement.sql), ..statement.clone() };
    let rows = db.query_all_raw(explain).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap()).collect::<Vec<_>>().join("\n")
}

/// Whether a plan reads a whole table, or an index from end to end that does not begin with the project.
pub(crate) fn reads_everything(plan: &str, table: &str) -> bool {
    plan.lines().any(|line| line.contains(&format!("Seq Scan on {table}")) || line.trim() == format!("SCAN {table}"))
}

#[tokio::test]
async fn no_filter_or_sort_of_technologies_reads_the_whole_table() {
    let db = TestDb::open().await;
    seed(&db).await;
    let filters = [
        TechnologyFilterInput::default(),
        TechnologyFilterInput { status: Some("research"), ..Default::default() },
        TechnologyFilterInput { domain: Some("ai-ml"), ..Default::default() },
        TechnologyFilterInput { ring: Some("hold"), ..Default::default() },
        TechnologyFilterInput { maturity_level: Some("beta"), ..Default::default() },
        TechnologyFilterInput { cost_tier: Some("free"), ..Default::default() },
        TechnologyFilterInput { priority_min: Some(5), ..Default::default() },
        TechnologyFilterInput { search: Some("tool 77"), ..Default::default() },
    ];
    let (store, seen) = watched(&db).await;
    let repo = store.repos().technologies();
    for filter in filters {
        let filter = TechnologyFilter::parse(&filter).unwrap();
        let page = repo.list(&scope(3), &filter, None, PageRequest::default()).await.unwrap();
        assert!(page.total > 0, "{filter:?}");
    }
    for key in TechnologySort::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            repo.list(&scope(3), &TechnologyFilter::default(), Some(Sort { key: *key, direction }), PageRequest::default()).await.unwrap();
        }
    }
    let statements = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(statements.len(), 8 + 2 * TechnologySort::ALL.len(), "one statement a page");
    for (at, statement) in statements.iter().enumerate() {
        let plan = plan(db.connection(), statement).await;
        assert!(!reads_everything(&plan, "technologies"), "{}\n{plan}", statement.sql);
        // Every order alone is that of an index, so that a page costs a page.
        let is_sorted = plan.contains("Sort") || plan.contains("TEMP B-TREE");
        assert!(!is_sorted || (1..8).contains(&at), "{}\n{plan}", statement.sql);
    }
}

#[tokio::test]
async fn no_filter_or_sort_of_tasks_reads_the_whole_table() {
    let db = TestDb::open().await;
    seed(&db).await;
    let filters = [
        TaskFilterInput::default(),
        TaskFilterInput { status: Some("blocked"), ..Default::default() },
        TaskFilterInput { technology_id: Some(1), ..Default::default() },
        TaskFilterInput { repository_id: Some(1), ..Default::default() },
        TaskFilterInput { assigned_to: Some("Bo"), ..Default::default() },
        TaskFilterInput { search: Some("task 77"), ..Default::default() },
        TaskFilterInput { due_before: Some("2026-01-02T00:00:00Z"), ..Default::default() },
    ];
    let (store, seen) = watched(&db).await;
    let (repo, now) = (store.repos().tasks(), TestClock::new().now());
    for filter in filters {
        repo.list(&scope(3), &TaskFilter::parse(&filter).unwrap(), None, PageRequest::default()).await.unwrap();
    }
    for key in TaskSort::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            repo.list(&scope(3), &TaskFilter::default(), Some(Sort { key: *key, direction }), PageRequest::default()).await.unwrap();
        }
    }
    repo.due(&scope(3), DueWindow::overdue(now), PageRequest::default()).await.unwrap();
    repo.overview(&scope(3), &TaskFilter::default(), now).await.unwrap();
    let statements = std::mem::take(&mut *seen.lock().unwrap());
    for statement in &statements {
        let plan = plan(db.connection(), statement).await;
        assert!(!reads_everything(&plan, "research_tasks"), "{}\n{plan}", statement.sql);
    }
}
