//! `Idempotency-Key`: what a client sees when it sends something twice.

use std::time::Duration;

use commandcenter_testkit::{Client, Reply, TestApp};
use futures::stream;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

const TECHNOLOGIES: &str = "/api/v1/technologies";
const TASKS: &str = "/api/v1/research-tasks";
const PROJECTS: &str = "/api/v1/projects";
const DOCUMENTS: &str = "/api/v1/knowledge/documents";

async fn post(client: &Client, path: &str, key: &str, body: Value) -> Reply {
    client.send(client.request(Method::POST, path).header("idempotency-key", key).json(&body)).await
}

async fn upload(client: &Client, key: &str, content: &str) -> Reply {
    let part = reqwest::multipart::Part::text(content.to_owned()).file_name("guide.md");
    let form = reqwest::multipart::Form::new().text("category", "guides").part("file", part);
    client.send(client.request(Method::POST, DOCUMENTS).header("idempotency-key", key).multipart(form)).await
}

async fn total(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200)["total"].clone()
}

/// Rows of the table of attempts.
async fn attempts(app: &TestApp) -> i64 {
    let db = app.db.connection();
    let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) AS n FROM idempotency_keys");
    db.query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn until_attempts(app: &TestApp, wanted: i64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while attempts(app).await != wanted {
        assert!(Instant::now() < deadline, "never {wanted} attempts");
        sleep(Duration::from_millis(10)).await;
    }
}

fn assert_replay(again: &Reply, first: &Reply) {
    assert_eq!((again.status, &again.text, &again.content_type), (first.status, &first.text, &first.content_type));
    for name in ["location", "etag"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
}

/// A body that is sent but for its end, which follows when told.
fn halting(text: &'static str) -> (reqwest::Body, oneshot::Sender<()>) {
    let (go, told) = oneshot::channel::<()>();
    let (head, tail) = text.split_at(text.len() / 2);
    let end = async move {
        told.await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(tail)
    };
    let parts = futures::StreamExt::chain(stream::once(async move { Ok(head) }), stream::once(end));
    (reqwest::Body::wrap_stream(parts), go)
}

#[tokio::test]
async fn the_same_again_gets_the_first_answer_and_creates_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let alpha = ann.project("alpha").await;
    let first = post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert!(first.header("location").is_some() && first.header("etag").is_some());
    for _ in 0..2 {
        assert_replay(&post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await, &first);
    }
    assert_eq!(total(&alpha, TECHNOLOGIES).await, 1);
    post(&alpha, TECHNOLOGIES, "key-2", json!({ "title": "Rust" })).await.problem(409);
    let made = post(&ann, PROJECTS, "key-1", json!({ "name": "beta" })).await;
    assert_replay(&post(&ann, PROJECTS, "key-1", json!({ "name": "beta" })).await, &made);
    assert_eq!(total(&ann, PROJECTS).await, 2);
}

#[tokio::test]
async fn another_body_with_the_same_key_is_refused() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let first = post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await;
    assert_eq!(post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Go" })).await.problem(422), "idempotency-key-reused");
    assert_eq!(post(&alpha, TECHNOLOGIES, "key-1", Value::Null).await.problem(422), "idempotency-key-reused");
    assert_eq!(total(&alpha, TECHNOLOGIES).await, 1);
    assert_replay(&post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await, &first);
}

