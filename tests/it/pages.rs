//! Documents by address: fetched, read, fetched again, and refused; and lists of documents narrowed.

use std::time::Duration;

use commandcenter_testkit::{EventReader, Project, SitePage, TestApp, TestSite};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::fixture::pdf;

const PATH: &str = "/api/v1/knowledge/documents";
/// How long reading a page may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

async fn start() -> (TestApp, Project, TestSite) {
    let app = TestApp::start_with(&[("COMMANDCENTER_RAG__MODEL_DIR", "no-model"), ("COMMANDCENTER_DOCUMENTS__MAX_FILE", "1MiB")]).await;
    let project = app.user("ann").await.project("alpha").await;
    (app, project, TestSite::start().await)
}

/// The job once it stands still: over, or waiting for its next attempt.
async fn finished(project: &Project, job: &Value) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let job = project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if !["pending", "running"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < deadline, "never finished: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Names a page and waits until it is read; its document and the finished job.
async fn named(project: &Project, body: Value) -> (Value, Value) {
    let accepted = project.post(&format!("{PATH}/url"), body).await.expect(202);
    let job = finished(project, &accepted["job_id"]).await;
    (project.get(&format!("{PATH}/{}", accepted["document_id"])).await.expect(200), job)
}

/// What lies at a path, once it is as it should be.
async fn eventually(project: &Project, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = project.get(path).await.expect(200);
        if holds(&now) {
            return now;
        }
        assert!(Instant::now() < deadline, "never so: {now}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn guide(word: &str) -> SitePage {
    SitePage::html(format!(
        "<html><head><title>Guide</title></head><body><main><h1>Guide</h1><p>This page is about the {word}.</p></main></body></html>"
    ))
}

async fn found(project: &Project, query: &str) -> u64 {
    let answer = project.post("/api/v1/knowledge/query", json!({ "query": query, "mode": "keyword" })).await.expect(200);
    answer["items"].as_array().unwrap().len() as u64
}

#[tokio::test]
async fn a_page_is_read_by_what_it_is_and_known_by_its_address() {
    let (_app, project, site) = start().await;
    site.put("/guide", guide("heron"));
    site.put("/paper", SitePage { body: pdf(&["An ocelot climbs.".to_owned()]), ..SitePage::html("") }.typed("application/octet-stream"));
    site.put("/moved", SitePage::redirect("/guide"));
    let body = json!({ "url": site.url("/guide?utm_source=x#top"), "category": "guides", "tags": ["birds"] });
    let (document, job) = named(&project, body).await;
    assert_eq!(job["status"], "completed", "{job}");
    let known = (&document["origin"], &document["source_url"], &document["title"], &document["content_type"], &document["version"]);
    assert_eq!(known, (&json!("url"), &json!(site.url("/guide")), &json!("Guide"), &json!("text/html"), &json!(1)));
    assert_eq!((&document["status"], &document["tags"], found(&project, "heron").await), (&json!("indexed"), &json!(["birds"]), 1));

    let (paper, _) = named(&project, json!({ "url": site.url("/paper"), "category": "papers", "title": "Cats" })).await;
    assert_eq!((&paper["content_type"], &paper["title"]), (&json!("application/pdf"), &json!("Cats")), "the content decides, not the type");
    let (moved, _) = named(&project, json!({ "url": site.url("/moved"), "category": "guides" })).await;
    assert_eq!((&moved["status"], &moved["source_url"]), (&json!("indexed"), &json!(site.url("/moved"))));
    let collections = project.get("/api/v1/knowledge/collections").await.expect(200);
    assert!(
        collections["items"].as_array().unwrap().iter().any(|one| one["name"] == "pages" && one["document_count"] == 3),
        "{collections}"
    );
}

#[tokio::test]
async fn the_same_address_again_reads_only_what_changed() {
    let (_app, project, site) = start().await;
    site.put("/guide", guide("heron"));
    let url = site.url("/guide");
    let (first, _) = named(&project, json!({ "url": url, "category": "guides", "tags": ["birds"] })).await;
    let (again, job) = named(&project, json!({ "url": url, "category": "animals" })).await;
    assert_eq!((&job["result"]["outcome"], &again["id"], &again["version"]), (&json!("unchanged"), &first["id"], &json!(1)));
    assert_eq!((&again["category"], &again["tags"], &again["indexed_at"]), (&json!("animals"), &json!(["birds"]), &first["indexed_at"]));

    site.put("/guide", guide("otter"));
    let (newer, _) = named(&project, json!({ "url": url, "category": "animals" })).await;
    assert_eq!((&newer["id"], &newer["version"], &newer["status"]), (&first["id"], &json!(2), &json!("indexed")));
    assert_eq!((found(&project, "heron").await, found(&project, "otter").await), (0, 1));
    let versions = project.get(&format!("{PATH}/{}/versions", first["id"])).await.expect(200);
    assert_eq!(versions["total"], 2, "what was never fetched is no version: {versions}");

    site.remove("/guide");
    let (gone, job) = named(&project, json!({ "url": url, "category": "animals" })).await;
    assert_eq!((&gone["status"], &job["status"]), (&json!("failed"), &json!("failed")), "{job}");
    assert!(gone["error"].as_str().unwrap().contains("404"), "{gone}");
    assert_eq!(found(&project, "otter").await, 1, "the former version still answers");
    site.put("/guide", guide("otter"));
    let (back, _) = named(&project, json!({ "url": url, "category": "animals" })).await;
    assert_eq!((&back["status"], &back["version"], &back["error"]), (&json!("indexed"), &json!(2), &Value::Null));
}

#[tokio::test]
async fn a_page_that_is_gone_turns_its_document_stale_until_it_is_back() {
    let (_app, project, site) = start().await;
    let mut events = EventReader::open(&project, "?types=cc.knowledge.document_stale.v1").await;
    site.put("/guide", guide("heron"));
    site.put("/other", guide("otter"));
    let body = json!({ "url": site.url("/guide"), "category": "guides" });
    let (fine, _) = named(&project, body.clone()).await;
    named(&project, json!({ "url": site.url("/other"), "category": "guides" })).await;
    assert_eq!((&fine["staleness"], &fine["stale"], &fine["stale_reasons"]), (&json!(0.0), &json!(false), &json!([])));
    site.remove("/guide");
    named(&project, body.clone()).await;
    let event = events.event().await;
    assert_eq!((&event["data"]["document_id"], &event["data"]["reasons"]), (&fine["id"], &json!(["gone"])), "{event}");

    let gone = project.get(&format!("{PATH}/{}", fine["id"])).await.expect(200);
    assert_eq!((&gone["staleness"], &gone["stale"]), (&json!(0.9), &json!(true)));
    let reason = &gone["stale_reasons"][0];
    assert_eq!((&reason["code"], &reason["weight"], reason["since"].is_string()), (&json!("gone"), &json!(0.9), true));
    let stale = project.get(&format!("{PATH}?stale=true&sort=-staleness")).await.expect(200);
    assert_eq!((&stale["total"], &stale["items"][0]["id"]), (&json!(1), &fine["id"]));
    assert_eq!(project.get(&format!("{PATH}?stale=false")).await.expect(200)["total"], 1);
    assert!([400, 422].contains(&project.get(&format!("{PATH}?stale=maybe")).await.status));

    site.put("/guide", guide("heron"));
    let (back, _) = named(&project, body).await;
    let back = eventually(&project, &format!("{PATH}/{}", back["id"]), |document| document["stale"] == false).await;
    assert_eq!(back["staleness"], 0.0);
}

#[tokio::test]
async fn what_cannot_be_an_address_is_refused_at_once() {
    let (_app, project, _site) = start().await;
    for url in ["", "handbook.md", "ftp://example.com/a", "file:///etc/passwd", "http://user:secret@example.com/"] {
        let refused = project.post(&format!("{PATH}/url"), json!({ "url": url, "category": "x" })).await;
        assert_eq!((refused.problem(422), &refused.body["errors"][0]["field"]), ("validation", &json!("url")), "{url}");
    }
    for url in ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00::1]/"] {
        let refused = project.post(&format!("{PATH}/url"), json!({ "url": url, "category": "x" })).await;
        assert_eq!((refused.problem(422), &refused.body["errors"][0]["code"]), ("validation", &json!("not_allowed")), "{url}");
    }
    for body in [
        json!({ "url": "https://example.com/" }),
        json!({ "url": "https://example.com/", "category": " " }),
        json!({ "url": "https://example.com/", "category": "x", "title": "" }),
        json!({ "url": "https://example.com/", "category": "x", "tags": "a" }),
        json!({ "url": "https://example.com/", "category": "x", "depth": 3 }),
        json!([]),
    ] {
        let refused = project.post(&format!("{PATH}/url"), body.clone()).await;
        assert!([400, 422].contains(&refused.status), "{body}: {}", refused.text);
    }
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0, "nothing was kept");
}

