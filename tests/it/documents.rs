//! Documents of every kind through the public doors: many at once, in versions, filed anew.

use std::time::Duration;

use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::fixture::{docx, pdf};

const PATH: &str = "/api/v1/knowledge/documents";
/// How long reading a document may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

async fn start() -> (TestApp, Project) {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    (app, project)
}

async fn finished(project: &Project, job: &Value) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let job = project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if !["pending", "running", "retrying"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < deadline, "never finished: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Uploads a file and waits until it is read; its document and the finished job.
async fn taken_in(project: &Project, name: &str, content: impl Into<Vec<u8>>) -> (Value, Value) {
    let accepted = project.upload(PATH, (name, content.into()), &[("category", "guides")]).await.expect(202);
    let job = finished(project, &accepted["job_id"]).await;
    let document = project.get(&format!("{PATH}/{}", accepted["document_id"])).await.expect(200);
    (document, job)
}

async fn best(project: &Project, query: &str) -> Value {
    project.post("/api/v1/knowledge/query", json!({ "query": query, "mode": "lexical" })).await.body["items"][0].clone()
}

#[tokio::test]
async fn documents_of_many_kinds_are_read_and_found_under_their_headings() {
    let (_app, project) = start().await;
    let heading = |text: &str| format!(r#"<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#);
    let body = format!("{}<w:p><w:r><w:t>The walrus rests on the ice.</w:t></w:r></w:p>", heading("Animals"));
    let cases: [(&str, Vec<u8>, &str, &str, Value); 5] = [
        (
            "report.docx",
            docx(&body),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "walrus",
            json!(["Animals"]),
        ),
        (
            "paper.txt",
            pdf(&["A capybara swims.".to_owned(), "An ocelot climbs.".to_owned()]),
            "application/pdf",
            "ocelot",
            json!(["Page 2"]),
        ),
        ("birds.csv", b"name,place\nheron,water\nkestrel,air\n".to_vec(), "text/csv", "kestrel", json!([])),
        ("conf.json", br#"{"server": {"limits": {"wombats": [{"n": 1}]}}}"#.to_vec(), "application/json", "wombats", Value::Null),
        (
            "lib.rs",
            b"/// Counts axolotls.\npub fn count_axolotls(n: u8) -> u8 {\n    n\n}\n".to_vec(),
            "text/x-source-code",
            "axolotls",
            json!(["count_axolotls"]),
        ),
    ];
    for (name, bytes, kind, word, path) in cases {
        let (document, job) = taken_in(&project, name, bytes).await;
        assert_eq!((&job["status"], &document["content_type"]), (&json!("completed"), &json!(kind)), "{name}: {job}");
        let hit = best(&project, word).await;
        assert_eq!(hit["document_id"], document["id"], "{name}: {hit}");
        assert!(path.is_null() || hit["heading_path"] == path, "{name}: {hit}");
    }
}

#[tokio::test]
async fn what_was_guessed_on_the_way_is_told() {
    let (_app, project) = start().await;
    let german = "Größe und Maß werden in diesem Text über viele Wörter hinweg erklärt, damit die Sprache erkannt werden kann und nichts verloren geht.";
    let latin: Vec<u8> = german.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let (document, _) = taken_in(&project, "alt.txt", latin).await;
    assert_eq!((&document["content"], &document["language"]), (&json!(german), &json!("de")));
    assert!(document["warnings"][0].as_str().unwrap().contains("Latin-1"), "{document}");
    let versions = project.get(&format!("{PATH}/{}/versions", document["id"])).await.expect(200);
    assert_eq!(versions["items"][0]["warnings"], document["warnings"]);
}

#[tokio::test]
async fn many_files_at_once_have_a_result_each() {
    let (_app, project) = start().await;
    let files = vec![
        ("a.md", b"# A\n\nFirst.".to_vec()),
        ("b.png", b"\x89PNG\r\n".to_vec()),
        ("c.txt", Vec::new()),
        ("d.txt", b"Last words.".to_vec()),
    ];
    let reply = project.upload_many(PATH, files, &[("category", "guides")]).await.expect(202);
    let items = reply["items"].as_array().unwrap();
    let slugs: Vec<_> =
        items.iter().map(|item| item["problem"]["type"].as_str().unwrap_or("-").rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(slugs, ["-", "document-kind-unsupported", "document-empty", "-"], "{reply}");
    for item in [&items[0], &items[3]] {
        assert_eq!(finished(&project, &item["job_id"]).await["status"], "completed");
    }
    assert_eq!(project.get(PATH).await.expect(200)["total"], 2);

    let refused = project.upload_many(PATH, vec![("a.md", Vec::new()), ("b.md", Vec::new())], &[("category", "x")]).await;
    assert_eq!(refused.problem(422), "upload-refused");
    assert_eq!(refused.body["errors"][1]["field"], "file[1]");
    let titled =
        project.upload_many(PATH, vec![("a.md", b"x".to_vec()), ("b.md", b"y".to_vec())], &[("category", "x"), ("title", "T")]).await;
    assert_eq!(titled.problem(422), "validation");
}

#[tokio::test]
async fn a_file_past_the_limit_is_refused_and_what_comes_behind_it_is_taken() {
    let app = TestApp::start_with(&[("COMMANDCENTER_DOCUMENTS__MAX_FILE", "1MiB")]).await;
    let project = app.user("ann").await.project("alpha").await;
    let files = vec![("large.txt", vec![b'a'; 3 << 20]), ("small.txt", b"A small one.".to_vec())];
    let reply = project.upload_many(PATH, files, &[("category", "guides")]).await.expect(202);
    assert_eq!(reply["items"][0]["problem"]["status"], 413, "{reply}");
    assert_eq!(finished(&project, &reply["items"][1]["job_id"]).await["status"], "completed");
    let kept: Vec<_> = std::fs::read_dir(app.data.path().join("files").join(project.id.to_string())).unwrap().collect();
    assert!(kept.is_empty(), "nothing is left on the disk: {kept:?}");
}

#[tokio::test]
async fn a_large_file_arrives_whole_in_its_parts() {
    let (_app, project) = start().await;
    let line = |n: usize| format!("{{\"line\": {n}, \"word\": \"bandicoot{n}\"}}\n");
    let text: String = (0..60_000).map(line).collect();
    assert!(text.len() > 2 << 20);
    let accepted = project.upload(PATH, ("log.png.txt", text.clone().into_bytes()), &[("category", "x")]).await.expect(202);
    assert_eq!((&accepted["document"]["size"], &accepted["document"]["content_type"]), (&json!(text.len()), &json!("application/json")));
    project.post(&format!("/api/v1/jobs/{}/cancel", accepted["job_id"]), json!({})).await;
    finished(&project, &accepted["job_id"]).await;
}

#[tokio::test]
async fn two_uploads_of_one_file_at_once_are_one_document() {
    let (_app, project) = start().await;
    let upload = |content: &'static str| project.upload(PATH, ("same.md", content.as_bytes().to_vec()), &[("category", "guides")]);
    let (first, second, third) = tokio::join!(upload("# Same\n\nOne."), upload("# Same\n\nOne."), upload("# Same\n\nTwo."));
    let (first, second, third) = (first.expect(202), second.expect(202), third.expect(202));
    assert_eq!((&first["document_id"], &first["document_id"]), (&second["document_id"], &third["document_id"]));
    for job in [&first, &second, &third] {
        assert_eq!(finished(&project, &job["job_id"]).await["status"], "completed");
    }
    assert_eq!(project.get(PATH).await.expect(200)["total"], 1);
    let document = project.get(&format!("{PATH}/{}", first["document_id"])).await.expect(200);
    assert_eq!(document["status"], "indexed");
    let versions = project.get(&format!("{PATH}/{}/versions", first["document_id"])).await.expect(200);
    assert_eq!(versions["total"], document["version"], "each content counts once: {versions}");
}

#[tokio::test]
async fn a_changed_document_keeps_the_vectors_of_what_did_not_change() {
    let (_app, project) = start().await;
    let part = |name: &str, word: &str| {
        format!("## {name}\n\n{}\n\n", format!("The {word} of this part is described here at some length. ").repeat(12))
    };
    let text = |last: &str| format!("# Guide\n\n{}{}{}", part("One", "heron"), part("Two", "otter"), part("Three", last));
    let (document, first) = taken_in(&project, "guide.md", text("badger")).await;
    let (again, second) = taken_in(&project, "guide.md", text("marten")).await;
    assert_eq!((&again["id"], &again["version"]), (&document["id"], &json!(2)));
    let number = |job: &Value, name: &str| job["result"][name].as_u64().unwrap();
    assert_eq!(number(&first, "kept_vectors"), 0);
    if number(&first, "embedded_chunks") == 0 {
        println!("skipped: no model is there to make vectors");
        return;
    }
    assert_eq!(number(&second, "embedded_chunks"), number(&second, "chunks"), "every passage has its vector");
    let kept = number(&second, "kept_vectors");
    assert!(kept * 2 >= number(&second, "chunks") && kept < number(&second, "chunks"), "{second}");
}

#[tokio::test]
async fn a_document_is_filed_anew_and_its_given_title_stays() {
    let (_app, project) = start().await;
    let (document, _) = taken_in(&project, "a.md", "# Own title\n\nThe pangolin sleeps.").await;
    let path = format!("{PATH}/{}", document["id"]);
    let technology = project.post("/api/v1/technologies", json!({ "title": "Rust" })).await.expect(201)["id"].clone();
    let body = json!({ "title": " Pangolins ", "category": "animals", "tags": ["a", "b", "a"], "technology_id": technology });
    let edited = project.patch(&path, body).await.expect(200);
    let filed = (&edited["title"], &edited["category"], &edited["tags"], &edited["technology_id"]);
    assert_eq!(filed, (&json!("Pangolins"), &json!("animals"), &json!(["a", "b"]), &technology));
    assert_eq!(best(&project, "pangolins").await["title"], "Pangolins");
    let linked = json!({ "query": "pangolins", "technology_id": technology });
    let found = project.post("/api/v1/knowledge/query", linked).await.expect(200);
    assert_eq!(found["items"][0]["document_id"], document["id"], "a document is linked by itself too");
    let (newer, _) = taken_in(&project, "a.md", "# Another title\n\nThe pangolin wakes.").await;
    assert_eq!((&newer["title"], &newer["version"], &newer["technology_id"]), (&json!("Pangolins"), &json!(2), &technology));
    assert_eq!(project.patch(&path, json!({ "technology_id": null })).await.expect(200)["technology_id"], Value::Null);
    for refused in
        [json!({ "title": null }), json!({ "tags": ["x".repeat(70)] }), json!({ "technology_id": 99_999 }), json!({ "colour": 1 })]
    {
        assert_eq!(project.patch(&path, refused.clone()).await.problem(422), "validation", "{refused}");
    }
    assert_eq!(project.patch(&format!("{PATH}/99999"), json!({})).await.problem(404), "document-not-found");
}

#[tokio::test]
async fn a_viewer_reads_versions_and_files_nothing() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (document, _) = taken_in(&project, "a.md", "# A\n\nWords.").await;
    let viewer = app.user("vic").await;
    project.post(&format!("/api/v1/projects/{}/members", project.id), json!({ "user_id": viewer.id, "role": "viewer" })).await.expect(201);
    let viewer = viewer.client.in_project(project.id);
    let path = format!("{PATH}/{}", document["id"]);
    let versions = viewer.get(&format!("{path}/versions")).await.expect(200);
    assert_eq!((&versions["total"], &versions["items"][0]["content_hash"]), (&json!(1), &document["content_hash"]));
    assert!(versions["items"][0]["added_by"].is_i64() && versions["items"][0]["indexed_at"].is_string(), "{versions}");
    assert_eq!(viewer.patch(&path, json!({ "title": "x" })).await.problem(403), "role-too-low");
    assert_eq!(viewer.upload(PATH, ("b.md", b"x".to_vec()), &[("category", "x")]).await.problem(403), "role-too-low");
}

#[tokio::test]
async fn an_upload_far_past_the_limit_is_refused_without_being_held_in_memory() {
    let app = TestApp::start_with(&[("COMMANDCENTER_RAG__MODEL_DIR", "no-model")]).await;
    let project = app.user("ann").await.project("alpha").await;
    let Some(before) = peak() else {
        println!("skipped: this system does not tell the peak of a process's memory");
        return;
    };
    let pieces = (0..3200).map(|_| Ok::<_, std::io::Error>(vec![b'a'; 64 << 10]));
    let file = reqwest::multipart::Part::stream(reqwest::Body::wrap_stream(futures::stream::iter(pieces))).file_name("huge.txt");
    let form = reqwest::multipart::Form::new().text("category", "x").part("file", file);
    // The server reads on for a while, so that most clients see the answer.
    if let Some(refused) = project.try_send(project.request(reqwest::Method::POST, PATH).multipart(form)).await {
        assert_eq!(refused.problem(413), "body-too-large", "200 MiB against a limit of 50 MiB");
    }
    let grown = peak().unwrap() - before;
    assert!(grown < 64 << 10, "receiving it took {grown} KiB at the most, server and client together");
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0);
    let kept: Vec<_> = std::fs::read_dir(app.data.path().join("files").join(project.id.to_string())).unwrap().collect();
    assert!(kept.is_empty(), "nothing is left on the disk: {kept:?}");
}

/// The most memory that this process has ever had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
