//! Runs of sources that are stopped, tried again, or meet what cannot be read; against a site in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use commandcenter_auth::{MasterKey, SealingCipher};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobFailure, JobHandler};
use commandcenter_domain::knowledge::{
    ContentKind, DocumentOrigin, DocumentStatus, KnowledgeError, NewDocument, Placed, ReadError, SourceDocument, SourceDocuments, Stored,
};
use commandcenter_domain::repository::HostTarget;
use commandcenter_domain::shared::{DocumentId, JobId, SourceId};
use commandcenter_domain::source::{
    Body, Content, Counters, GithubSettings, ItemState, Lead, Listed, Listing, Page, Place, PushSignatures, Read, ReadFailure, RunStatus,
    Source, SourceInput, SourceReader, SourceSession, Validators,
};
use commandcenter_domain::{Clock, Patch, Store};
use commandcenter_events::LocalBus;
use commandcenter_services::source::{SourcePorts, SourceService};
use commandcenter_services::source_sync::SourceSyncService;
use commandcenter_testkit::{TestClock, TestDb};
use serde_json::{Value, json};

use crate::support::{TestRun, project};

/// A site in memory: a page leads to others, or fails.
#[derive(Default)]
struct Web {
    pages: Mutex<BTreeMap<String, Result<Vec<&'static str>, ReadFailure>>>,
    asked: Mutex<Vec<String>>,
}

