//! Three hundred pages of a real documentation set, through the public doors: every page is read, and its own title finds it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const PAGES: usize = 300;
/// How long reading them all may take: a slow machine embeds a few passages a second.
const PATIENCE: Duration = Duration::from_mins(20);

#[tokio::test]
async fn three_hundred_real_pages_are_read_and_found_by_their_titles() {
    let Some(folder) = documentation() else {
        println!("skipped: COMMANDCENTER_TEST_DOCS names no folder of a documentation set");
        return;
    };
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let pages = smallest(&folder, PAGES);
    assert_eq!(pages.len(), PAGES, "{} holds too few pages", folder.display());

    for page in &pages {
        let name = page.strip_prefix(&folder).unwrap().to_string_lossy().replace('/', "-");
        let content = std::fs::read(page).unwrap();
        project.upload("/api/v1/knowledge/documents", (&name, content), &[("category", "python")]).await.expect(202);
    }
    let statistics = until_read(&project).await;

    assert_eq!(statistics["by_status"], json!({ "indexed": PAGES }), "no page failed");
    let documents = all(&project).await;
    let empty: Vec<&Value> = documents.iter().filter(|document| document["chunk_count"] == 0).collect();
    assert!(empty.is_empty(), "pages without a passage: {empty:?}");
    let passages: u64 = documents.iter().map(|document| document["chunk_count"].as_u64().unwrap()).sum();
    assert_eq!(statistics["total_chunks"], passages, "{statistics}");
    let asked: Vec<&Value> = documents.iter().step_by(6).collect();
    let mut found = 0;
    for document in &asked {
        found += usize::from(finds(&project, document).await);
    }
    // Some pages share their title word for word with others; nearly all are told apart by it.
    assert!(found * 100 >= asked.len() * 90, "{found} of {} pages were found by their titles", asked.len());
}

/// Whether a document's title brings it among the first ten hits; every hit must be what its span says.
async fn finds(project: &Project, document: &Value) -> bool {
    let answer = project.post("/api/v1/knowledge/query", json!({ "query": document["title"], "limit": 10 })).await.expect(200);
    let hits = answer["items"].as_array().unwrap();
    assert!(!hits.is_empty(), "{} finds nothing at all", document["title"]);
    for hit in hits {
        let (start, end) = (hit["span"]["start"].as_u64().unwrap(), hit["span"]["end"].as_u64().unwrap());
        assert_eq!(hit["content"].as_str().unwrap().chars().count() as u64, end - start, "{hit}");
    }
    hits.iter().any(|hit| hit["document_id"] == document["id"])
}

fn documentation() -> Option<PathBuf> {
    std::env::var_os("COMMANDCENTER_TEST_DOCS").map(PathBuf::from)
}

/// The smallest pages that say something: the whole set would take the test an hour.
fn smallest(folder: &Path, wanted: usize) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    collect(folder, &mut pages);
    pages.sort();
    pages.into_iter().take(wanted).map(|(_, page)| page).collect()
}

fn collect(folder: &Path, into: &mut Vec<(u64, PathBuf)>) {
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "html") {
            into.push((path.metadata().unwrap().len(), path));
        }
    }
}

async fn until_read(project: &Project) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let statistics = project.get("/api/v1/knowledge/statistics").await.expect(200);
        let waiting = |status: &str| statistics["by_status"][status].as_u64().unwrap_or(0);
        if waiting("pending") + waiting("indexing") == 0 {
            return statistics;
        }
        assert!(Instant::now() < deadline, "not read in time: {statistics}");
        sleep(Duration::from_millis(250)).await;
    }
}

async fn all(project: &Project) -> Vec<Value> {
    let mut documents = Vec::new();
    for page in 1.. {
        let list = project.get(&format!("/api/v1/knowledge/documents?limit=100&page={page}")).await.expect(200);
        documents.extend(list["items"].as_array().unwrap().iter().cloned());
        if list["has_next"] == false {
            break;
        }
    }
    documents
}
