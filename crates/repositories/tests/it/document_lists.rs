//! Lists of documents: labels that are kept in step whoever writes them, and plans that never read a whole table.

use commandcenter_domain::knowledge::{ContentKind, DocumentFilter, DocumentOrigin, DocumentSort, DocumentStatus};
use commandcenter_domain::shared::{Direction, RepositoryId, Sort, SourceId, TechnologyId};
use commandcenter_domain::{PageRequest, Store};
use commandcenter_testkit::TestDb;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::radar::{plan, projects, reads_everything, scope, watched};

const PROJECTS: i64 = 20;
const ROWS: i64 = 10_000;

/// Documents spread over the projects; every seventh of a project has a label of its own.
async fn seed(db: &TestDb) {
    projects(db, PROJECTS).await;
    let (moment, tags) = match db.connection().get_database_backend() {
        DbBackend::Postgres => {
            ("timestamptz '2026-01-01 00:00:00Z' + i * interval '1 minute'", "'[\"rare\", \"usual\"]'::jsonb ELSE '[\"usual\"]'::jsonb")
        }
        _ => ("strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-01-01', '+' || i || ' minutes')", "'[\"rare\", \"usual\"]' ELSE '[\"usual\"]'"),
    };
    let documents = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
         INSERT INTO knowledge_documents (project_id, origin, source_key, title, category, tags, filename, content_type, media_type, size, content_hash, version,
           status, language, technology_id, staleness, is_stale, warnings, created_at, updated_at)
         SELECT i % {PROJECTS} + 1, CASE WHEN i / {PROJECTS} % 9 = 0 THEN 'url' ELSE 'upload' END, 'k' || i, 'Title ' || i, 'c' || (i / {PROJECTS} % 11), CASE WHEN i / {PROJECTS} % 7 = 0 THEN {tags} END,
           'f', 'text/plain', CASE WHEN i / {PROJECTS} % 13 = 0 THEN 'application/pdf' ELSE 'text/plain' END, 1, 'h', 1,
           CASE WHEN i / {PROJECTS} % 8 = 0 THEN 'failed' ELSE 'indexed' END, CASE WHEN i / {PROJECTS} % 6 = 0 THEN 'rust' ELSE 'en' END, NULL, i / {PROJECTS} % 1000,
           i / {PROJECTS} % 10 = 0, '[]', {moment}, {moment} FROM n"
    );
    for sql in [documents.as_str(), "ANALYZE"] {
        db.connection().execute_unprepared(sql).await.unwrap();
    }
}

fn filters() -> Vec<(DocumentFilter, bool)> {
    let none = DocumentFilter::default;
    vec![
        (none(), true),
        (DocumentFilter { category: Some("c3".to_owned()), ..none() }, true),
        (DocumentFilter { status: Some(DocumentStatus::Failed), ..none() }, true),
        (DocumentFilter { origin: Some(DocumentOrigin::Url), ..none() }, true),
        (DocumentFilter { tag: Some("rare".to_owned()), ..none() }, true),
        (DocumentFilter { kind: Some(ContentKind::Pdf), ..none() }, true),
        (DocumentFilter { language: Some("rust".to_owned()), ..none() }, true),
        (DocumentFilter { is_stale: Some(true), ..none() }, true),
        (DocumentFilter { repository: Some(RepositoryId::new(1)), ..none() }, false),
        (DocumentFilter { source: Some(SourceId::new(1)), ..none() }, false),
        (DocumentFilter { technology: Some(TechnologyId::new(1)), ..none() }, false),
    ]
}

#[tokio::test]
async fn no_filter_or_sort_of_documents_reads_the_whole_table() {
    let db = TestDb::open().await;
    seed(&db).await;
    let (store, seen) = watched(&db).await;
    let repo = store.repos().knowledge();
    let newest = Sort { key: DocumentSort::CreatedAt, direction: Direction::Descending };
    for (filter, is_met) in filters() {
        let page = repo.list(&scope(3), &filter, newest, PageRequest::default()).await.unwrap();
        assert_eq!(page.total > 0, is_met, "{filter:?}");
    }
    for key in [DocumentSort::CreatedAt, DocumentSort::UpdatedAt, DocumentSort::Title, DocumentSort::Staleness] {
        for direction in [Direction::Ascending, Direction::Descending] {
            repo.list(&scope(3), &DocumentFilter::default(), Sort { key, direction }, PageRequest::default()).await.unwrap();
        }
    }
    let statements = std::mem::take(&mut *seen.lock().unwrap());
    for statement in &statements {
        let plan = plan(db.connection(), statement).await;
        assert!(!reads_everything(&plan, "knowledge_documents") && !reads_everything(&plan, "knowledge_tags"), "{}\n{plan}", statement.sql);
    }
}

#[tokio::test]
async fn labels_follow_their_documents_whoever_writes_them() {
    let db = TestDb::open().await;
    seed(&db).await;
    let tagged = async |tag: &str| {
        let filter = DocumentFilter { tag: Some(tag.to_owned()), ..DocumentFilter::default() };
        let newest = Sort { key: DocumentSort::CreatedAt, direction: Direction::Descending };
        db.store.repos().knowledge().list(&scope(3), &filter, newest, PageRequest::default()).await.unwrap().total
    };
    let (rare, usual) = (tagged("rare").await, tagged("usual").await);
    assert!(rare > 0 && rare < usual);
    let run = async |sql: &str| db.connection().execute_unprepared(sql).await.unwrap();
    run("UPDATE knowledge_documents SET tags = '[\"new\"]' WHERE project_id = 3 AND tags = '[\"usual\"]'").await;
    assert_eq!((tagged("usual").await, tagged("new").await), (rare, usual - rare));
    run("DELETE FROM knowledge_documents WHERE project_id = 3").await;
    assert_eq!((tagged("rare").await, tagged("new").await), (0, 0));
}
