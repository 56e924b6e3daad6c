//! Passes over documents that time goes by, on the database that `TEST_DB` names.

use std::cell::Cell;
use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    Address, ContentKind, DocumentFilter, DocumentOrigin, DocumentSort, DocumentStatus, NewDocument, StaleReason,
};
use commandcenter_domain::shared::{Direction, DocumentId, Sort};
use commandcenter_domain::source::Validators;
use commandcenter_domain::{Clock, PageRequest, Store};
use commandcenter_services::knowledge::StalenessKeeper;
use commandcenter_testkit::{TestClock, TestDb};

use crate::support::project;

struct World {
    db: TestDb,
    clock: Arc<TestClock>,
    keeper: StalenessKeeper,
    scope: ProjectScope,
}

impl World {
    async fn new() -> Self {
        let (db, clock) = (TestDb::open().await, Arc::new(TestClock::new()));
        let scope = project(&db, "alpha").await;
        let keeper = StalenessKeeper::new(db.store.clone(), clock.clone());
        Self { db, clock, keeper, scope }
    }

    async fn page(&self, name: &str) -> DocumentId {
        let new = NewDocument {
            title: name.to_owned(),
            title_is_given: false,
            category: "guides".to_owned(),
            tags: Vec::new(),
            filename: name.to_owned(),
            origin: DocumentOrigin::Url,
            source_key: format!("https://example.com/{name}"),
            source_path: None,
            source_url: None,
            repository: None,
            commit_sha: None,
            blob_sha: None,
            content_type: ContentKind::Html,
            size: 1,
            content_hash: "h".to_owned(),
            status: DocumentStatus::Indexed,
            error: None,
            at: self.clock.now(),
        };
        let id = self.db.store.repos().knowledge().insert(&self.scope, &new).await.unwrap().id;
        self.answers(id).await;
        id
    }

    async fn answers(&self, id: DocumentId) {
        self.set(id, Address::answered(Validators::default(), self.clock.now())).await;
    }

    async fn fails(&self, id: DocumentId, is_gone: bool) {
        let before = self.db.store.repos().knowledge().address(&self.scope, id).await.unwrap().unwrap();
        self.set(id, before.failed(self.clock.now(), is_gone)).await;
    }

    async fn set(&self, id: DocumentId, address: Address) {
        self.db.store.repos().knowledge().set_address(&self.scope, id, &address).await.unwrap();
    }

    async fn sweep(&self) -> u64 {
        self.keeper.sweep(async || {}).await.unwrap()
    }

    async fn score(&self, id: DocumentId) -> (i32, Vec<StaleReason>) {
        let document = self.db.store.repos().knowledge().find(&self.scope, id).await.unwrap().unwrap();
        (document.staleness.score, document.staleness.signs.iter().map(|sign| sign.code).collect())
    }

    /// Ids of documents that were said to have turned stale.
    async fn told(&self) -> Vec<i64> {
        let events = self.db.store.repos().outbox().unpublished(1000).await.unwrap();
        let stale = events.iter().filter(|event| event.kind == "cc.knowledge.document_stale.v1");
        stale.map(|event| event.data["document_id"].as_i64().unwrap()).collect()
    }
}

#[tokio::test]
async fn a_document_turns_stale_once_and_recovers() {
    let world = World::new().await;
    let (alive, dead) = (world.page("alive").await, world.page("dead").await);
    assert_eq!(world.sweep().await, 2);
    assert_eq!((world.score(alive).await, world.score(dead).await), ((0, vec![]), (0, vec![])));
    world.fails(dead, false).await;
    assert_eq!(world.sweep().await, 0, "judged today already");
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.sweep().await, 2);
    assert_eq!(world.score(dead).await.1, [StaleReason::Unreachable]);
    assert!(world.told().await.is_empty(), "not for long enough");

    world.clock.advance(TimeDelta::days(13));
    world.fails(dead, false).await;
    world.sweep().await;
    assert_eq!(world.score(dead).await, (800, vec![StaleReason::Unreachable]), "since when it fails is kept");
    assert_eq!(world.told().await, [dead.get()]);
    world.clock.advance(TimeDelta::days(1));
    world.sweep().await;
    assert_eq!(world.told().await.len(), 1, "it is told once");

    world.answers(dead).await;
    world.clock.advance(TimeDelta::days(1));
    world.sweep().await;
    assert_eq!(world.score(dead).await, (0, vec![]));
    world.fails(dead, true).await;
    world.clock.advance(TimeDelta::days(1));
    world.sweep().await;
    assert_eq!((world.score(dead).await, world.told().await.len()), ((900, vec![StaleReason::Gone]), 2));
    assert_eq!(world.score(alive).await.0, 0);
}

#[tokio::test]
async fn age_tells_slowly_and_lists_sort_by_staleness() {
    let world = World::new().await;
    let old = world.page("old").await;
    world.clock.advance(TimeDelta::days(1000));
    let (young, gone) = (world.page("young").await, world.page("gone").await);
    world.fails(gone, true).await;
    world.sweep().await;
    let sort = Sort { key: DocumentSort::Staleness, direction: Direction::Descending };
    let list = async |filter: DocumentFilter| {
        let page = world.db.store.repos().knowledge().list(&world.scope, &filter, sort, PageRequest::default()).await.unwrap();
        page.items.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(list(DocumentFilter::default()).await, [gone, old, young]);
    assert_eq!(world.score(old).await.1, [StaleReason::Age]);
    let stale = DocumentFilter { is_stale: Some(true), ..DocumentFilter::default() };
    assert_eq!(list(stale).await, if world.score(old).await.0 >= 500 { vec![gone, old] } else { vec![gone] });
    let other = project(&world.db, "beta").await;
    let theirs = world.db.store.repos().knowledge().evidence(&other, gone).await.unwrap();
    assert!(theirs.is_none(), "a document of another project is none");
}

#[tokio::test]
async fn a_pass_goes_through_all_documents_in_chunks() {
    let world = World::new().await;
    for number in 0..450 {
        world.page(&format!("page-{number}")).await;
    }
    let rests = Cell::new(0);
    let judged = world.keeper.sweep(async || rests.set(rests.get() + 1)).await.unwrap();
    assert_eq!((judged, rests.get()), (450, 3), "others get their turn after every chunk");
    let store: Arc<dyn Store> = world.db.store.clone();
    assert!(store.repos().knowledge().due_for_judgement(world.clock.now(), 10).await.unwrap().is_empty());
}
