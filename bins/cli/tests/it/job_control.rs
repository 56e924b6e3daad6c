//! Retrying, cancelling and discarding jobs, their queues and their logs.

use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer};

use crate::run::{Home, answer, api, list, server};

fn job(id: i64, status: &str) -> Value {
    json!({ "id": id, "job_type": "repository_sync", "queue": "sync", "status": status, "error": null })
}

/// A server whose operation takes this body for jobs of project 7 and counts three.
async fn counting(below: &str, body: Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(api(below))
        .and(header("x-project-id", "7"))
        .and(body_json(body))
        .respond_with(answer(200, &json!({ "count": 3 })))
        .expect(1)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn jobs_are_filtered_by_status_type_and_queue() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(api("/jobs"))
        .and(query_param("status", "failed"))
        .and(query_param("job_type", "repository_sync"))
        .and(query_param("queue", "sync"))
        .respond_with(answer(200, &list(&json!([job(5, "failed")]))))
        .mount(&server)
        .await;
    let arguments = ["jobs", "list", "--status", "failed", "--type", "repository_sync", "--queue", "sync"];
    let people = Home::logged_in(&server.uri()).run(&arguments).await.expect(0).out;
    assert!(people.contains("QUEUE") && people.contains("sync"), "{people}");
}

#[tokio::test]
async fn a_job_is_tried_again() {
    let server = server("POST", "/jobs/5/retry", answer(200, &job(5, "pending"))).await;
    let home = Home::logged_in(&server.uri());
    assert_eq!(home.run(&["jobs", "retry", "5"]).await.expect(0).out.trim(), "Job 5: pending.");
    assert_eq!(home.run(&["jobs", "retry", "5", "--json"]).await.expect(0).json()["status"], "pending");
}

#[tokio::test]
async fn several_jobs_are_all_tried_and_the_first_failure_counts() {
    let server = MockServer::start().await;
    let refusal = json!({ "title": "Conflict", "detail": "the job is running", "status": 409 });
    Mock::given(method("POST")).and(api("/jobs/5/retry")).respond_with(answer(409, &refusal)).mount(&server).await;
    Mock::given(method("POST")).and(api("/jobs/6/retry")).respond_with(answer(200, &job(6, "pending"))).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    let ended = home.run(&["jobs", "retry", "5", "6", "9"]).await.expect(1);
    assert!(ended.out.contains("Job 6: pending."), "{}", ended.out);
    assert!(ended.err.contains("job 5: Conflict") && ended.err.contains("job 9"), "{}", ended.err);
    assert_eq!(home.run(&["jobs", "retry", "5", "6", "--json"]).await.expect(1).json(), json!({ "items": [job(6, "pending")] }));
}

#[tokio::test]
async fn all_failed_jobs_of_a_type_are_tried_again() {
    let server = counting("/jobs/retry", json!({ "status": ["failed", "dead"], "job_type": "repository_sync" })).await;
    let arguments = ["jobs", "retry", "--all-failed", "--type", "repository_sync"];
    assert_eq!(Home::logged_in(&server.uri()).run(&arguments).await.expect(0).out.trim(), "3 jobs tried again.");
}

#[tokio::test]
async fn which_jobs_are_meant_must_be_said_and_said_once() {
    let home = Home::logged_in("http://127.0.0.1:9");
    for arguments in [
        &["jobs", "retry"][..],
        &["jobs", "cancel"],
        &["jobs", "retry", "5", "--all-failed"],
        &["jobs", "retry", "5", "--type", "repository_sync"],
        &["jobs", "cancel", "5", "--all"],
        &["jobs", "cancel", "5", "--status", "running"],
        &["jobs", "retry", "../users"],
        &["jobs", "queues", "pause", "../x"],
    ] {
        home.run(arguments).await.expect(2);
    }
}

#[tokio::test]
async fn cancelling_all_live_jobs_needs_a_person_or_yes() {
    let live = json!({ "status": ["pending", "running", "retrying"], "queue": "sync" });
    let server = counting("/jobs/cancel", live).await;
    Mock::given(method("GET")).and(api("/jobs")).respond_with(answer(200, &list(&json!([job(5, "pending")])))).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    let refused = home.run(&["jobs", "cancel", "--all", "--queue", "sync"]).await.expect(2);
    assert!(refused.err.contains("this cancels 3 jobs: give --yes"), "{}", refused.err);
    let done = home.run(&["jobs", "cancel", "--all", "--queue", "sync", "--yes", "--json"]).await.expect(0);
    assert_eq!(done.json(), json!({ "count": 3 }));
}

#[tokio::test]
async fn cancelling_keeps_to_a_status() {
    let server = counting("/jobs/cancel", json!({ "status": ["retrying"] })).await;
    Home::logged_in(&server.uri()).run(&["jobs", "cancel", "--all", "--status", "retrying", "--yes"]).await.expect(0);
}

