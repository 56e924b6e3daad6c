//! The archive of jobs, as clients see it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::job::Retention;
use commandcenter_services::job::JobArchivist;
use commandcenter_testkit::{Project, TestApp, TestClock, TestDb};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const ARCHIVE: &str = "/api/v1/jobs/archive";

/// Two jobs that were cancelled and one that waits to be dispatched, the oldest first.
async fn three_jobs(project: &Project) -> Vec<i64> {
    let repository = project.post("/api/v1/repositories", json!({ "owner": "octo-org", "name": "handbook" })).await.expect(201);
    let body = json!({ "job_type": "repository_sync", "parameters": { "repository_id": repository["id"] }, "tags": { "a": 1 } });
    let mut ids = Vec::new();
    for at in 0..3 {
        let id = project.post("/api/v1/jobs", body.clone()).await.expect(201)["id"].as_i64().unwrap();
        if at < 2 {
            project.post(&format!("/api/v1/jobs/{id}/cancel"), json!(null)).await.expect(200);
        }
        ids.push(id);
    }
    ids
}

/// What the hourly pass does, two years from now.
async fn sweep_in_two_years(app: &TestApp) {
    let days = |n| Some(TimeDelta::days(n));
    let retention = Retention { completed: days(30), cancelled: days(30), failed: days(90), dead: days(90), archive: days(365) };
    let clock = TestClock::new();
    clock.advance(TimeDelta::days(3 * 365));
    let archivist = JobArchivist::new(app.db.store.clone(), Arc::new(clock), retention);
    assert_eq!(archivist.sweep(async || {}).await.unwrap().moved(), 2);
}

#[tokio::test]
async fn an_ended_job_is_found_in_the_archive_when_its_time_is_over() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let project = ann.project("alpha").await;
    let ids = three_jobs(&project).await;
    let before = project.get(&format!("/api/v1/jobs/{}", ids[0])).await.expect(200);
    assert_eq!((&before["status"], &before["archived_at"]), (&json!("cancelled"), &json!(null)));
    assert_eq!(project.get(ARCHIVE).await.expect(200)["total"], 0);

    sweep_in_two_years(&app).await;
    let page = project.get(&format!("{ARCHIVE}?limit=1&sort=completed_at")).await.expect(200);
    assert_eq!(
        (&page["total"], &page["page_size"], &page["has_next"], &page["items"][0]["id"]),
        (&json!(2), &json!(1), &json!(true), &json!(ids[0]))
    );
    let newest = project.get(ARCHIVE).await.expect(200);
    assert_eq!(newest["items"][0]["id"], ids[1]);
    assert_eq!(project.get("/api/v1/jobs").await.expect(200)["total"], 1, "what waits stays");

    let after = project.get(&format!("/api/v1/jobs/{}", ids[0])).await.expect(200);
    assert!(after["archived_at"].is_string(), "{after}");
    let same = |job: &Value| {
        let mut job = job.clone();
        job["archived_at"] = json!(null);
        job
    };
    assert_eq!(same(&after), same(&before), "the archive answers as the job did");
    assert_eq!(page["items"][0], after);
    for path in ["attempts", "logs", "children"] {
        assert_eq!(project.get(&format!("/api/v1/jobs/{}/{path}", ids[0])).await.expect(200)["items"], json!([]), "{path}");
    }
    assert_eq!(project.get(&format!("/api/v1/jobs/{}/progress", ids[0])).await.expect(200)["is_terminal"], true);
    for path in ["retry", "cancel", "dispatch"] {
        assert_eq!(project.post(&format!("/api/v1/jobs/{}/{path}", ids[0]), json!(null)).await.problem(404), "job-not-found", "{path}");
    }
    assert_eq!(project.delete(&format!("/api/v1/jobs/{}", ids[0])).await.problem(404), "job-not-found");

    // Those who may read may read it, and nobody else.
    let member = json!({ "email": "bob@example.com", "role": "viewer" });
    let other = bob.project("beta").await;
    assert_eq!(other.get(ARCHIVE).await.expect(200)["total"], 0);
    assert_eq!(other.get(&format!("/api/v1/jobs/{}", ids[0])).await.problem(404), "job-not-found");
    assert_eq!(bob.in_project(project.id).get(ARCHIVE).await.problem(404), "project-not-found");
    ann.post(&format!("/api/v1/projects/{}/members", project.id), member).await.expect(201);
    assert_eq!(bob.in_project(project.id).get(ARCHIVE).await.expect(200)["total"], 2);
}

#[tokio::test]
async fn the_archive_is_filtered_as_jobs_are() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    three_jobs(&project).await;
    sweep_in_two_years(&app).await;
    let total = async |query: &str| project.get(&format!("{ARCHIVE}?{query}")).await.expect(200)["total"].clone();
    for (query, count) in [
        ("status=cancelled", 2),
        ("status=completed", 0),
        ("job_type=repository_sync&status=cancelled", 2),
        ("job_type=knowledge_ingest", 0),
        ("parent_id=1", 0),
    ] {
        assert_eq!(total(query).await, count, "{query}");
    }
    for query in ["status=pending", "status=nope", "job_type=nope", "sort=created_at", "limit=0", "page=0"] {
        assert_eq!(project.get(&format!("{ARCHIVE}?{query}")).await.problem(422), "validation", "{query}");
    }
}

async fn archived(db: &TestDb) -> i64 {
    let db = db.connection();
    let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM job_archive");
    db.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_server_archives_by_itself_what_is_over_when_it_starts() {
    let db = TestDb::open().await;
    for sql in [
        "INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES (1, 'p', 'o', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')",
        "INSERT INTO jobs (project_id, kind, queue, parameters, tags, status, max_attempts, created_at, completed_at) VALUES \
         (1, 'repository_sync', 'sync', '{}', '{}', 'completed', 5, '2020-01-01 00:00:00+00:00', '2020-01-01 00:00:00+00:00'), \
         (1, 'repository_sync', 'sync', '{}', '{}', 'dead', 5, '2020-01-01 00:00:00+00:00', '2020-01-01 00:00:00+00:00')",
    ] {
        db.connection().execute_unprepared(sql).await.unwrap();
    }
    let app = TestApp::start_on(db, &[("COMMANDCENTER_JOBS__RETENTION__DEAD", "forever")]).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while archived(&app.db).await == 0 {
        assert!(Instant::now() < deadline, "nothing was archived");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(archived(&app.db).await, 1, "what is kept for ever stays");
}
