//! Sources in storage, on the database that `TEST_DB` names.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{Direction, JobId, ProjectId, Sort, SourceRunId, Timestamp};
use commandcenter_domain::source::{
    Counters, ItemError, ItemState, ItemWrite, NewSource, RunStatus, RunUpdate, Source, SourceFilter, SourceInput, SourceKind, SourceRepo,
    SourceSort, SourceStatus, SourceUpdate, Standing, Validators,
};
use commandcenter_domain::{Clock, PageRequest, Patch, Store, StoreError};
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::ConnectionTrait;

struct Bench {
    db: TestDb,
    now: Timestamp,
}

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn new(name: &str, kind: &str) -> NewSource {
    let set = |text: &str| Patch::Set(text.to_owned());
    let (url, secret) = if kind == "webhook" { (Patch::Keep, set("a secret of some length")) } else { (set("http://e.org/"), Patch::Keep) };
    SourceInput { name: set(name), kind: set(kind), url, secret, ..SourceInput::default() }.over(None).unwrap()
}

impl Bench {
    async fn open() -> Self {
        let db = TestDb::open().await;
        for id in [1, 2] {
            let sql = format!(
                "INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')"
            );
            db.connection().execute_unprepared(&sql).await.unwrap();
        }
        Self { db, now: TestClock::new().now() }
    }

    fn repo(&self) -> &dyn SourceRepo {
        self.db.store.repos().sources()
    }

    async fn insert(&self, project: i64, new: &NewSource) -> Result<Source, StoreError> {
        let sealed_secret = new.secret.as_ref().map(|_| vec![1, 2, 3]);
        self.repo().insert(&scope(project), &SourceUpdate { source: new, sealed_secret, at: self.now }).await
    }

    fn write(&self, key: &str, state: ItemState) -> ItemWrite {
        ItemWrite {
            key: key.to_owned(),
            state,
            reason: None,
            depth: 1,
            content_hash: None,
            validators: None,
            document: None,
            run: None,
            at: self.now,
        }
    }
}

#[tokio::test]
async fn a_source_comes_back_as_it_was_written_and_only_to_its_project() {
    let bench = Bench::open().await;
    let made = bench.insert(1, &new("Docs", "documentation")).await.unwrap();
    assert_eq!(bench.repo().find(&scope(1), made.id).await.unwrap().unwrap(), made);
    assert_eq!((made.status, made.version, made.has_secret), (SourceStatus::Pending, 1, false));
    assert!(matches!(bench.insert(1, &new("Docs", "rss")).await, Err(StoreError::Duplicate(_))));
    bench.insert(2, &new("Docs", "rss")).await.unwrap();

    let other = scope(2);
    let update = SourceUpdate { source: &new("Stolen", "rss"), sealed_secret: None, at: bench.now };
    assert_eq!(bench.repo().find(&other, made.id).await.unwrap(), None);
    assert_eq!(bench.repo().update(&other, made.id, &update).await.unwrap(), None);
    assert!(!bench.repo().delete(&other, made.id).await.unwrap());
    bench.repo().stand(&other, made.id, &Standing { status: SourceStatus::Error, error: None, at: bench.now }).await.unwrap();
    assert_eq!(bench.repo().find(&scope(1), made.id).await.unwrap().unwrap(), made);
    assert!(bench.repo().delete(&scope(1), made.id).await.unwrap());
}

