//! The knowledge base in storage, on the database that `TEST_DB` names.

use std::collections::HashSet;
use std::sync::Arc;

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    ChunkWrite, ContentKind, DocumentFilter, DocumentOrigin, DocumentSort, DocumentStatus, EmbeddingModel, IndexedContent,
    KnowledgeDocument, KnowledgeRepo, Narrowing, NewDocument, PassageIndex, RankedPassage, Search, Span, Upload, Wording,
};
use commandcenter_domain::shared::{Direction, JobId, ProjectId, Sort, Timestamp};
use commandcenter_domain::{Clock, PageRequest, Store, StoreError};
use commandcenter_repositories::SeaPassageIndex;
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::{ConnectionTrait, Statement};

const MODEL: EmbeddingModel = EmbeddingModel::fixed("test", 2);

struct Bench {
    db: TestDb,
    index: SeaPassageIndex,
    now: Timestamp,
}

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
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
        let index = SeaPassageIndex::new(db.connection().clone());
        Self { db, index, now: TestClock::new().now() }
    }

    fn repo(&self) -> &dyn KnowledgeRepo {
        self.db.store.repos().knowledge()
    }

    async fn document(&self, project: i64, name: &str) -> KnowledgeDocument {
        self.repo().insert(&scope(project), &self.new_document(name)).await.unwrap()
    }

    fn new_document(&self, name: &str) -> NewDocument {
        NewDocument {
            title: name.to_owned(),
            title_is_given: false,
            category: "docs".to_owned(),
            tags: vec!["a".to_owned()],
            filename: name.to_owned(),
            origin: DocumentOrigin::Upload,
            source_key: name.to_owned(),
            source_path: None,
            source_url: None,
            repository: None,
            commit_sha: None,
            blob_sha: None,
            content_type: ContentKind::Plain,
            size: 1,
            content_hash: "h1".to_owned(),
            status: DocumentStatus::Pending,
            error: None,
            at: self.now,
        }
    }

    async fn serve(&self, project: i64, document: &KnowledgeDocument, passages: &[(&str, [f32; 2])]) {
        let passages = passages.iter().map(|(text, vector)| ChunkWrite {
            content: (*text).to_owned(),
            heading_path: vec!["Part".to_owned()],
            span: Span { start: 0, end: 1 },
            token_count: 3,
            text_hash: format!("hash of {text}"),
            embedding: Some(vector.to_vec()),
        });
        let content = IndexedContent {
            title: document.title.clone(),
            content_hash: "h1".to_owned(),
            kind: ContentKind::Pdf,
            language: Some("en".to_owned()),
            warnings: vec!["a page was lost".to_owned()],
            text: "whole text".to_owned(),
            passages: passages.collect(),
            model: MODEL,
            at: self.now,
        };
        let tx = self.db.store.begin().await.unwrap();
        tx.knowledge().replace_passages(&scope(project), document.id, &content).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A search of the newest state.
    async fn search(&self, project: i64, narrowing: &Narrowing) -> Search {
        let revision = self.index.revision(&scope(project)).await.unwrap();
        let within = self.index.within(&scope(project), narrowing).await.unwrap().map(Arc::new);
        Search { limit: 10, revision, within, among: None, model: MODEL }
    }

    async fn words(&self, project: i64, question: &str) -> Vec<RankedPassage> {
        self.words_within(project, question, &Narrowing::default()).await
    }

    async fn words_within(&self, project: i64, question: &str, narrowing: &Narrowing) -> Vec<RankedPassage> {
        let search = self.search(project, narrowing).await;
        self.index.by_words(&scope(project), &Wording::of(question), &search).await.unwrap().ranking
    }

    async fn meaning(&self, project: i64, vector: [f32; 2]) -> Vec<RankedPassage> {
        self.meaning_within(project, vector, &Narrowing::default()).await
    }

    async fn meaning_within(&self, project: i64, vector: [f32; 2], narrowing: &Narrowing) -> Vec<RankedPassage> {
        let search = self.search(project, narrowing).await;
        self.index.by_meaning(&scope(project), &vector, &search).await.unwrap()
    }

    async fn contents(&self, project: i64, ranking: &[RankedPassage]) -> Vec<String> {
        let ids: Vec<_> = ranking.iter().map(|hit| hit.chunk).collect();
        let records = self.index.passages(&scope(project), &ids).await.unwrap();
        ids.iter().map(|id| records.iter().find(|record| record.chunk == *id).unwrap().content.clone()).collect()
    }

    async fn rows(&self, table: &str) -> i64 {
        let db = self.db.connection();
        let row =
            db.query_one_raw(Statement::from_string(db.get_database_backend(), format!("SELECT count(*) FROM {table}"))).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }
}