#[tokio::test]
async fn dead_jobs_are_listed_tried_again_and_discarded() {
    let server = counting("/jobs/discard", json!({ "status": ["dead"], "ids": [5, 6] })).await;
    let again = body_json(json!({ "status": ["dead"], "job_type": "knowledge_ingest" }));
    Mock::given(method("POST")).and(api("/jobs/retry")).and(again).respond_with(answer(200, &json!({ "count": 1 }))).mount(&server).await;
    let mut dead = job(5, "dead");
    dead["error"] = "took too long".into();
    dead["error_class"] = "timeout".into();
    let found = answer(200, &list(&json!([dead])));
    Mock::given(method("GET")).and(api("/jobs")).and(query_param("status", "dead")).respond_with(found).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    let people = home.run(&["jobs", "dead"]).await.expect(0).out;
    assert!(people.contains("timeout") && people.contains("took too long"), "{people}");
    assert_eq!(home.run(&["jobs", "dead", "retry", "--type", "knowledge_ingest"]).await.expect(0).out.trim(), "1 job tried again.");
    home.run(&["jobs", "dead", "discard", "5", "6"]).await.expect(2);
    assert_eq!(home.run(&["jobs", "dead", "discard", "5", "6", "--yes"]).await.expect(0).out.trim(), "3 jobs discarded.");
}

#[tokio::test]
async fn queues_are_shown_and_one_is_paused() {
    let queue = json!({ "name": "sync", "paused": true, "ready": 12, "delayed": 3, "running": 2, "oldest_ready_seconds": 88, "finished_per_minute": 4.5, "workers": 2 });
    let server = server("GET", "/jobs/queues", answer(200, &json!({ "items": [queue] }))).await;
    Mock::given(method("POST")).and(api("/jobs/queues/sync/pause")).respond_with(answer(200, &queue)).mount(&server).await;
    let refusal = json!({ "type": "https://commandcenter.dev/problems/admin-required", "title": "Forbidden", "status": 403 });
    Mock::given(method("POST")).and(api("/jobs/queues/sync/resume")).respond_with(answer(403, &refusal)).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    let people = home.run(&["jobs", "queues"]).await.expect(0).out;
    for part in ["QUEUE", "sync", "yes", "12", "88", "4.5", "1 in all"] {
        assert!(people.contains(part), "{part} is missing in\n{people}");
    }
    assert_eq!(home.run(&["jobs", "queues", "pause", "sync"]).await.expect(0).out.trim(), "Queue sync is paused.");
    home.run(&["jobs", "queues", "resume", "sync"]).await.expect(1);
}

fn line(id: i64, message: &str) -> Value {
    json!({ "id": id, "at": "2026-01-02T03:04:05Z", "level": "info", "message": message })
}

/// A server whose job wrote two parts of a log and has ended as `end`.
async fn written(end: &str) -> MockServer {
    let server = server("GET", "/jobs/5", answer(200, &job(5, end))).await;
    let first = json!({ "items": [line(3, "reading"), line(4, "indexing")], "next_cursor": 4 });
    let last = json!({ "items": [line(9, "written")], "next_cursor": null });
    for (part, cursor) in [(first, None), (last, Some("4"))] {
        let asked = Mock::given(method("GET")).and(api("/jobs/5/logs"));
        let asked = match cursor {
            Some(cursor) => asked.and(query_param("cursor", cursor)),
            None => asked.and(query_param_is_missing("cursor")),
        };
        asked.respond_with(answer(200, &part)).mount(&server).await;
    }
    let nothing = json!({ "items": [], "next_cursor": null });
    let asked = Mock::given(method("GET")).and(api("/jobs/5/logs")).and(query_param("cursor", "9"));
    asked.respond_with(answer(200, &nothing)).mount(&server).await;
    server
}

#[tokio::test]
async fn a_log_is_read_part_by_part() {
    let server = written("completed").await;
    let home = Home::logged_in(&server.uri());
    let people = home.run(&["jobs", "logs", "5"]).await.expect(0).out;
    let expected = "2026-01-02 03:04:05 INFO  reading\n2026-01-02 03:04:05 INFO  indexing\n2026-01-02 03:04:05 INFO  written\n";
    assert_eq!(people, expected);
    let lines = home.run(&["jobs", "logs", "5", "--json"]).await.expect(0).out;
    let ids: Vec<_> = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, [3, 4, 9]);
}

#[tokio::test]
async fn a_log_is_followed_to_the_end_of_its_job() {
    let ended = Home::logged_in(&written("completed").await.uri()).run(&["jobs", "logs", "5", "--follow"]).await.expect(0);
    assert!(ended.out.ends_with("written\n"), "{}", ended.out);
    let ended = Home::logged_in(&written("failed").await.uri()).run(&["jobs", "logs", "5", "-f"]).await.expect(6);
    assert!(ended.out.ends_with("written\n"), "{}", ended.out);
}

#[tokio::test]
async fn lines_that_come_while_the_job_runs_are_printed_once() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(api("/jobs/5")).respond_with(answer(200, &job(5, "running"))).up_to_n_times(3).mount(&server).await;
    Mock::given(method("GET")).and(api("/jobs/5")).respond_with(answer(200, &job(5, "completed"))).with_priority(9).mount(&server).await;
    let part = |items: Value| answer(200, &json!({ "items": items, "next_cursor": null }));
    let start = Mock::given(method("GET")).and(api("/jobs/5/logs")).and(query_param_is_missing("cursor"));
    start.respond_with(part(json!([line(3, "reading")]))).mount(&server).await;
    let rest = Mock::given(method("GET")).and(api("/jobs/5/logs")).and(query_param("cursor", "3"));
    rest.respond_with(part(json!([line(8, "written")]))).mount(&server).await;
    let end = Mock::given(method("GET")).and(api("/jobs/5/logs")).and(query_param("cursor", "8"));
    end.respond_with(part(json!([]))).mount(&server).await;
    let ended = Home::logged_in(&server.uri()).run(&["jobs", "logs", "5", "--follow"]).await.expect(0);
    let messages: Vec<_> = ended.out.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert_eq!(messages, ["reading", "written"]);
}
