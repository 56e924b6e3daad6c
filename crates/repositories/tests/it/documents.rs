//! Versions, filing and waiting bytes of documents, on the database that `TEST_DB` names.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    ChunkWrite, ContentKind, Coverage, DocumentOrigin, DocumentStatus, EmbedderChoice, EmbeddingModel, EmbeddingSettings, Filing,
    IndexedContent, KnowledgeDocument, KnowledgeRepo, ModelChange, NewDocument, ProviderModel, Span, Upload,
};
use commandcenter_domain::shared::{ChunkId, JobId, ProjectId, StoreError, Timestamp};
use commandcenter_domain::technology::{Profile, ProfileInput};
use commandcenter_domain::{Clock, PageRequest, Patch, Store};
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::ConnectionTrait;

const MODEL: EmbeddingModel = EmbeddingModel::fixed("test", 2);

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

struct Bench {
    db: TestDb,
    now: Timestamp,
}

impl Bench {
    async fn open() -> Self {
        let db = TestDb::open().await;
        let at = "'2026-01-01 00:00:00+00:00'";
        for id in [1, 2] {
            let sql = format!("INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', {at}, {at})");
            db.connection().execute_unprepared(&sql).await.unwrap();
        }
        Self { db, now: TestClock::new().now() }
    }

    fn repo(&self) -> &dyn KnowledgeRepo {
        self.db.store.repos().knowledge()
    }

    fn arriving(&self, hash: &str) -> NewDocument {
        NewDocument {
            title: "Own title".to_owned(),
            title_is_given: false,
            category: "docs".to_owned(),
            tags: Vec::new(),
            filename: "a.pdf".to_owned(),
            origin: DocumentOrigin::Upload,
            source_key: "a.pdf".to_owned(),
            source_path: None,
            source_url: None,
            repository: None,
            commit_sha: None,
            blob_sha: None,
            content_type: ContentKind::Pdf,
            size: 7,
            content_hash: hash.to_owned(),
            status: DocumentStatus::Pending,
            error: None,
            at: self.now,
        }
    }

