//! Fills a project with passages for measuring: texts put together from real documents, vectors of no meaning.
//!
//! `rag-fill DATABASE_URL PROJECT PASSAGES CORPUS...`, each corpus a file of JSON lines with `text`. `cargo xtask bench rag --speed` runs it.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

use std::sync::Arc;

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    ChunkWrite, ContentKind, DocumentOrigin, DocumentStatus, EmbeddingModel, IndexedContent, NewDocument, Span,
};
use commandcenter_domain::shared::{Clock, JobId, ProjectId, SystemClock, Timestamp};
use commandcenter_domain::{Store, StoreError};
use commandcenter_repositories::{DatabaseUrl, PoolOptions, Purpose, SeaStore, connect};
use serde_json::Value;

/// Passages of a document.
const PASSAGES: usize = 10;
/// Words of a passage: some eighty tokens.
const WORDS: usize = 60;
/// The model whose vectors these pretend to be.
const MODEL: EmbeddingModel = EmbeddingModel::fixed("all-MiniLM-L6-v2-int8", 384);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, project, passages, corpora @ ..] = arguments.as_slice() else {
        println!("usage: rag-fill DATABASE_URL PROJECT PASSAGES CORPUS...");
        return;
    };
    commandcenter_app::install_crypto();
    let pool = PoolOptions { size: 2, purpose: Purpose::Engine, ..PoolOptions::default() };
    let store: Arc<dyn Store> = Arc::new(SeaStore::new(connect(&DatabaseUrl::parse(url).unwrap(), &pool).await.unwrap()));
    let scope = ProjectScope::of_job(ProjectId::new(project.parse().unwrap()), JobId::new(1));
    let words = words(corpora);
    let mut chance = Chance(1);
    for number in 0..passages.parse::<usize>().unwrap() / PASSAGES {
        document(&*store, &scope, (number, &words, &mut chance)).await.unwrap();
    }
}

/// Every text of the corpora, cut into words.
fn words(corpora: &[String]) -> Vec<Vec<String>> {
    let mut texts = Vec::new();
    for corpus in corpora {
        for line in std::fs::read_to_string(corpus).unwrap().lines() {
            let document: Value = serde_json::from_str(line).unwrap();
            let words: Vec<String> = document["text"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            if words.len() >= 10 {
                texts.push(words);
            }
        }
    }
    texts
}

async fn document(
    store: &dyn Store,
    scope: &ProjectScope,
    (number, words, chance): (usize, &[Vec<String>], &mut Chance),
) -> Result<(), StoreError> {
    let at = SystemClock.now();
    let name = format!("filled-{number:07}.txt");
    let tx = store.begin().await?;
    let document = tx.knowledge().insert(scope, &new_document(&name, at)).await?;
    let passages: Vec<ChunkWrite> = (0..PASSAGES).map(|_| passage(words, chance)).collect();
    let text = passages.iter().map(|passage| passage.content.as_str()).collect::<Vec<_>>().join("\n\n");
    let content = IndexedContent {
        title: name,
        content_hash: "filled".to_owned(),
        kind: ContentKind::Plain,
        language: None,
        warnings: Vec::new(),
        text,
        passages,
        model: MODEL,
        at,
    };
    tx.knowledge().replace_passages(scope, document.id, &content).await?;
    tx.commit().await
}

fn new_document(name: &str, at: Timestamp) -> NewDocument {
    NewDocument {
        title: name.to_owned(),
        title_is_given: false,
        category: "bench".to_owned(),
        tags: Vec::new(),
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
        content_hash: "filled".to_owned(),
        status: DocumentStatus::Pending,
        error: None,
        at,
    }
}

/// Runs of words of a few documents, one behind the other.
fn passage(words: &[Vec<String>], chance: &mut Chance) -> ChunkWrite {
    let mut content: Vec<&str> = Vec::with_capacity(WORDS);
    while content.len() < WORDS {
        let text = &words[chance.below(words.len())];
        let start = chance.below(text.len());
        content.extend(text.iter().skip(start).take(20).map(String::as_str));
    }
    ChunkWrite {
        content: content.join(" "),
        heading_path: Vec::new(),
        span: Span { start: 0, end: 1 },
        token_count: 80,
        // Nothing is ever read anew here.
        text_hash: String::new(),
        embedding: Some(vector(chance)),
    }
}

/// A direction by chance, of length 1.
fn vector(chance: &mut Chance) -> Vec<f32> {
    let raw: Vec<f32> = (0..MODEL.dimension).map(|_| (0..4).map(|_| chance.unit()).sum::<f32>() - 2.0).collect();
    let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
    raw.into_iter().map(|value| value / length).collect()
}

/// The same numbers on every run (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() as usize % bound
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }
}