#[tokio::test]
async fn lists_filter_and_sort_and_pushes_find_their_project() {
    let bench = Bench::open().await;
    let feed = bench.insert(1, &NewSource { priority: 9, ..new("b", "rss") }).await.unwrap();
    let push = bench.insert(1, &NewSource { is_enabled: false, ..new("a", "webhook") }).await.unwrap();
    let list = |filter, sort| {
        let bench = &bench;
        async move {
            let page = bench.repo().list(&scope(1), filter, sort, PageRequest::default()).await.unwrap();
            page.items.into_iter().map(|one| one.name).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(SourceFilter::default(), None).await, ["b", "a"], "the highest priority first");
    let by_name = Some(Sort { key: SourceSort::Name, direction: Direction::Ascending });
    assert_eq!(list(SourceFilter::default(), by_name).await, ["a", "b"]);
    assert_eq!(list(SourceFilter { kind: Some(SourceKind::Rss), is_enabled: None }, None).await, ["b"]);
    assert_eq!(list(SourceFilter { kind: None, is_enabled: Some(false) }, None).await, ["a"]);
    assert_eq!(bench.repo().push_target(push.id).await.unwrap(), Some((ProjectId::new(1), vec![1, 2, 3], false)));
    assert_eq!(bench.repo().push_target(feed.id).await.unwrap(), None);
    assert_eq!(bench.repo().find(&scope(1), push.id).await.unwrap().unwrap().status, SourceStatus::Disabled);
}

#[tokio::test]
async fn items_are_found_once_and_settled_in_place() {
    let bench = Bench::open().await;
    let (one, repo) = (scope(1), bench.repo());
    let source = bench.insert(1, &new("Docs", "documentation")).await.unwrap().id;
    let found: Vec<(String, i32)> = (0..1200).map(|n| (format!("http://e.org/{n:04}"), 2)).collect();
    repo.discover(&one, source, &found, bench.now).await.unwrap();
    repo.discover(&one, source, &found[..10], bench.now).await.unwrap();
    let validators = Some(Validators { etag: Some("\"x\"".to_owned()), last_modified: None });
    let seen = ItemWrite { content_hash: Some("h".to_owned()), validators, ..bench.write("http://e.org/0003", ItemState::Seen) };
    repo.settle(&one, source, &seen).await.unwrap();
    repo.settle(&one, source, &bench.write("http://e.org/new", ItemState::Failed)).await.unwrap();
    repo.settle(&one, source, &ItemWrite { reason: Some("500".to_owned()), ..bench.write("http://e.org/0003", ItemState::Failed) })
        .await
        .unwrap();

    let items = repo.items(&one, source).await.unwrap();
    assert_eq!(items.len(), 1201);
    assert_eq!(items[0].depth, 1, "by depth first");
    let item = items.iter().find(|item| item.key.ends_with("0003")).unwrap();
    assert_eq!((item.state, item.reason.as_deref(), item.content_hash.as_deref()), (ItemState::Failed, Some("500"), Some("h")));
    assert_eq!((item.validators.etag.as_deref(), item.last_seen_at), (Some("\"x\""), Some(bench.now)), "a failure forgets nothing");
    let failed = repo.list_items(&one, source, Some(ItemState::Failed), PageRequest::default()).await.unwrap();
    assert_eq!(failed.total, 2);
    assert_eq!(repo.find(&one, source).await.unwrap().unwrap().failing, 2);
    assert!(repo.items(&scope(2), source).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_job_has_one_run_and_its_errors_are_its_own() {
    let bench = Bench::open().await;
    let (one, repo) = (scope(1), bench.repo());
    let source = bench.insert(1, &new("Docs", "rss")).await.unwrap().id;
    let run = repo.begin_run(&one, source, JobId::new(7), bench.now).await.unwrap();
    let counters = Counters { added: 1, updated: 2, unchanged: 3, gone: 4, failed: 5, skipped: 6 };
    let notes = vec!["a note".to_owned()];
    let ended = RunUpdate { status: RunStatus::Failed, counters, error: Some("why".to_owned()), notes, finished_at: Some(bench.now) };
    repo.update_run(&one, run.id, &ended).await.unwrap();
    repo.update_run(&scope(2), run.id, &RunUpdate { counters: Counters::default(), ..ended.clone() }).await.unwrap();
    let again = repo.begin_run(&one, source, JobId::new(7), bench.now).await.unwrap();
    assert_eq!((again.id, again.status, again.counters, again.error), (run.id, RunStatus::Running, counters, None));
    let other = repo.begin_run(&one, source, JobId::new(8), bench.now).await.unwrap();
    assert_ne!(other.id, run.id);
    let listed = repo.runs(&one, source, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items.iter().map(|run| run.id).collect::<Vec<_>>(), [other.id, run.id], "newest first");
    repo.add_error(&one, run.id, &ItemError { key: "k".to_owned(), reason: "r".to_owned(), at: bench.now }).await.unwrap();
    assert_eq!(repo.errors(&one, run.id, PageRequest::default()).await.unwrap().items[0].reason, "r");
    assert_eq!(repo.errors(&scope(2), run.id, PageRequest::default()).await.unwrap().total, 0);
    assert_eq!(repo.run(&one, source, SourceRunId::new(999)).await.unwrap(), None);
    assert_eq!(repo.run(&scope(2), source, run.id).await.unwrap(), None);
}