#[tokio::test]
async fn what_cannot_be_read_fails_its_own_document_and_says_why() {
    let (_app, project, site) = start().await;
    site.put("/inside", SitePage::redirect("http://10.0.0.1/"));
    site.put("/loop", SitePage::redirect("/loop"));
    site.put("/large", SitePage::html("x".repeat(2 << 20)));
    site.put("/picture", SitePage { body: b"\x89PNG\r\n\x1a\n0000".to_vec(), ..SitePage::html("") }.typed("image/png"));
    site.put("/empty", SitePage::html(""));
    site.put("/secret", SitePage::status(403));
    for (path, reason) in [
        ("/inside", "10.0.0.1"),
        ("/loop", "redirected"),
        ("/large", "larger than"),
        ("/picture", "image files are not read"),
        ("/empty", "no text"),
        ("/secret", "403"),
        ("/missing", "404"),
    ] {
        let (document, job) = named(&project, json!({ "url": site.url(path), "category": "x" })).await;
        assert_eq!((&document["status"], &job["status"]), (&json!("failed"), &json!("failed")), "{path}: {job}");
        assert!(document["error"].as_str().unwrap().contains(reason), "{path}: {document}");
    }
    site.put("/fine", guide("heron"));
    assert_eq!(named(&project, json!({ "url": site.url("/fine"), "category": "x" })).await.0["status"], "indexed");
}