    async fn serve(&self, document: &KnowledgeDocument, passages: &[(&str, Option<Vec<f32>>)]) {
        let passages = passages.iter().map(|(text, vector)| ChunkWrite {
            content: (*text).to_owned(),
            heading_path: Vec::new(),
            span: Span { start: 0, end: 1 },
            token_count: 3,
            text_hash: format!("hash of {text}"),
            embedding: vector.clone(),
        });
        let content = IndexedContent {
            title: document.title.clone(),
            content_hash: document.content_hash.clone(),
            kind: ContentKind::Docx,
            language: Some("de".to_owned()),
            warnings: vec!["a picture was left out".to_owned()],
            text: "text".to_owned(),
            passages: passages.collect(),
            model: MODEL,
            at: self.now,
        };
        let tx = self.db.store.begin().await.unwrap();
        tx.knowledge().replace_passages(&scope(1), document.id, &content).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn document(&self) -> KnowledgeDocument {
        self.repo().insert(&scope(1), &self.arriving("h1")).await.unwrap()
    }
}

#[tokio::test]
async fn every_content_is_remembered_with_what_became_of_it() {
    let bench = Bench::open().await;
    let first = bench.document().await;
    bench.serve(&first, &[("one", None), ("two", None)]).await;
    let second = bench.repo().overwrite(&scope(1), &first, &bench.arriving("h2")).await.unwrap();
    // What is stored counts, not what was read before.
    let third = bench.repo().overwrite(&scope(1), &first, &bench.arriving("h3")).await.unwrap();
    bench.repo().overwrite(&scope(1), &third, &bench.arriving("h3")).await.unwrap();
    assert_eq!((first.version, second.version, third.version), (1, 2, 3));

    let page = bench.repo().versions(&scope(1), first.id, PageRequest::default()).await.unwrap();
    let seen: Vec<_> = page.items.iter().map(|v| (v.version, v.content_hash.as_str(), v.chunk_count, v.indexed_at.is_some())).collect();
    assert_eq!(seen, [(3, "h3", None, false), (2, "h2", None, false), (1, "h1", Some(2), true)]);
    assert_eq!((page.items[2].content_type, page.items[2].warnings.len(), page.items[2].size), (ContentKind::Docx, 1, 7));
    assert_eq!(bench.repo().versions(&scope(2), first.id, PageRequest::default()).await.unwrap().total, 0);

    let stored = bench.repo().find(&scope(1), first.id).await.unwrap().unwrap();
    assert_eq!((stored.language.as_deref(), stored.warnings.len(), stored.indexed_at), (Some("de"), 1, Some(bench.now)));
    bench.repo().remove(&scope(1), &[first.id]).await.unwrap();
    assert_eq!(bench.repo().versions(&scope(1), first.id, PageRequest::default()).await.unwrap().total, 0, "no trace");
}

#[tokio::test]
async fn a_given_title_stays_and_a_technology_that_goes_takes_no_document_with_it() {
    let bench = Bench::open().await;
    let document = bench.document().await;
    let profile = ProfileInput { title: Patch::Set("Rust".to_owned()), ..ProfileInput::default() }.over(Profile::blank()).unwrap();
    let technology = bench.db.store.repos().technologies().insert(&scope(1), &profile, bench.now).await.unwrap();
    let filing = Filing {
        title: "Given".to_owned(),
        title_is_given: true,
        category: "other".to_owned(),
        tags: vec!["x".to_owned()],
        technology: Some(technology.id),
        at: bench.now,
    };
    bench.repo().file(&scope(2), document.id, &filing).await.unwrap();
    assert_eq!(bench.repo().find(&scope(1), document.id).await.unwrap().unwrap(), document, "another project files nothing");
    bench.repo().file(&scope(1), document.id, &filing).await.unwrap();
    let newer = bench.repo().overwrite(&scope(1), &document, &bench.arriving("h2")).await.unwrap();
    assert_eq!((newer.title.as_str(), newer.title_is_given, newer.technology), ("Given", true, filing.technology));
    let named = NewDocument { title: "Newer".to_owned(), title_is_given: true, ..bench.arriving("h3") };
    assert_eq!(bench.repo().overwrite(&scope(1), &newer, &named).await.unwrap().title, "Newer");
    bench.db.connection().execute_unprepared("DELETE FROM technologies").await.unwrap();
    assert_eq!(bench.repo().find(&scope(1), document.id).await.unwrap().unwrap().technology, None);
}

#[tokio::test]
async fn bytes_wait_in_parts_and_leave_together() {
    let bench = Bench::open().await;
    let document = bench.document().await;
    let upload = |hash: &str, bytes: &[u8]| Upload { content_hash: hash.to_owned(), title: None, bytes: bytes.to_vec() };
    let repo = bench.repo();
    repo.put_upload(&scope(1), document.id, &upload("h1", b"ab")).await.unwrap();
    repo.put_upload_part(&scope(1), document.id, 2, b"e".to_vec()).await.unwrap();
    repo.put_upload_part(&scope(1), document.id, 1, b"cd".to_vec()).await.unwrap();
    assert!(repo.put_upload_part(&scope(2), document.id, 3, b"x".to_vec()).await.is_err(), "another project adds nothing");
    assert_eq!(repo.upload(&scope(1), document.id).await.unwrap().unwrap().bytes, b"abcde");
    repo.put_upload(&scope(1), document.id, &upload("h2", b"new")).await.unwrap();
    assert_eq!(repo.upload(&scope(1), document.id).await.unwrap().unwrap().bytes, b"new", "parts of what waited before are gone");
    repo.put_upload_part(&scope(1), document.id, 1, b"er".to_vec()).await.unwrap();
    repo.drop_upload(&scope(1), document.id, "h1").await.unwrap();
    assert_eq!(repo.upload(&scope(1), document.id).await.unwrap().unwrap().bytes, b"newer");
    repo.drop_upload(&scope(1), document.id, "h2").await.unwrap();
    assert!(repo.upload(&scope(1), document.id).await.unwrap().is_none());
}

#[tokio::test]
async fn vectors_are_known_by_the_text_they_are_made_of() {
    let bench = Bench::open().await;
    let document = bench.document().await;
    bench.serve(&document, &[("one", Some(vec![1.0, 0.5])), ("two", None)]).await;
    let known = bench.repo().vectors_by_text(&scope(1), document.id, &MODEL).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [("hash of one".to_owned(), vec![1.0, 0.5])]);
    let other = EmbeddingModel::fixed("other", 2);
    assert!(bench.repo().vectors_by_text(&scope(1), document.id, &other).await.unwrap().is_empty());
    assert!(bench.repo().vectors_by_text(&scope(2), document.id, &MODEL).await.unwrap().is_empty());
}