#[tokio::test]
async fn users_keys_projects_and_paths_have_keys_of_their_own() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    ann.post(&format!("{PROJECTS}/{}/members", alpha.id), json!({ "user_id": bob.id, "role": "member" })).await.expect(201);
    post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await.expect(201);
    post(&beta, TECHNOLOGIES, "key-1", json!({ "title": "Go" })).await.expect(201);
    post(&bob.in_project(alpha.id), TECHNOLOGIES, "key-1", json!({ "title": "Zig" })).await.expect(201);
    post(&alpha, TASKS, "key-1", json!({ "title": "Rust" })).await.expect(201);
    let made = ann.post(&format!("{PROJECTS}/{}/api-keys", alpha.id), json!({ "name": "ci" })).await.expect(201);
    let key = app.anonymous().with_token(made["key"].as_str().unwrap());
    post(&key, TECHNOLOGIES, "key-1", json!({ "title": "C" })).await.expect(201);
    assert_eq!((total(&alpha, TECHNOLOGIES).await, total(&beta, TECHNOLOGIES).await), (json!(3), json!(1)));
    let again = app.login("ann@example.com").await.client.in_project(alpha.id);
    let replayed = post(&again, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await;
    assert_eq!(replayed.header("idempotency-replayed"), Some("true"), "another session of the same account");
    assert_eq!(post(&bob.in_project(beta.id), TECHNOLOGIES, "key-1", json!({ "title": "Go" })).await.problem(404), "project-not-found");
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let body = json!({ "title": "Try Rust" });
    let sent = (0..6).map(|_| post(&alpha, TASKS, "key-1", body.clone()));
    let replies = futures::future::join_all(sent).await;
    let fresh = replies.iter().filter(|reply| reply.status == 201 && reply.header("idempotency-replayed").is_none()).count();
    assert_eq!(fresh, 1);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(reply.problem(409), "idempotency-in-progress");
    }
    assert_eq!(total(&alpha, TASKS).await, 1);
}

#[tokio::test]
async fn while_the_first_is_carried_out_the_second_is_told_to_wait() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let (body, go) = halting(r#"{"title":"Rust"}"#);
    let request = alpha.request(Method::POST, TECHNOLOGIES).header("idempotency-key", "key-1");
    let client = alpha.client.clone();
    let first = tokio::spawn(async move { client.send(request.header("content-type", "application/json").body(body)).await });
    until_attempts(&app, 1).await;
    let second = post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await;
    assert_eq!(second.problem(409), "idempotency-in-progress");
    assert_eq!(second.header("retry-after"), Some("1"));
    go.send(()).unwrap();
    let first = first.await.unwrap();
    assert_eq!(first.status, 201, "{}", first.text);
    assert_replay(&post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await, &first);
}

#[tokio::test]
async fn a_client_that_hangs_up_midway_may_try_again() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let (body, go) = halting(r#"{"title":"Rust"}"#);
    let request = alpha.request(Method::POST, TECHNOLOGIES).header("idempotency-key", "key-1");
    let client = alpha.client.clone();
    let first = tokio::spawn(async move { client.try_send(request.header("content-type", "application/json").body(body)).await });
    until_attempts(&app, 1).await;
    drop(go);
    assert!(first.await.unwrap().is_none_or(|reply| reply.status == 400));
    until_attempts(&app, 0).await;
    post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await.expect(201);
}

#[tokio::test]
async fn what_failed_or_was_refused_may_be_tried_again_with_the_same_key() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let db = app.db.connection();
    db.execute_unprepared("ALTER TABLE audit_entries RENAME TO away").await.unwrap();
    assert_eq!(post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await.problem(500), "internal");
    db.execute_unprepared("ALTER TABLE away RENAME TO audit_entries").await.unwrap();
    assert_eq!(post(&alpha, TECHNOLOGIES, "key-1", json!({ "titel": "Rust" })).await.problem(422), "validation");
    assert_eq!(post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "" })).await.problem(422), "validation");
    assert_eq!(attempts(&app).await, 0);
    let made = post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await;
    assert_eq!((made.status, made.header("idempotency-replayed")), (201, None), "{}", made.text);
}

#[tokio::test]
async fn a_conflict_and_an_absent_parent_are_outcomes() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let id = alpha.post(TECHNOLOGIES, json!({ "title": "Rust" })).await.expect(201)["id"].clone();
    let first = post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await;
    assert_eq!(first.problem(409), "technology-title-taken");
    alpha.delete(&format!("{TECHNOLOGIES}/{id}")).await.expect(204);
    assert_replay(&post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Rust" })).await, &first);
    let sync = "/api/v1/repositories/4711/sync";
    let absent = post(&alpha, sync, "key-1", json!({})).await;
    assert_eq!(absent.problem(404), "repository-not-found");
    assert_replay(&post(&alpha, sync, "key-1", json!({})).await, &absent);
}