#[tokio::test]
async fn words_are_found_by_their_stem_and_the_rarest_counts_most() {
    let bench = Bench::open().await;
    let document = bench.document(1, "guide.txt").await;
    bench
        .serve(
            1,
            &document,
            &[
                ("a task runs and a task ends and a task starts", [1.0, 0.0]),
                ("cancelling a task", [0.0, 1.0]),
                ("nothing here", [0.5, 0.5]),
            ],
        )
        .await;
    let found = bench.words(1, "how do I cancel tasks?").await;
    assert_eq!(bench.contents(1, &found).await, ["cancelling a task", "a task runs and a task ends and a task starts"]);
    assert!(found[0].score > found[1].score);
    assert_eq!(bench.words(1, "guide").await.len(), 3, "the title is searched too");
}

#[tokio::test]
async fn a_question_is_never_syntax() {
    let bench = Bench::open().await;
    let document = bench.document(1, "a.txt").await;
    bench.serve(1, &document, &[("asyncio.gather(*tasks) and near misses", [1.0, 0.0])]).await;
    for question in [
        "\"",
        "gather OR",
        "NEAR(gather, 3)",
        "scope : p2",
        "gather*",
        "'; DROP TABLE x; --",
        "a & | ! <-> b",
        "(gather",
        "title:gather -x",
        "()",
    ] {
        bench.words(1, question).await;
    }
    assert_eq!(bench.words(1, "what does asyncio gather").await.len(), 1, "dotted names are found by their parts");
    assert!(bench.words(1, "scope p1").await.is_empty());
}

#[tokio::test]
async fn another_project_finds_and_changes_nothing() {
    let bench = Bench::open().await;
    let document = bench.document(1, "secret.txt").await;
    bench.serve(1, &document, &[("the secret word is swordfish", [1.0, 0.0])]).await;
    let upload = Upload { content_hash: "h1".to_owned(), title: None, bytes: vec![1] };
    bench.repo().put_upload(&scope(1), document.id, &upload).await.unwrap();
    let chunk = bench.words(1, "swordfish").await[0].chunk;
    let (repo, other) = (bench.repo(), scope(2));
    assert!(bench.words(2, "swordfish").await.is_empty() && bench.meaning(2, [1.0, 0.0]).await.is_empty());
    assert!(bench.index.passages(&other, &[chunk]).await.unwrap().is_empty());
    assert!(repo.find(&other, document.id).await.unwrap().is_none());
    assert!(repo.find_by_source(&other, DocumentOrigin::Upload, "secret.txt").await.unwrap().is_none());
    assert!(repo.text(&other, document.id).await.unwrap().is_none());
    assert!(repo.upload(&other, document.id).await.unwrap().is_none());
    assert!(repo.put_upload(&other, document.id, &upload).await.is_err());
    assert_eq!(repo.chunks(&other, document.id, PageRequest::default()).await.unwrap().total, 0);
    assert_eq!(repo.remove(&other, &[document.id]).await.unwrap(), 0);
    repo.rename(&other, document.id, "taken").await.unwrap();
    repo.drop_upload(&other, document.id, "h1").await.unwrap();
    assert!(repo.upload(&scope(1), document.id).await.unwrap().is_some());
    assert_eq!(repo.find(&scope(1), document.id).await.unwrap().unwrap().title, "secret.txt");
    assert_eq!(repo.statistics(&other, &MODEL).await.unwrap().documents, 0);
    assert!(repo.categories(&other).await.unwrap().is_empty() && repo.collections(&other).await.unwrap().is_empty());
}

