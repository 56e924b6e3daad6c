//! What commands print, for people and for programs, and what they ask for.

use serde_json::json;
use wiremock::matchers::{body_json, header, method, query_param};
use wiremock::{Mock, MockServer};

use crate::run::{Home, answer, api, list, server};

#[tokio::test]
async fn a_list_is_a_table_for_people_and_the_envelope_for_programs() {
    let envelope = list(&json!([
        { "id": 1, "full_name": "octo-org/handbook", "language": "Rust", "stars": 12, "sync_status": "synced", "last_synced_at": "2026-01-02T03:04:05Z" },
        { "id": 2, "full_name": "octo-org/site", "language": null, "stars": 0, "sync_status": "never", "last_synced_at": null },
    ]));
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(api("/repositories"))
        .and(header("x-project-id", "7"))
        .respond_with(answer(200, &envelope))
        .mount(&server)
        .await;
    let home = Home::logged_in(&server.uri());

    let people = home.run(&["repos", "list"]).await.expect(0).out;
    for part in ["ID", "NAME", "octo-org/handbook", "2026-01-02 03:04:05", "2 in all"] {
        assert!(people.contains(part), "{part} is missing in\n{people}");
    }
    assert_eq!(home.run(&["repos", "list", "--json"]).await.expect(0).json(), envelope);
}

#[tokio::test]
async fn filters_and_pages_reach_the_server() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(api("/repositories"))
        .and(query_param("page", "2"))
        .and(query_param("limit", "5"))
        .and(query_param("sort", "-stars"))
        .and(query_param("language", "Rust"))
        .respond_with(answer(200, &list(&json!([]))))
        .mount(&server)
        .await;
    let arguments = ["repos", "list", "--page", "2", "--limit", "5", "--sort", "-stars", "--language", "Rust"];
    Home::logged_in(&server.uri()).run(&arguments).await.expect(0);
}

#[tokio::test]
async fn a_project_is_chosen_by_name_and_kept() {
    let server = MockServer::start().await;
    let projects = list(&json!([{ "id": 3, "name": "Other" }, { "id": 9, "name": "Radar" }]));
    Mock::given(method("GET")).and(api("/projects")).respond_with(answer(200, &projects)).mount(&server).await;
    Mock::given(method("GET")).and(api("/projects/9")).respond_with(answer(200, &json!({ "id": 9, "name": "Radar" }))).mount(&server).await;
    Mock::given(method("GET"))
        .and(api("/jobs"))
        .and(header("x-project-id", "9"))
        .respond_with(answer(200, &list(&json!([]))))
        .mount(&server)
        .await;
    let home = Home::logged_in(&server.uri());
    home.run(&["projects", "use", "Radar"]).await.expect(0);
    home.run(&["jobs", "list"]).await.expect(0);
    home.run(&["projects", "use", "Absent"]).await.expect(4);
    assert_eq!(home.kept()["servers"][server.uri()]["project"], 9);
}

#[tokio::test]
async fn a_repository_is_added_with_what_was_given() {
    let server = MockServer::start().await;
    let body = json!({ "owner": "octo-org", "name": "hand.book", "description": "Rules", "is_private": true });
    let added = json!({ "id": 4, "full_name": "octo-org/hand.book" });
    Mock::given(method("POST")).and(api("/repositories")).and(body_json(body)).respond_with(answer(201, &added)).mount(&server).await;
    let arguments = ["repos", "add", "octo-org/hand.book", "--description", "Rules", "--private", "--json"];
    assert_eq!(Home::logged_in(&server.uri()).run(&arguments).await.expect(0).json(), added);
}

#[tokio::test]
async fn a_search_shows_passages_and_says_when_it_is_degraded() {
    let hit = json!({
        "document_id": 5, "chunk_id": 50, "title": "Keys", "content": "Rotate the signing\nkeys yearly.", "score": 0.0325, "category": "docs",
        "source": "docs/keys.md", "span": { "start": 0, "end": 31 }, "heading_path": ["Keys", "Rotation"], "highlights": [{ "start": 0, "end": 6 }],
    });
    let body = json!({ "query": "how to rotate", "mode_used": "keyword", "degraded": true, "degraded_reason": "no model", "took_ms": 2, "items": [hit] });
    let server = MockServer::start().await;
    let asked = json!({ "query": "how to rotate", "limit": 3, "mode": "hybrid", "explain": false });
    Mock::given(method("POST")).and(api("/knowledge/query")).and(body_json(asked)).respond_with(answer(200, &body)).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    let people = home.run(&["search", "how", "to", "rotate", "--limit", "3"]).await.expect(0).out;
    for part in ["no model", "Keys › Rotation", "docs/keys.md", "Rotate the signing keys yearly.", "1 passage"] {
        assert!(people.contains(part), "{part} is missing in\n{people}");
    }
    assert_eq!(home.run(&["search", "how to rotate", "--limit", "3", "--json"]).await.expect(0).json(), body);
}

#[tokio::test]
async fn what_a_server_sends_cannot_steer_the_terminal() {
    let server = server("GET", "/projects", answer(200, &list(&json!([{ "id": 1, "name": "x\u{1b}[2J\u{7}" }])))).await;
    let people = Home::of(server.uri()).run(&["projects", "list"]).await.expect(0).out;
    assert!(!people.contains('\u{1b}') && !people.contains('\u{7}'), "{people:?}");
}