#[tokio::test]
async fn pages_belong_to_their_project_and_viewers_name_none() {
    let (app, project, site) = start().await;
    site.put("/guide", guide("heron"));
    let body = json!({ "url": site.url("/guide"), "category": "guides" });
    let (mine, _) = named(&project, body.clone()).await;
    let other = app.user("eve").await.project("beta").await;
    assert_eq!(other.get(&format!("{PATH}/{}", mine["id"])).await.problem(404), "document-not-found");
    let (theirs, _) = named(&other, body.clone()).await;
    assert_ne!(theirs["id"], mine["id"]);
    let viewer = app.user("vic").await;
    project.post(&format!("/api/v1/projects/{}/members", project.id), json!({ "user_id": viewer.id, "role": "viewer" })).await.expect(201);
    assert_eq!(viewer.client.in_project(project.id).post(&format!("{PATH}/url"), body).await.problem(403), "role-too-low");
}

#[tokio::test]
async fn lists_are_narrowed_by_label_kind_language_technology_and_source() {
    let (_app, project, site) = start().await;
    let upload = async |name: &str, tags: &str, text: &str| {
        let accepted = project.upload(PATH, (name, text.as_bytes().to_vec()), &[("category", "x"), ("tags", tags)]).await.expect(202);
        finished(&project, &accepted["job_id"]).await;
        accepted["document_id"].clone()
    };
    let plain = upload("a.md", "red, blue", "# A\n\nOne two three.").await;
    let code = upload("b.rs", "blue", "/// Counts.\npub fn count() -> u8 {\n    1\n}\n").await;
    let technology = project.post("/api/v1/technologies", json!({ "title": "Rust" })).await.expect(201)["id"].clone();
    project.patch(&format!("{PATH}/{code}"), json!({ "technology_id": technology, "tags": ["blue", "green"] })).await.expect(200);
    site.put("/feed", SitePage::html("{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"F\", \"items\": [{\"id\": \"1\", \"url\": \"https://example.com/1\", \"title\": \"One\", \"content_text\": \"The first entry tells of a walrus at some length.\"}]}").typed("application/feed+json"));
    let feed = json!({ "name": "Feed", "type": "rss", "url": site.url("/feed"), "config": { "full_text": false } });
    let source = project.post("/api/v1/ingestion/sources", feed).await.expect(201)["id"].clone();
    let run = project.post(&format!("/api/v1/ingestion/sources/{source}/run"), json!({})).await.expect(202);
    finished(&project, &run["job_id"]).await;

    let ids = async |query: String| -> Vec<Value> {
        let list = project.get(&format!("{PATH}?sort=created_at&{query}")).await.expect(200);
        assert_eq!(list["total"], list["items"].as_array().unwrap().len());
        list["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(ids("tag=blue".to_owned()).await, [plain.clone(), code.clone()]);
    assert_eq!(ids("tag=red".to_owned()).await, std::slice::from_ref(&plain));
    assert_eq!(ids("tag=green&language=rust".to_owned()).await, std::slice::from_ref(&code), "labels that were given later count too");
    assert!(ids("tag=red&language=rust".to_owned()).await.is_empty(), "conditions combine with AND");
    assert_eq!(ids("content_type=text/x-source-code".to_owned()).await, std::slice::from_ref(&code));
    assert_eq!(ids(format!("technology_id={technology}")).await, std::slice::from_ref(&code));
    assert_eq!(ids(format!("source_id={source}")).await, ids("origin=source".to_owned()).await);
    assert_eq!(ids(format!("source_id={source}")).await.len(), 1);
    assert!(ids("source_id=99999".to_owned()).await.is_empty());
    assert!(ids("repository_id=1".to_owned()).await.is_empty());
    for wrong in ["content_type=pdf", "origin=moon", "source_id=x", "status=stale", "limit=0"] {
        let refused = project.get(&format!("{PATH}?{wrong}")).await;
        assert!([400, 422].contains(&refused.status), "{wrong}: {}", refused.text);
    }
    project.delete(&format!("{PATH}/{plain}")).await.expect(204);
    assert_eq!(ids("tag=blue".to_owned()).await, [code]);
}