#[tokio::test]
async fn vectors_of_two_models_stand_beside_each_other_and_apart_from_other_projects() {
    let bench = Bench::open().await;
    let document = bench.document().await;
    bench.serve(&document, &[("one", Some(vec![1.0, 0.5])), ("two", Some(vec![0.5, 1.0]))]).await;
    let (store, next) = (bench.db.store.repos().embeddings(), EmbeddingModel::fixed("p/next", 3));
    let own = scope(1);
    let lacking = |after| store.lacking(&own, &next, (after, 10));
    let first = lacking(ChunkId::new(0)).await.unwrap();
    assert_eq!(
        first.iter().map(|one| (one.chunk.content.as_str(), one.title.as_str())).collect::<Vec<_>>(),
        [("one", "Own title"), ("two", "Own title")]
    );
    assert_eq!(store.coverage(&scope(1), &next).await.unwrap(), Coverage { passages: 2, lacking: 2 });
    assert!(store.lacking(&scope(2), &next, (ChunkId::new(0), 10)).await.unwrap().is_empty());

    for _ in 0..2 {
        store.lay(&scope(1), &next, &[(first[0].chunk.id, vec![1.0, 2.0, 3.0])]).await.unwrap();
    }
    assert_eq!(store.coverage(&scope(1), &next).await.unwrap(), Coverage { passages: 2, lacking: 1 });
    assert_eq!(lacking(ChunkId::new(0)).await.unwrap()[0].chunk.content, "two");
    assert!(lacking(first[1].chunk.id).await.unwrap().is_empty());
    assert_eq!(bench.repo().statistics(&scope(1), &MODEL).await.unwrap().embedded_chunks, 2);
    assert_eq!(bench.repo().statistics(&scope(1), &next).await.unwrap().embedded_chunks, 1);
    let gone = store.lay(&scope(1), &next, &[(ChunkId::new(999_999), vec![1.0, 2.0, 3.0])]).await;
    assert!(matches!(gone, Err(StoreError::Reference)), "{gone:?}");

    assert_eq!(store.drop_others(&scope(2), std::slice::from_ref(&next), 10).await.unwrap(), 0, "another project removes nothing");
    assert_eq!(store.drop_others(&scope(1), std::slice::from_ref(&next), 1).await.unwrap(), 1);
    assert_eq!(store.drop_others(&scope(1), std::slice::from_ref(&next), 10).await.unwrap(), 1);
    assert_eq!(bench.repo().statistics(&scope(1), &MODEL).await.unwrap().embedded_chunks, 0);
    bench.repo().remove(&scope(1), &[document.id]).await.unwrap();
    assert_eq!(bench.repo().statistics(&scope(1), &next).await.unwrap().embedded_chunks, 0);
}

#[tokio::test]
async fn of_two_that_change_the_model_at_once_one_is_too_late() {
    let bench = Bench::open().await;
    let store = bench.db.store.repos().embeddings();
    let unset = store.settings(&scope(1)).await.unwrap();
    assert_eq!(unset, EmbeddingSettings::default());
    let model = ProviderModel { provider: "p".to_owned(), model: "m".to_owned(), dimensions: Some(8) };
    let to = EmbedderChoice::Provider { model, dimension: 8 };
    let next = Some(ModelChange { to: to.clone(), job: JobId::new(7) });
    assert!(store.put(&scope(1), &EmbeddingSettings { next: next.clone(), ..unset.clone() }, bench.now).await.unwrap());
    assert!(!store.put(&scope(1), &unset, bench.now).await.unwrap());
    let set = store.settings(&scope(1)).await.unwrap();
    assert_eq!((&set.serving, &set.next, set.version), (&EmbedderChoice::Local, &next, 1));
    let swapped = EmbeddingSettings { serving: to.clone(), next: None, ..set.clone() };
    assert!(store.put(&scope(1), &swapped, bench.now).await.unwrap());
    assert!(!store.put(&scope(1), &swapped, bench.now).await.unwrap());
    let now = store.settings(&scope(1)).await.unwrap();
    assert_eq!((now.serving, now.next, now.version), (to, None, 2));
    assert_eq!(store.settings(&scope(2)).await.unwrap(), EmbeddingSettings::default());
}