impl Web {
    fn put(&self, path: &str, links: &[&'static str]) {
        self.pages.lock().unwrap().insert(url(path), Ok(links.to_vec()));
    }

    fn break_page(&self, path: &str, failure: ReadFailure) {
        self.pages.lock().unwrap().insert(url(path), Err(failure));
    }

    fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn url(path: &str) -> String {
    format!("http://e.org{path}")
}

struct Reader(Arc<Web>);
struct Session(Arc<Web>);

#[async_trait]
impl SourceReader for Reader {
    fn admit(&self, _: &Place) -> Result<(), ReadFailure> {
        Ok(())
    }
    async fn open(&self, _: &Place) -> Result<Box<dyn SourceSession>, ReadFailure> {
        Ok(Box::new(Session(self.0.clone())))
    }
    fn open_repository(&self, _: HostTarget, _: &GithubSettings) -> Result<Box<dyn SourceSession>, ReadFailure> {
        Ok(Box::new(Session(self.0.clone())))
    }
}

#[async_trait]
impl SourceSession for Session {
    async fn list(&self, _: &Validators) -> Result<Listed, ReadFailure> {
        let leads = vec![Lead { key: url("/"), body: Body::Remote, depth: 0 }];
        Ok(Listed::Fresh(Listing { leads, ..Listing::default() }))
    }

    async fn read(&self, key: &str, _: &Validators) -> Result<Read, ReadFailure> {
        self.0.asked.lock().unwrap().push(key.to_owned());
        let Some(page) = self.0.pages.lock().unwrap().get(key).cloned() else { return Ok(Read::Gone("404".to_owned())) };
        let links = page?.into_iter().map(url).collect();
        let content = Content { name: "p.html".to_owned(), title: None, url: None, bytes: key.as_bytes().to_vec() };
        Ok(Read::Page(Page { content, validators: Validators::default(), links, moved_to: None }))
    }
}

/// Documents in the database, without reading them. One whose key ends in `unreadable` is refused.
struct Documents(TestStore);
type TestStore = Arc<dyn Store>;

#[async_trait]
impl SourceDocuments for Documents {
    async fn put(&self, scope: &ProjectScope, document: SourceDocument) -> Result<Placed, KnowledgeError> {
        if document.key.ends_with("unreadable") {
            return Err(KnowledgeError::Unreadable(ReadError::Empty));
        }
        let new = NewDocument {
            title: document.key.clone(),
            title_is_given: false,
            category: document.category,
            tags: document.tags,
            filename: document.name,
            origin: DocumentOrigin::Source,
            source_key: document.key,
            source_path: None,
            source_url: document.url,
            repository: None,
            commit_sha: None,
            blob_sha: None,
            content_type: ContentKind::Plain,
            size: 1,
            content_hash: "h".to_owned(),
            status: DocumentStatus::Indexed,
            error: None,
            at: TestClock::new().now(),
        };
        let stored = self.0.repos().knowledge().insert(scope, &new).await?;
        Ok(Placed { document: stored.id, stored: Stored::Indexed(1) })
    }

    async fn accept(&self, _: &ProjectScope, _: SourceDocument) -> Result<(JobId, DocumentId), KnowledgeError> {
        Err(KnowledgeError::Cancelled)
    }

    async fn remove(&self, scope: &ProjectScope, _: SourceId, documents: &[DocumentId]) -> Result<u64, KnowledgeError> {
        Ok(self.0.repos().knowledge().remove(scope, documents).await?)
    }
}

struct NoPushes;

impl PushSignatures for NoPushes {
    fn is_signed(&self, _: &str, _: &[u8], _: &str) -> bool {
        false
    }
    fn is_same(&self, _: &str, _: &str) -> bool {
        false
    }
}

struct World {
    db: TestDb,
    web: Arc<Web>,
    sync: SourceSyncService,
    scope: ProjectScope,
    source: Source,
}

impl World {
    async fn new() -> Self {
        let (db, clock, web) = (TestDb::open().await, Arc::new(TestClock::new()), Arc::new(Web::default()));
        let store: TestStore = db.store.clone();
        let (reader, documents) = (Arc::new(Reader(web.clone())), Arc::new(Documents(store.clone())));
        let cipher = Arc::new(SealingCipher::new(&MasterKey::new("a secret of at least thirty-two bytes")));
        let service = SourceService::new(SourcePorts {
            store: store.clone(),
            clock: clock.clone(),
            signals: Arc::new(LocalBus::new()),
            cipher: cipher.clone(),
            documents: documents.clone(),
            reader: reader.clone(),
            signatures: Arc::new(NoPushes),
        });
        let scope = project(&db, "alpha").await;
        let set = |text: &str| Patch::Set(text.to_owned());
        let input = SourceInput { name: set("Docs"), kind: set("documentation"), url: set("http://e.org/"), ..SourceInput::default() };
        let source = service.create(&scope, input).await.unwrap();
        let sync = SourceSyncService::new(store, clock, cipher, (reader, documents));
        Self { db, web, sync, scope, source }
    }

    async fn run(&self, run: &TestRun) -> Result<Value, JobFailure> {
        self.sync.perform(run, &json!({ "source_id": self.source.id })).await
    }

    async fn last(&self) -> commandcenter_domain::source::SourceRun {
        let page = commandcenter_domain::PageRequest::default();
        self.db.store.repos().sources().runs(&self.scope, self.source.id, page).await.unwrap().items.remove(0)
    }
}

#[tokio::test]
async fn an_attempt_goes_on_where_the_one_before_it_was_stopped() {
    let world = World::new().await;
    world.web.put("/", &["/a", "/b", "/c"]);
    for path in ["/a", "/b", "/c"] {
        world.web.put(path, &["/d"]);
    }
    world.web.put("/d", &[]);
    let stopped = world.run(&TestRun::stopping_at(&world.scope, "reading http://e.org/b")).await;
    assert!(matches!(stopped, Err(JobFailure::Cancelled)));
    assert_eq!(world.web.take_asked(), [url("/"), url("/a")]);
    let run = world.last().await;
    assert_eq!((run.status, run.counters.added), (RunStatus::Cancelled, 2));

    world.run(&TestRun::new(&world.scope)).await.unwrap();
    assert_eq!(world.web.take_asked(), [url("/b"), url("/c"), url("/d")], "what is settled is not asked for again");
    let again = world.last().await;
    assert_eq!((again.id, again.status), (run.id, RunStatus::Completed), "the same job has one run");
    assert_eq!(again.counters, Counters { added: 5, ..Counters::default() });
}

#[tokio::test]
async fn what_cannot_be_read_is_written_down_and_the_rest_is_read() {
    let world = World::new().await;
    world.web.put("/", &["/late", "/unreadable", "/missing", "/good"]);
    world.web.break_page("/late", ReadFailure::Timeout(30));
    world.web.put("/unreadable", &[]);
    world.web.put("/good", &[]);
    world.run(&TestRun::new(&world.scope)).await.unwrap();
    let run = world.last().await;
    assert_eq!(run.counters, Counters { added: 2, failed: 3, ..Counters::default() });
    let errors = world.db.store.repos().sources().errors(&world.scope, run.id, commandcenter_domain::PageRequest::default()).await.unwrap();
    let reasons: Vec<_> = errors.items.iter().map(|error| (error.key.as_str(), error.reason.as_str())).collect();
    assert_eq!(reasons[0], (url("/late").as_str(), "no answer within 30 s"));
    assert!(reasons[1].1.contains("no text") && reasons[2].1.contains("404"), "{reasons:?}");
    let source = world.db.store.repos().sources().find(&world.scope, world.source.id).await.unwrap().unwrap();
    assert_eq!((source.documents, source.failing), (2, 2));
}

#[tokio::test]
async fn a_page_that_fails_keeps_its_document_and_one_that_is_gone_loses_it() {
    let world = World::new().await;
    world.web.put("/", &["/a", "/b"]);
    world.web.put("/a", &[]);
    world.web.put("/b", &[]);
    world.run(&TestRun::new(&world.scope)).await.unwrap();
    world.web.break_page("/a", ReadFailure::Status(500));
    world.web.pages.lock().unwrap().remove(&url("/b"));
    let second = TestRun::of_job(&world.scope, 2);
    world.run(&second).await.unwrap();
    assert_eq!(world.last().await.counters, Counters { unchanged: 1, failed: 1, gone: 1, ..Counters::default() });
    let items = world.db.store.repos().sources().items(&world.scope, world.source.id).await.unwrap();
    let of = |path: &str| items.iter().find(|item| item.key == url(path)).unwrap();
    assert_eq!((of("/a").state, of("/a").document.is_some()), (ItemState::Failed, true));
    assert_eq!((of("/b").state, of("/b").document), (ItemState::Gone, None));
}

#[tokio::test]
async fn a_run_that_reads_nothing_at_all_fails() {
    let world = World::new().await;
    world.web.break_page("/", ReadFailure::Address { host: "e.org".to_owned(), address: "10.0.0.1".to_owned() });
    let failed = world.run(&TestRun::new(&world.scope)).await;
    let Err(JobFailure::Fail(reason)) = failed else { unreachable!("{failed:?}") };
    assert!(reason.contains("10.0.0.1"), "{reason}");
    assert_eq!(world.last().await.status, RunStatus::Failed);
}
