//! Documents that are pushed.

use commandcenter_testkit::Reply;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{PATH, finished, make, start, titles};

const SECRET: &str = "a secret of some length";

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}

#[tokio::test]
async fn a_push_proves_itself_and_becomes_a_document() {
    let (app, project) = start(&[]).await;
    let reply = project.post(PATH, json!({ "name": "CI", "type": "webhook", "secret": SECRET })).await;
    assert!(!reply.text.contains(SECRET), "{}", reply.text);
    let id = reply.expect(201)["id"].as_i64().unwrap();
    let stranger = app.anonymous();
    let push = |source: i64, body: Value, header: (&'static str, String)| {
        let stranger = stranger.clone();
        async move {
            let request = stranger.request(reqwest::Method::POST, &format!("/api/v1/ingest/generic?source_id={source}"));
            let request = request.header("content-type", "application/json").header(header.0, header.1);
            let reply: Reply = stranger.send(request.body(body.to_string())).await;
            reply
        }
    };
    let body = json!({ "title": "Build 7", "content": "# Build 7\n\nThe capybara release.", "url": "https://ci.example.com/7" });
    let signed = signature(body.to_string().as_bytes());
    let accepted = push(id, body.clone(), ("x-hub-signature-256", signed.clone())).await.expect(202);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(finished(&project, &accepted["job_id"]).await["status"], "completed");
    assert_eq!(titles(&project, "capybara").await, ["Build 7"]);

    let again = json!({ "title": "Build 7", "content": "# Build 7\n\nThe tapir release.", "url": "https://ci.example.com/7" });
    let second = push(id, again, ("x-api-key", SECRET.to_owned())).await.expect(202);
    assert_eq!(second["document_id"], accepted["document_id"], "the same document, a new version");
    finished(&project, &second["job_id"]).await;
    assert!(titles(&project, "capybara").await.is_empty());

    let mut changed = body.clone();
    changed["title"] = json!("Build 8");
    for (source, body, header) in [
        (id, changed, ("x-signature-256", signed.clone())),
        (id, body.clone(), ("x-api-key", format!("{SECRET}x"))),
        (id, body.clone(), ("x-api-key", String::new())),
        (id, body.clone(), ("x-other", SECRET.to_owned())),
        (id + 1, body.clone(), ("x-api-key", SECRET.to_owned())),
    ] {
        assert_eq!(push(source, body, header).await.problem(401), "signature-invalid");
    }
    for wrong in [
        json!({ "title": "x" }),
        json!({ "title": "", "content": "x" }),
        json!({ "title": "x", "content": "y", "url": "ftp://x" }),
        json!([1]),
    ] {
        assert_eq!(push(id, wrong, ("x-api-key", SECRET.to_owned())).await.problem(422), "validation");
    }
    project.put(&format!("{PATH}/{id}"), json!({ "enabled": false })).await.expect(200);
    assert_eq!(push(id, body, ("x-api-key", SECRET.to_owned())).await.problem(409), "source-paused");
}

#[tokio::test]
async fn a_source_that_is_read_takes_no_push() {
    let (app, project) = start(&[]).await;
    let id = make(&project, json!({ "name": "Feed", "type": "rss", "url": "http://example.com/feed" })).await;
    let request = app.anonymous().request(reqwest::Method::POST, &format!("/api/v1/ingest/generic?source_id={id}"));
    let reply = app.anonymous().send(request.header("x-api-key", "").json(&json!({ "title": "a", "content": "b" }))).await;
    assert_eq!(reply.problem(401), "signature-invalid");
}