#[tokio::test]
async fn replaced_passages_leave_both_indexes_at_once() {
    let bench = Bench::open().await;
    let document = bench.document(1, "a.txt").await;
    bench.serve(1, &document, &[("old words", [1.0, 0.0]), ("more old words", [0.9, 0.1])]).await;
    assert_eq!(bench.meaning(1, [1.0, 0.0]).await.len(), 2);
    bench.serve(1, &document, &[("new words", [0.0, 1.0])]).await;
    assert!(bench.words(1, "old").await.is_empty());
    assert_eq!(bench.contents(1, &bench.meaning(1, [1.0, 0.0]).await).await, ["new words"]);
    let stored = bench.repo().find(&scope(1), document.id).await.unwrap().unwrap();
    assert_eq!((stored.chunk_count, stored.status, stored.indexed_hash.as_deref()), (1, DocumentStatus::Indexed, Some("h1")));
    assert_eq!(bench.repo().text(&scope(1), document.id).await.unwrap().as_deref(), Some("whole text"));
}

#[tokio::test]
async fn removal_leaves_no_trace() {
    let bench = Bench::open().await;
    let (gone, kept) = (bench.document(1, "gone.txt").await, bench.document(1, "kept.txt").await);
    bench.serve(1, &gone, &[("vanishing words", [1.0, 0.0])]).await;
    bench.serve(1, &kept, &[("lasting words", [0.9, 0.1])]).await;
    bench.repo().put_upload(&scope(1), gone.id, &Upload { content_hash: "h".to_owned(), title: None, bytes: vec![1; 10] }).await.unwrap();
    assert_eq!(bench.meaning(1, [1.0, 0.0]).await.len(), 2);
    assert_eq!(bench.repo().remove(&scope(1), &[gone.id]).await.unwrap(), 1);
    assert!(bench.words(1, "vanishing").await.is_empty());
    assert_eq!(bench.contents(1, &bench.meaning(1, [1.0, 0.0]).await).await, ["lasting words"]);
    assert_eq!(
        (bench.rows("knowledge_uploads").await, bench.rows("knowledge_chunks").await, bench.rows("knowledge_vectors").await),
        (0, 1, 1)
    );
    bench.db.connection().execute_unprepared("DELETE FROM projects WHERE id = 1").await.unwrap();
    for table in ["knowledge_documents", "knowledge_chunks", "knowledge_vectors", "knowledge_revisions"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_renamed_document_is_found_by_its_new_name() {
    let bench = Bench::open().await;
    let document = bench.document(1, "first.txt").await;
    bench.serve(1, &document, &[("words", [1.0, 0.0])]).await;
    bench.repo().rename(&scope(1), document.id, "Second").await.unwrap();
    assert!(bench.words(1, "first").await.is_empty());
    assert_eq!(bench.words(1, "second").await.len(), 1);
}

#[tokio::test]
async fn one_source_is_one_document_and_a_new_content_a_new_version() {
    let bench = Bench::open().await;
    let first = bench.document(1, "a.txt").await;
    assert!(matches!(bench.repo().insert(&scope(1), &bench.new_document("a.txt")).await, Err(StoreError::Duplicate(_))));
    bench.document(2, "a.txt").await;
    let same = bench.repo().overwrite(&scope(1), &first, &bench.new_document("a.txt")).await.unwrap();
    let other = NewDocument { content_hash: "h2".to_owned(), ..bench.new_document("a.txt") };
    let newer = bench.repo().overwrite(&scope(1), &same, &other).await.unwrap();
    assert_eq!((first.version, same.version, newer.version, newer.id), (1, 1, 2, first.id));
}

#[tokio::test]
async fn lists_filter_sort_and_count() {
    let bench = Bench::open().await;
    for name in ["b_1.txt", "a%.txt", "c.txt"] {
        bench.document(1, name).await;
    }
    let by_title = Sort { key: DocumentSort::Title, direction: Direction::Descending };
    let page = PageRequest::parse(Some(1), Some(2)).unwrap();
    let all = bench.repo().list(&scope(1), &DocumentFilter::default(), by_title, page).await.unwrap();
    assert_eq!((all.total, all.items[0].title.as_str(), all.items.len()), (3, "c.txt", 2));
    for (search, expected) in [("%", 1), ("_", 1), ("TXT", 3), ("x'y", 0)] {
        let filter = DocumentFilter { search: Some(search.to_owned()), status: Some(DocumentStatus::Pending), ..DocumentFilter::default() };
        assert_eq!(bench.repo().list(&scope(1), &filter, by_title, page).await.unwrap().total, expected, "{search}");
    }
    let narrow = Narrowing { category: Some("other".to_owned()), ..Narrowing::default() };
    let document = bench.document(1, "d.txt").await;
    bench.serve(1, &document, &[("words", [1.0, 0.0])]).await;
    assert!(bench.words_within(1, "words", &narrow).await.is_empty());
    assert!(bench.meaning_within(1, [1.0, 0.0], &narrow).await.is_empty());
    let numbers = bench.repo().statistics(&scope(1), &MODEL).await.unwrap();
    assert_eq!((numbers.documents, numbers.chunks, numbers.embedded_chunks, numbers.by_status["indexed"]), (4, 1, 1, 1));
    let collections = bench.repo().collections(&scope(1)).await.unwrap();
    assert_eq!((collections[0].name.as_str(), collections[0].documents, collections[0].chunks), ("uploads", 4, 1));
    assert_eq!(bench.repo().chunks(&scope(1), document.id, page).await.unwrap().items[0].heading_path, ["Part"]);
}

#[tokio::test]
async fn every_filter_narrows_both_searches_alike() {
    let bench = Bench::open().await;
    let labelled = NewDocument { tags: vec!["a".to_owned(), "b".to_owned()], ..bench.new_document("docs_1.txt") };
    let first = bench.repo().insert(&scope(1), &labelled).await.unwrap();
    bench.serve(1, &first, &[("heron", [1.0, 0.0])]).await;
    let second = bench.document(1, "docsX1.txt").await;
    bench.serve(1, &second, &[("heron", [0.9, 0.1])]).await;
    let tags = |tags: &[&str]| Narrowing { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..Narrowing::default() };
    let path = |prefix: &str| Narrowing { path_prefix: Some(prefix.to_owned()), ..Narrowing::default() };
    let later = bench.now + std::time::Duration::from_secs(1);
    for (narrowing, expected) in [
        (tags(&["a"]), 2),
        (tags(&["a", "b"]), 1),
        (tags(&["'); DROP"]), 0),
        (path("docs_"), 1),
        (path("DOCS"), 0),
        (Narrowing { origin: Some(DocumentOrigin::Repository), ..Narrowing::default() }, 0),
        (Narrowing { origin: Some(DocumentOrigin::Upload), category: Some("docs".to_owned()), ..Narrowing::default() }, 2),
        (Narrowing { repository: Some(commandcenter_domain::shared::RepositoryId::new(7)), ..Narrowing::default() }, 0),
        (Narrowing { source: Some(commandcenter_domain::shared::SourceId::new(7)), ..Narrowing::default() }, 0),
        (Narrowing { language: Some("en".to_owned()), ..Narrowing::default() }, 2),
        (Narrowing { language: Some("rust".to_owned()), ..Narrowing::default() }, 0),
        (Narrowing { since: Some(bench.now), until: Some(later), ..Narrowing::default() }, 2),
        (Narrowing { since: Some(later), ..Narrowing::default() }, 0),
        (Narrowing { until: Some(bench.now), ..Narrowing::default() }, 0),
    ] {
        assert_eq!(bench.words_within(1, "heron", &narrowing).await.len(), expected, "{narrowing:?}");
        assert_eq!(bench.meaning_within(1, [1.0, 0.0], &narrowing).await.len(), expected, "{narrowing:?}");
    }
}

#[tokio::test]
async fn phrases_are_found_as_they_stand_and_in_their_project_only() {
    let bench = Bench::open().await;
    let document = bench.document(1, "a.txt").await;
    bench.serve(1, &document, &[("The event  Loop\nruns", [1.0, 0.0]), ("a loop over each event", [0.0, 1.0])]).await;
    let holding = |project, phrases: &[&str]| {
        let phrases: Vec<String> = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
        let index = &bench.index;
        async move { index.holding(&scope(project), &phrases).await.unwrap().len() }
    };
    assert_eq!((holding(1, &["event loop"]).await, holding(1, &["loop"]).await), (1, 2));
    assert_eq!(holding(1, &["event loop", "each"]).await, 0, "every phrase");
    assert_eq!(holding(2, &["event loop"]).await, 0);
    let among = Search { among: Some(Arc::new(HashSet::new())), ..bench.search(1, &Narrowing::default()).await };
    assert!(bench.index.by_meaning(&scope(1), &[1.0, 0.0], &among).await.unwrap().is_empty());
    assert!(bench.index.by_words(&scope(1), &Wording::of("loop"), &among).await.unwrap().ranking.is_empty());
}

#[tokio::test]
async fn what_a_hit_shows_moves_the_revision_and_what_it_does_not_stays() {
    let bench = Bench::open().await;
    let document = bench.document(1, "a.txt").await;
    bench.serve(1, &document, &[("words", [1.0, 0.0])]).await;
    let revision = || async { bench.index.revision(&scope(1)).await.unwrap() };
    let before = revision().await;
    bench.repo().overwrite(&scope(1), &document, &bench.new_document("a.txt")).await.unwrap();
    assert_eq!(revision().await, before, "the same again");
    let filed = NewDocument { category: "other".to_owned(), ..bench.new_document("a.txt") };
    bench.repo().overwrite(&scope(1), &document, &filed).await.unwrap();
    assert!(revision().await > before);
    let before = revision().await;
    bench.repo().remove(&scope(1), &[document.id]).await.unwrap();
    assert!(revision().await > before);
    assert_eq!(bench.index.revision(&scope(2)).await.unwrap().0, 0);
}

#[tokio::test]
async fn a_vector_that_comes_later_is_found_although_its_passage_was_known() {
    let bench = Bench::open().await;
    let (early, late) = (bench.document(1, "early.txt").await, bench.document(1, "late.txt").await);
    bench.serve(1, &early, &[("first", [1.0, 0.0])]).await;
    bench.serve(1, &late, &[("second", [0.0, 1.0])]).await;
    let chunk = bench.repo().chunks(&scope(1), early.id, PageRequest::default()).await.unwrap().items[0].id;
    bench.db.connection().execute_unprepared(&format!("DELETE FROM knowledge_vectors WHERE chunk_id = {chunk}")).await.unwrap();
    assert_eq!(bench.meaning(1, [1.0, 0.0]).await.len(), 1);
    bench.repo().add_vectors(&scope(1), &MODEL, &[(chunk, vec![1.0, 0.0])]).await.unwrap();
    assert_eq!(bench.contents(1, &bench.meaning(1, [1.0, 0.0]).await).await, ["first", "second"]);
}
