//! Operating jobs: history, retry, many at once, queues.

use std::time::Duration;

use commandcenter_domain::Store;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobKind, NewJob};
use commandcenter_domain::shared::{Clock, JobId, ProjectId, SystemClock};
use commandcenter_testkit::recorded::{Fault, RecordedGitHub};
use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

async fn start() -> (TestApp, RecordedGitHub) {
    let github = RecordedGitHub::start().await;
    let app = TestApp::start_with(&[("COMMANDCENTER_GITHUB__API_URL", &github.url())]).await;
    (app, github)
}

async fn synced(project: &Project) -> i64 {
    let body = json!({ "owner": "octocat", "name": "Hello-World" });
    let id = project.post("/api/v1/repositories", body).await.expect(201)["id"].clone();
    project.post(&format!("/api/v1/repositories/{id}/sync"), json!({})).await.expect(202)["job_id"].as_i64().unwrap()
}

async fn until(project: &Project, id: i64, status: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let job = project.get(&format!("/api/v1/jobs/{id}")).await.expect(200);
        if job["status"] == status {
            return job;
        }
        assert!(Instant::now() < deadline, "never {status}: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_failed_job_shows_its_attempts_and_is_sent_round_again() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    github.fail(Fault::NotFound);
    let id = synced(&project).await;
    let failed = until(&project, id, "failed").await;
    assert_eq!((&failed["queue"], &failed["error_class"]), (&json!("sync"), &json!("fail")));
    let attempts = project.get(&format!("/api/v1/jobs/{id}/attempts")).await.expect(200);
    assert_eq!((&attempts["items"][0]["outcome"], &attempts["next_cursor"]), (&json!("failed"), &json!(null)), "{attempts}");
    assert!(attempts["items"][0]["duration_seconds"].is_f64() && attempts["items"][0]["error"].is_string());

    github.recover();
    let again = project.post(&format!("/api/v1/jobs/{id}/retry"), json!(null)).await.expect(200);
    assert_eq!((&again["status"], &again["attempt"], &again["error"]), (&json!("pending"), &json!(0), &json!(null)));
    let done = until(&project, id, "completed").await;
    assert!(done["items_total"].is_i64(), "{done}");
    let attempts = project.get(&format!("/api/v1/jobs/{id}/attempts?limit=1")).await.expect(200);
    let rest = project.get(&format!("/api/v1/jobs/{id}/attempts?cursor={}", attempts["next_cursor"])).await.expect(200);
    assert_eq!(rest["items"][0]["outcome"], "completed");
    let log = project.get(&format!("/api/v1/jobs/{id}/logs")).await.expect(200);
    assert!(!log["items"].as_array().unwrap().is_empty(), "a synchronisation says what it does: {log}");
    assert_eq!(project.post(&format!("/api/v1/jobs/{id}/retry"), json!(null)).await.problem(409), "job-not-retryable");
}

#[tokio::test]
async fn many_jobs_are_retried_cancelled_and_discarded_by_filter() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    github.fail(Fault::NotFound);
    let id = synced(&project).await;
    until(&project, id, "failed").await;
    let many = async |what: &str, body: Value| project.post(&format!("/api/v1/jobs/{what}"), body).await;
    assert_eq!(many("retry", json!({})).await.problem(422), "validation");
    assert_eq!(many("retry", json!({ "status": ["nope"] })).await.problem(422), "validation");
    assert_eq!(many("retry", json!({ "ids": [] })).await.problem(422), "validation");
    assert_eq!(many("retry", json!({ "job_type": "repository_sync" })).await.expect(200)["count"], 1);
    until(&project, id, "failed").await;
    assert_eq!(many("discard", json!({ "ids": [id] })).await.expect(200)["count"], 0, "only dead ones unless told otherwise");
    assert_eq!(many("discard", json!({ "ids": [id], "status": ["failed"] })).await.expect(200)["count"], 1);
    assert_eq!(project.get(&format!("/api/v1/jobs/{id}")).await.problem(404), "job-not-found");

    let repository = project.get("/api/v1/repositories").await.expect(200)["items"][0]["id"].clone();
    let body = json!({ "job_type": "repository_sync", "parameters": { "repository_id": repository } });
    for _ in 0..3 {
        project.post("/api/v1/jobs", body.clone()).await.expect(201);
    }
    let beta = app.user("bob").await.project("beta").await;
    assert_eq!(beta.post("/api/v1/jobs/cancel", json!({ "queue": "sync" })).await.expect(200)["count"], 0);
    assert_eq!(many("cancel", json!({ "queue": "sync" })).await.expect(200)["count"], 3);
    assert_eq!(project.get("/api/v1/jobs?status=cancelled&queue=sync").await.expect(200)["total"], 3);
    assert_eq!(project.get("/api/v1/jobs?queue=ai").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn queues_are_seen_by_members_and_switched_by_administrators() {
    let (app, _github) = start().await;
    let admin = app.admin().await;
    let member = app.user("bob").await.project("beta").await;
    let pause = "/api/v1/jobs/queues/sync/pause";
    assert_eq!(member.post(pause, json!(null)).await.problem(403), "admin-required");
    assert_eq!(admin.post("/api/v1/jobs/queues/nope/pause", json!(null)).await.problem(404), "queue-not-found");
    assert_eq!(admin.post(pause, json!(null)).await.expect(200)["paused"], true);
    let id = synced(&member).await;
    let queues = member.get("/api/v1/jobs/queues").await.expect(200);
    let sync = queues["items"].as_array().unwrap().iter().find(|one| one["name"] == "sync").unwrap().clone();
    assert_eq!((&sync["paused"], &sync["ready"], &sync["running"]), (&json!(true), &json!(1), &json!(0)));
    assert!(sync["oldest_ready_seconds"].is_f64());
    assert_eq!(admin.post("/api/v1/jobs/queues/sync/resume", json!(null)).await.expect(200)["paused"], false);
    until(&member, id, "completed").await;
}

#[tokio::test]
async fn a_jobs_state_is_not_the_clients_to_write() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let id = synced(&project).await;
    let reply = project.patch(&format!("/api/v1/jobs/{id}"), json!({ "status": "completed" })).await;
    assert_eq!(reply.problem(409), "not-client-writable");
    assert_eq!(project.patch("/api/v1/jobs/999999", json!({})).await.problem(404), "job-not-found");
}

#[tokio::test]
async fn statistics_of_a_window_have_percentiles() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    until(&project, synced(&project).await, "completed").await;
    let summary = async |query: &str| project.get(&format!("/api/v1/jobs/statistics/summary{query}")).await;
    let all = summary("").await.expect(200);
    assert_eq!((&all["window"], &all["run_seconds"], &all["total"]), (&json!(null), &json!(null), &json!(1)));
    let day = summary("?window=24h").await.expect(200);
    assert_eq!((&day["window"], &day["by_status"]["completed"]), (&json!("24h"), &json!(1)));
    assert!(day["run_seconds"]["p95"].is_f64() && day["wait_seconds"]["p50"].is_f64(), "{day}");
    assert_eq!(summary("?window=2h").await.problem(422), "validation");
}

#[tokio::test]
async fn a_batch_does_not_wait_for_a_part_that_was_deleted() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (jobs, scope) = (app.db.store.repos().jobs(), ProjectScope::of_job(ProjectId::new(project.id), JobId::new(1)));
    let held = NewJob::held(JobKind::BatchImport, json!({}), SystemClock.now());
    let batch = jobs.enqueue(&scope, NewJob { open_children: 2, ..held.clone() }).await.unwrap().id;
    let parts = jobs.enqueue_all(&scope, vec![NewJob { parent: Some(batch), ..held }; 2]).await.unwrap();
    for (part, open) in parts.iter().zip([1, 0]) {
        assert_eq!(project.delete(&format!("/api/v1/jobs/{part}")).await.status, 204);
        let row = jobs.find(&scope, batch).await.unwrap().unwrap();
        assert_eq!((row.open_children, row.items.failed), (open, 2 - open));
    }
}
