//! Logging in, staying logged in, logging out.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::json;
use wiremock::matchers::{body_json, header, method};
use wiremock::{Mock, MockServer};

use crate::run::{Home, answer, api, list, server};

fn pair(access: &str, refresh: &str) -> serde_json::Value {
    json!({ "access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": 900 })
}

const PASSWORD: (&str, &str) = ("COMMANDCENTER_PASSWORD", "correct horse");

#[tokio::test]
async fn a_login_is_kept_privately_and_used_by_later_commands() {
    let server = MockServer::start().await;
    let login = json!({ "email": "ann@example.com", "password": "correct horse" });
    Mock::given(method("POST"))
        .and(api("/auth/login"))
        .and(body_json(login))
        .respond_with(answer(200, &pair("a1", "r1")))
        .mount(&server)
        .await;
    let projects = list(&json!([{ "id": 7, "name": "Radar", "owner": "ann", "role": "owner" }]));
    Mock::given(method("GET"))
        .and(api("/projects"))
        .and(header("authorization", "Bearer a1"))
        .respond_with(answer(200, &projects))
        .mount(&server)
        .await;
    let home = Home::of(server.uri());

    let ended = home.run_with(&["login", "--email", "ann@example.com"], &[PASSWORD]).await.expect(0);
    assert!(ended.out.contains("ann@example.com") && !ended.out.contains("a1"), "{}", ended.out);
    let mode = std::fs::metadata(home.credentials()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!home.kept().to_string().contains("correct horse"));
    home.run(&["projects", "list"]).await.expect(0);
}

#[tokio::test]
async fn registering_logs_in() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(api("/auth/register")).respond_with(answer(201, &json!({ "id": 1 }))).mount(&server).await;
    Mock::given(method("POST")).and(api("/auth/login")).respond_with(answer(200, &pair("a1", "r1"))).mount(&server).await;
    let home = Home::of(server.uri());
    home.run_with(&["register", "--email", "ann@example.com"], &[PASSWORD]).await.expect(0);
    assert_eq!(home.kept()["servers"][server.uri()]["access_token"], "a1");
}

#[tokio::test]
async fn a_wrong_password_says_so_and_keeps_nothing() {
    let problem = json!({ "title": "Unauthorized", "detail": "wrong address or password", "status": 401 });
    let server = server("POST", "/auth/login", answer(401, &problem)).await;
    let home = Home::of(server.uri());
    let ended = home.run_with(&["login", "--email", "ann@example.com"], &[PASSWORD]).await.expect(3);
    assert!(ended.err.contains("wrong address or password"), "{}", ended.err);
    assert!(!home.credentials().exists());
}

#[tokio::test]
async fn without_a_terminal_a_password_is_not_waited_for() {
    let home = Home::of("http://127.0.0.1:1");
    home.run(&["login", "--email", "ann@example.com"]).await.expect(2);
    home.run(&["login"]).await.expect(2);
}

/// A server that only takes the access token `new`, which it gives once for `refresh-1`.
async fn refreshing() -> MockServer {
    let server = MockServer::start().await;
    let projects = list(&json!([{ "id": 7, "name": "Radar" }]));
    Mock::given(method("GET"))
        .and(api("/projects"))
        .and(header("authorization", "Bearer new"))
        .respond_with(answer(200, &projects))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(api("/projects"))
        .respond_with(answer(401, &json!({ "title": "Unauthorized" })))
        .with_priority(9)
        .mount(&server)
        .await;
    let refreshed = answer(200, &pair("new", "refresh-2")).set_delay(Duration::from_millis(300));
    Mock::given(method("POST"))
        .and(api("/auth/refresh"))
        .and(body_json(json!({ "refresh_token": "refresh-1" })))
        .respond_with(refreshed)
        .expect(1)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn an_expired_login_is_refreshed_unseen() {
    let server = refreshing().await;
    let home = Home::logged_in(&server.uri());
    home.run(&["projects", "list"]).await.expect(0);
    let kept = &home.kept()["servers"][server.uri()];
    assert_eq!((&kept["access_token"], &kept["refresh_token"], &kept["project"]), (&json!("new"), &json!("refresh-2"), &json!(7)));
}

#[tokio::test]
async fn two_commands_at_once_spend_a_refresh_token_once() {
    let server = refreshing().await;
    let home = Home::logged_in(&server.uri());
    let (one, two) = tokio::join!(home.run(&["projects", "list"]), home.run(&["projects", "list"]));
    one.expect(0);
    two.expect(0);
}

#[tokio::test]
async fn an_ended_session_asks_for_a_login() {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(answer(401, &json!({ "title": "Unauthorized" }))).mount(&server).await;
    let ended = Home::logged_in(&server.uri()).run(&["projects", "list"]).await.expect(3);
    assert!(ended.err.contains("commandcenter login"), "{}", ended.err);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_forgets_it() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(api("/auth/logout")).respond_with(wiremock::ResponseTemplate::new(204)).expect(1).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    home.run(&["logout"]).await.expect(0);
    assert_eq!(home.kept()["servers"], json!({}));
}

#[tokio::test]
async fn a_key_needs_no_login_and_names_no_project() {
    let server = MockServer::start().await;
    let repositories = answer(200, &list(&json!([])));
    Mock::given(method("GET"))
        .and(api("/repositories"))
        .and(header("authorization", "Bearer cck_1"))
        .respond_with(repositories)
        .mount(&server)
        .await;
    let home = Home::logged_in(&server.uri());
    home.run_with(&["repos", "list"], &[("COMMANDCENTER_TOKEN", "cck_1")]).await.expect(0);
    let requests = server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| !request.headers.contains_key("x-project-id")));
}
