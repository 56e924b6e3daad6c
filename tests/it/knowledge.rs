//! The knowledge base. Runs with the model of `COMMANDCENTER_RAG__MODEL_DIR`, where there is one.

use std::time::Duration;

use commandcenter_testkit::{Project, Reply, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// How long reading a document may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

const GUIDE: &str = "# Tasks\n\nTasks run concurrently.\n\n## Cancelling\n\nCall `cancel()` to stop a running task. Größe und Maß bleiben.\n\n## Waiting\n\nUse `gather` to wait for many.\n";

pub(crate) async fn start() -> (TestApp, Project) {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    (app, project)
}

async fn upload(project: &Project, name: &str, content: impl Into<Vec<u8>>) -> Reply {
    project.upload("/api/v1/knowledge/documents", (name, content.into()), &[("category", "guides"), ("tags", "a, b")]).await
}

/// Uploads a file and waits until it is read; its id and the finished job.
pub(crate) async fn taken_in(project: &Project, name: &str, content: impl Into<Vec<u8>>) -> (i64, Value) {
    let accepted = upload(project, name, content).await.expect(202);
    let job = finished(project, &accepted).await;
    (accepted["document_id"].as_i64().unwrap(), job)
}

async fn finished(project: &Project, accepted: &Value) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let job = project.get(&format!("/api/v1/jobs/{}", accepted["job_id"])).await.expect(200);
        if !["pending", "running", "retrying"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < deadline, "never finished: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn ask(project: &Project, body: Value) -> Value {
    project.post("/api/v1/knowledge/query", body).await.expect(200)
}

fn slice(text: &str, span: &Value) -> String {
    let at = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
    text.chars().skip(at("start")).take(at("end") - at("start")).collect()
}

#[tokio::test]
async fn a_document_is_read_found_and_shown_with_its_spans() {
    let (_app, project) = start().await;
    let reply = upload(&project, "docs/guide.md", GUIDE).await;
    let location = reply.header("location").unwrap().to_owned();
    let accepted = reply.expect(202);
    assert_eq!(location, format!("/api/v1/jobs/{}", accepted["job_id"]));
    assert_eq!((&accepted["document"]["filename"], &accepted["document"]["tags"]), (&json!("guide.md"), &json!(["a", "b"])));
    assert_eq!(finished(&project, &accepted).await["status"], "completed");

    let document = project.get(&format!("/api/v1/knowledge/documents/{}", accepted["document_id"])).await.expect(200);
    assert_eq!((&document["title"], &document["status"], &document["version"]), (&json!("Tasks"), &json!("indexed"), &json!(1)));
    let text = document["content"].as_str().unwrap();

    let answer = ask(&project, json!({ "query": "how do I cancel a task?", "explain": true })).await;
    let hit = &answer["items"][0];
    assert_eq!(hit["heading_path"], json!(["Tasks", "Cancelling"]));
    assert_eq!(slice(text, &hit["span"]), hit["content"].as_str().unwrap(), "the span is the passage");
    let words: Vec<String> =
        hit["highlights"].as_array().unwrap().iter().map(|span| slice(hit["content"].as_str().unwrap(), span).to_lowercase()).collect();
    assert!(words.contains(&"cancel".to_owned()) && words.contains(&"task".to_owned()), "{words:?}");
    assert_eq!(hit["explain"]["lexical_rank"], 1);

    let chunks = project.get(&format!("/api/v1/knowledge/documents/{}/chunks", accepted["document_id"])).await.expect(200);
    assert_eq!(chunks["total"], document["chunk_count"]);
    let numbers = project.get("/api/v1/knowledge/statistics").await.expect(200);
    assert_eq!((&numbers["total_documents"], &numbers["by_status"]), (&json!(1), &json!({ "indexed": 1 })));
    assert_eq!(numbers["embedding_dimension"], 384);
    let categories = project.get("/api/v1/knowledge/categories").await.expect(200);
    assert_eq!(categories, json!({ "items": [{ "category": "guides", "document_count": 1 }] }));
    let collections = project.get("/api/v1/knowledge/collections").await.expect(200);
    assert_eq!(collections["items"][0]["name"], "uploads");
}

#[tokio::test]
async fn a_file_uploaded_again_is_a_new_version_and_its_old_words_are_gone() {
    let (_app, project) = start().await;
    let (first, _) = taken_in(&project, "a.md", "# A\n\nThe zebra grazes.").await;
    let (second, _) = taken_in(&project, "a.md", "# A\n\nThe giraffe grazes.").await;
    assert_eq!(first, second);
    let search = |word: &str| json!({ "query": word, "mode": "keyword" });
    assert_eq!(ask(&project, search("zebra")).await["items"], json!([]));
    assert_eq!(ask(&project, search("giraffe")).await["items"].as_array().unwrap().len(), 1);
    let before = project.get(&format!("/api/v1/knowledge/documents/{first}")).await.expect(200);
    assert_eq!(before["version"], 2);
    let chunks = |project: Project| async move {
        project.get(&format!("/api/v1/knowledge/documents/{first}/chunks")).await.expect(200)["items"][0]["id"].clone()
    };
    let kept = chunks(Project { client: project.client.clone(), id: project.id }).await;
    let (_, job) = taken_in(&project, "a.md", "# A\n\nThe giraffe grazes.").await;
    assert_eq!(job["result"]["outcome"], "unchanged", "the same bytes are not read again");
    assert_eq!(chunks(Project { client: project.client.clone(), id: project.id }).await, kept);
}

#[tokio::test]
async fn a_deleted_document_leaves_no_trace() {
    let (_app, project) = start().await;
    let (id, _) = taken_in(&project, "a.txt", "Quokkas smile at visitors.").await;
    assert_eq!(ask(&project, json!({ "query": "quokkas" })).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(project.delete(&format!("/api/v1/knowledge/documents/{id}")).await.status, 204);
    assert_eq!(ask(&project, json!({ "query": "quokkas" })).await["items"], json!([]));
    assert_eq!(project.get(&format!("/api/v1/knowledge/documents/{id}")).await.problem(404), "document-not-found");
    assert_eq!(project.delete(&format!("/api/v1/knowledge/documents/{id}")).await.problem(404), "document-not-found");
    let numbers = project.get("/api/v1/knowledge/statistics").await.expect(200);
    assert_eq!((&numbers["total_documents"], &numbers["total_chunks"], &numbers["embedded_chunks"]), (&json!(0), &json!(0), &json!(0)));
}

#[tokio::test]
async fn ten_hits_are_ten_documents_as_far_as_there_are_ten() {
    let (_app, project) = start().await;
    let section = |n: usize| {
        format!(
            "## Part {n}\n\nThe heron waits by the water, and the heron of part {n} catches fish. {}\n\n",
            "More about herons. ".repeat(12)
        )
    };
    taken_in(&project, "long.md", (0..30).map(section).collect::<String>()).await;
    for n in 0..3 {
        taken_in(&project, &format!("short{n}.txt"), format!("Note {n}: a heron was seen.")).await;
    }
    let documents =
        |answer: &Value| answer["items"].as_array().unwrap().iter().map(|hit| hit["document_id"].as_i64().unwrap()).collect::<Vec<_>>();
    let grouped = documents(&ask(&project, json!({ "query": "heron", "limit": 10 })).await);
    let mut first = grouped[..4].to_vec();
    first.sort_unstable();
    first.dedup();
    assert_eq!((first.len(), grouped.len()), (4, 10), "four documents first, then further passages: {grouped:?}");
    let passages = ask(&project, json!({ "query": "heron", "limit": 10, "group": "passage" })).await;
    assert_eq!(documents(&passages).len(), 10);
}

#[tokio::test]
async fn search_by_meaning_finds_what_shares_no_word() {
    let (_app, project) = start().await;
    taken_in(&project, "pets.txt", "A feline was resting outdoors in the sunshine.").await;
    taken_in(&project, "money.txt", "Interest rates rose and the stock market fell.").await;
    let answer = ask(&project, json!({ "query": "where do cats sleep", "explain": true })).await;
    if answer["degraded"] == true {
        assert_eq!(answer["mode_used"], "keyword", "without a model the answer says so");
        return;
    }
    assert_eq!(answer["items"][0]["title"], "pets.txt");
    assert!(answer["items"][0]["explain"]["vector_score"].as_f64().unwrap() > 0.2);
}

#[tokio::test]
async fn without_a_model_words_still_find_and_the_answer_says_so() {
    let app = TestApp::start_with(&[("COMMANDCENTER_RAG__MODEL_DIR", "/nowhere")]).await;
    let project = app.user("ann").await.project("alpha").await;
    taken_in(&project, "guide.md", GUIDE).await;
    let answer = ask(&project, json!({ "query": "cancel", "mode": "hybrid" })).await;
    assert_eq!((&answer["mode_used"], &answer["degraded"]), (&json!("keyword"), &json!(true)));
    assert!(answer["degraded_reason"].as_str().unwrap().contains("doctor"), "{answer}");
    assert_eq!(answer["items"].as_array().unwrap().len(), 1);
    assert_eq!(project.get("/api/v1/knowledge/statistics").await.expect(200)["model_available"], false);
    let lexical = ask(&project, json!({ "query": "cancel", "mode": "keyword" })).await;
    assert_eq!(lexical["degraded"], false);
}

#[tokio::test]
async fn what_is_no_document_is_refused_with_a_reason() {
    let (_app, project) = start().await;
    for (content, slug) in [
        (b"".to_vec(), "document-empty"),
        (b" \n ".to_vec(), "document-empty"),
        (b"a\xffb\x01\x02".to_vec(), "document-not-utf8"),
        (b"a\0b".to_vec(), "document-binary"),
        (b"\x89PNG\r\n".to_vec(), "document-kind-unsupported"),
    ] {
        assert_eq!(upload(&project, "a.md", content).await.problem(422), slug);
    }
    let path = "/api/v1/knowledge/documents";
    let file = || ("a.md", b"text".to_vec());
    for fields in [vec![], vec![("category", " ")], vec![("category", "x"), ("colour", "red")], vec![("category", "x"), ("title", "a\0b")]]
    {
        assert_eq!(project.upload(path, file(), &fields).await.problem(422), "validation", "{fields:?}");
    }
    assert_eq!(project.upload(path, ("", b"text".to_vec()), &[("category", "x")]).await.problem(422), "validation");
    assert_eq!(project.post(path, json!({})).await.problem(415), "unsupported-media-type");
    let large = upload(&project, "a.txt", vec![b'a'; 50 * 1024 * 1024 + 1]).await;
    assert_eq!(large.problem(413), "body-too-large");
    assert_eq!(project.get(path).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_page_that_holds_no_text_fails_in_its_job_with_the_reason() {
    let (_app, project) = start().await;
    let (id, job) = taken_in(&project, "a.html", "<html><body><script>x()</script></body></html>").await;
    assert_eq!((&job["status"], &job["attempt"]), (&json!("failed"), &json!(1)), "{job}");
    let document = project.get(&format!("/api/v1/knowledge/documents/{id}")).await.expect(200);
    assert_eq!((&document["status"], &document["error"]), (&json!("failed"), &json!("the file holds no text")));
}

#[tokio::test]
async fn malformed_questions_are_refused_by_field() {
    let (_app, project) = start().await;
    for (body, field) in [
        (json!({}), "query"),
        (json!({ "query": " " }), "query"),
        (json!({ "query": "x", "limit": 0 }), "limit"),
        (json!({ "query": "x", "limit": 51 }), "limit"),
        (json!({ "query": "x", "mode": "magic" }), "mode"),
        (json!({ "query": "x", "group": "none" }), "group"),
        (json!({ "query": "x", "page": 0 }), "page"),
        (json!({ "query": "x", "diversity": 1.5 }), "diversity"),
        (json!({ "query": "x", "page": 51 }), "page"),
        (json!({ "query": "x", "origin": "moon" }), "origin"),
        (json!({ "query": "x", "tags": vec!["t"; 33] }), "tags"),
        (json!({ "query": "x", "tags": ["a\nb"] }), "tags"),
        (json!({ "query": "x", "since": "yesterday" }), "since"),
        (json!({ "query": "x", "until": "2026-01-01" }), "until"),
        (json!({ "query": "x", "project_id": 1 }), "project_id"),
    ] {
        let reply = project.post("/api/v1/knowledge/query", body).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
    }
    for query in ["page=0", "limit=101", "sort=size", "status=lost", "origin=moon"] {
        assert_eq!(project.get(&format!("/api/v1/knowledge/documents?{query}")).await.problem(422), "validation", "{query}");
    }
    for nothing in ["\"", "* OR NEAR(", "'; DROP TABLE knowledge_chunks; --"] {
        ask(&project, json!({ "query": nothing })).await;
    }
}

#[tokio::test]
async fn another_project_a_stranger_and_a_viewer_get_no_further() {
    let (app, project) = start().await;
    let (id, _) = taken_in(&project, "secret.txt", "The code word is swordfish.").await;
    let eve = app.user("eve").await.project("beta").await;
    assert_eq!(ask(&eve, json!({ "query": "swordfish" })).await["items"], json!([]));
    assert_eq!(eve.get("/api/v1/knowledge/documents").await.expect(200)["total"], 0);
    let document = format!("/api/v1/knowledge/documents/{id}");
    assert_eq!(eve.get(&document).await.problem(404), "document-not-found");
    assert_eq!(eve.get(&format!("{document}/chunks")).await.problem(404), "document-not-found");
    assert_eq!(eve.delete(&document).await.problem(404), "document-not-found");
    let intruder = eve.client.in_project(project.id);
    for path in ["/documents", "/statistics", "/categories", "/collections"] {
        let path = format!("/api/v1/knowledge{path}");
        assert_eq!(intruder.get(&path).await.problem(404), "project-not-found");
        assert_eq!(app.anonymous().in_project(project.id).get(&path).await.status, 401);
    }
    assert_eq!(app.anonymous().post("/api/v1/knowledge/query", json!({ "query": "x" })).await.status, 401);
    let viewer = app.user("vic").await;
    let member = json!({ "email": "vic@example.com", "role": "viewer" });
    let _ = project.post(&format!("/api/v1/projects/{}/members", project.id), member).await.expect(201);
    let viewer = Project { client: viewer.client.in_project(project.id), id: project.id };
    assert_eq!(ask(&viewer, json!({ "query": "swordfish" })).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(upload(&viewer, "b.txt", "text").await.problem(403), "role-too-low");
    assert_eq!(viewer.delete(&document).await.problem(403), "role-too-low");
}

#[tokio::test]
async fn a_question_takes_few_statements_however_many_hits() {
    let (app, project) = start().await;
    for n in 0..12 {
        taken_in(&project, &format!("{n}.txt"), format!("Heron number {n} was seen at the lake.")).await;
    }
    ask(&project, json!({ "query": "warm the cache for herons" })).await;
    // Rights, revision, words, passages; the job engine may look at its queue once meanwhile.
    let (statements, answer) = app.statements_of(ask(&project, json!({ "query": "heron at the lake", "limit": 10 }))).await;
    assert_eq!(answer["items"].as_array().unwrap().len(), 10);
    assert!(statements <= 7, "{statements} statements");
}
