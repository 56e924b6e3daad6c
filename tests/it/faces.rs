//! What belongs to no resource: health, metrics, the document, unknown paths, headers.

use std::time::Duration;

use commandcenter_testkit::{Gate, TestApp, redis_url};
use reqwest::Method;

#[tokio::test]
async fn health_needs_no_credentials_and_tells_the_parts() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(client.get(path).await.expect(200)["status"], "ok", "{path}");
    }
    let parts = client.get("/health/detailed").await.expect(200);
    assert_eq!(parts["components"]["database"]["status"], "healthy");
    assert!(parts["components"]["redis"].is_null(), "it is not configured here");
}

#[tokio::test]
async fn redis_is_a_part_where_it_is_configured_and_its_loss_only_degrades() {
    let Some(url) = redis_url() else { return };
    let (mut gate, through) = Gate::before_redis(&url).await;
    let app = TestApp::start_with(&[("REDIS_URL", &through)]).await;
    let client = app.anonymous();
    let until = async |wanted: &str| {
        let seen = async { while client.get("/health/detailed").await.expect(200)["components"]["redis"]["status"] != wanted {} };
        tokio::time::timeout(Duration::from_secs(20), seen).await.expect(wanted);
    };
    until("healthy").await;
    gate.shut().await;
    until("degraded").await;
    let whole = client.get("/health/detailed").await;
    assert_eq!(whole.body["components"]["redis"]["listening"], false);
    assert!(!whole.text.contains(&through), "{}", whole.text);
    app.user("ann").await.project("alpha").await.get("/api/v1/jobs").await.expect(200);
    gate.open().await;
    until("healthy").await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    assert_eq!(client.get("/api/v1/nothing-here").await.problem(404), "not-found");
    let wrong = client.send(client.request(Method::DELETE, "/health/live")).await;
    assert_eq!(wrong.problem(405), "method-not-allowed");
    assert_eq!(wrong.header("allow"), Some("GET"));
}

#[tokio::test]
async fn every_answer_carries_security_headers_and_the_request_id() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let kept = client.send(client.request(Method::GET, "/health").header("x-request-id", "abc-1.2_3")).await;
    assert_eq!(kept.header("x-request-id"), Some("abc-1.2_3"));
    assert_eq!(kept.header("x-content-type-options"), Some("nosniff"));
    let made = client.send(client.request(Method::GET, "/api/v1/nope").header("x-request-id", "no spaces allowed")).await;
    assert_ne!(made.header("x-request-id"), Some("no spaces allowed"));
    assert_eq!(made.header("x-request-id"), made.body["request_id"].as_str());
    assert!(made.header("content-security-policy").is_some());
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_the_browser_for_it_is_served() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let document = client.get("/openapi.json").await.expect(200);
    assert_eq!(document["openapi"].as_str().map(|v| v.starts_with("3.1")), Some(true));
    assert_eq!(client.get("/docs/").await.status, 200);
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values()).filter(|operation| operation["responses"].is_object());
    let mut names: Vec<_> = operations.map(|operation| operation["operationId"].as_str().expect("every operation has a name")).collect();
    let total = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), total, "operations have names of their own");
}