#[tokio::test]
async fn strangers_reach_no_attempt() {
    let app = TestApp::start().await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let alpha = ann.project("alpha").await;
    let body = json!({ "title": "Rust" });
    assert_eq!(post(&app.anonymous(), TECHNOLOGIES, "key-1", body.clone()).await.problem(401), "unauthenticated");
    assert_eq!(post(&eve.in_project(alpha.id), TECHNOLOGIES, "key-1", body.clone()).await.problem(404), "project-not-found");
    assert_eq!(post(&ann, TECHNOLOGIES, "key-1", body).await.problem(400), "project-required");
    assert_eq!(attempts(&app).await, 0);
}

#[tokio::test]
async fn a_key_is_visible_ascii_of_at_most_255_characters() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let body = json!({ "title": "Rust" });
    for bad in ["", "two words", &"k".repeat(256)] {
        let reply = post(&alpha, TECHNOLOGIES, bad, body.clone()).await;
        assert_eq!((reply.problem(422), &reply.body["errors"][0]["field"]), ("validation", &json!("Idempotency-Key")), "{bad}");
    }
    let twice = alpha.request(Method::POST, TECHNOLOGIES).header("idempotency-key", "a").header("idempotency-key", "b");
    assert_eq!(alpha.send(twice.json(&body)).await.body["errors"][0]["code"], "repeated");
    post(&alpha, TECHNOLOGIES, &"k".repeat(255), body).await.expect(201);
}

#[tokio::test]
async fn an_upload_is_recognised_whatever_the_boundary_of_its_form() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let first = upload(&alpha, "key-1", "# Guide\n\nText.\n").await;
    assert_eq!(first.status, 202, "{}", first.text);
    assert_replay(&upload(&alpha, "key-1", "# Guide\n\nText.\n").await, &first);
    assert_eq!(upload(&alpha, "key-1", "# Guide\n\nOther text.\n").await.problem(422), "idempotency-key-reused");
    assert_eq!((total(&alpha, DOCUMENTS).await, total(&alpha, "/api/v1/jobs").await), (json!(1), json!(1)));
    let task = alpha.post(TASKS, json!({ "title": "Read" })).await.expect(201)["id"].clone();
    let path = format!("{TASKS}/{task}/documents");
    let attach = || async {
        let form = reqwest::multipart::Form::new().part("file", reqwest::multipart::Part::bytes(vec![7; 300_000]).file_name("a.bin"));
        alpha.send(alpha.request(Method::POST, &path).header("idempotency-key", "key-1").multipart(form)).await
    };
    let first = attach().await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_replay(&attach().await, &first);
    assert_eq!(alpha.get(&path).await.expect(200)["documents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let body = json!({ "title": "Try Rust" });
    post(&alpha, TASKS, "key-1", body.clone()).await.expect(201);
    let a_day_later = "UPDATE idempotency_keys SET expires_at = '2020-01-01 00:00:00+00:00'";
    app.db.connection().execute_unprepared(a_day_later).await.unwrap();
    let again = post(&alpha, TASKS, "key-1", body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, None));
    assert_eq!((total(&alpha, TASKS).await, attempts(&app).await), (json!(2), 1));
}

#[tokio::test]
async fn a_made_key_is_given_again_and_lies_nowhere_in_clear() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let first = post(&ann, "/api/v1/auth/api-keys", "retry-of-mine", json!({ "name": "laptop" })).await;
    let secret = first.body["key"].as_str().unwrap().to_owned();
    assert_replay(&post(&ann, "/api/v1/auth/api-keys", "retry-of-mine", json!({ "name": "laptop" })).await, &first);
    assert_eq!(total(&ann, "/api/v1/auth/api-keys").await, 1);
    let db = app.db.connection();
    let rows = Statement::from_string(db.get_database_backend(), "SELECT slot, sealed FROM idempotency_keys");
    let row = db.query_one_raw(rows).await.unwrap().unwrap();
    let (slot, sealed): (String, Vec<u8>) = (row.try_get("", "slot").unwrap(), row.try_get("", "sealed").unwrap());
    assert!(!slot.contains("retry-of-mine"));
    assert!(!sealed.windows(8).any(|part| secret.as_bytes().windows(8).any(|clear| clear == part)));
    let made = app.anonymous().with_token(&secret);
    assert_eq!(post(&made, "/api/v1/auth/api-keys", "retry-of-mine", json!({ "name": "laptop" })).await.problem(403), "session-required");
}

#[tokio::test]
async fn tokens_are_new_each_time_and_other_operations_ignore_the_header() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let tickets =
        [post(&ann, "/api/v1/auth/ws-ticket", "key-1", json!({})).await, post(&ann, "/api/v1/auth/ws-ticket", "key-1", json!({})).await];
    let [one, other] = tickets.map(|reply| reply.expect(201)["ticket"].clone());
    assert_ne!(one, other);
    let alpha = ann.project("alpha").await;
    post(&alpha, "/api/v1/knowledge/query", "two words", json!({ "query": "x", "mode": "keyword" })).await.expect(200);
    assert_eq!(attempts(&app).await, 0);
}

#[tokio::test]
async fn without_the_header_nothing_is_stored_and_with_it_two_statements_more_are_run() {
    let app = TestApp::start().await;
    let alpha = app.user("ann").await.project("alpha").await;
    let (plain, reply) = app.statements_of(alpha.post(TECHNOLOGIES, json!({ "title": "Rust" }))).await;
    reply.expect(201);
    assert_eq!(attempts(&app).await, 0);
    let (keyed, reply) = app.statements_of(post(&alpha, TECHNOLOGIES, "key-1", json!({ "title": "Go" }))).await;
    reply.expect(201);
    assert_eq!(keyed, plain + 2);
}

/// A key that breaks its rules is refused where keys are honoured, whatever the body: so a documented operation that forgets them shows.
#[tokio::test]
async fn every_operation_that_documents_the_header_honours_it() {
    let app = TestApp::start().await;
    let alpha = app.login("root@example.com").await.project("alpha").await;
    let document = app.anonymous().get("/openapi.json").await.expect(200);
    for (path, item) in document["paths"].as_object().unwrap() {
        let names = item["post"]["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        if names.iter().any(|parameter| parameter["name"] == "Idempotency-Key") {
            let reply = post(&alpha, &path.replace("{id}", &alpha.id.to_string()), "two words", json!({})).await;
            assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!("Idempotency-Key")), "{path}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn the_document_has_the_header_on_what_creates_and_nowhere_else() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("/openapi.json").await.expect(200);
    let mut creating = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let names = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            let has_header = names.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
            let responses = &operation["responses"];
            let success = ["201", "202"].into_iter().find(|status| responses[status].is_object());
            // A key is somebody's: what is open to callers without a name knows none.
            let is_open = operation["security"] == json!([]) || operation["tags"] == json!(["auth"]);
            let creates = method == "post" && success.is_some() && !is_open;
            assert_eq!(has_header, creates, "{method} {path}");
            if let Some(success) = success.filter(|_| creates) {
                creating += 1;
                assert!(responses["409"]["description"].as_str().unwrap().contains("idempotency-in-progress"), "{path}");
                assert!(responses["422"]["description"].as_str().unwrap().contains("idempotency-key-reused"), "{path}");
                assert!(responses[success]["headers"]["idempotency-replayed"].is_object(), "{path}");
            }
        }
    }
    assert!(creating >= 10, "{creating}");
}
