//! Batches as clients see them.

use std::time::Duration;

use commandcenter_testkit::{Client, Project, TestApp};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const IMPORT: &str = "/api/v1/batch/import";
const TECHNOLOGIES: &str = "/api/v1/technologies";
/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

async fn project(app: &TestApp) -> Project {
    app.user("ann").await.project("alpha").await
}

fn rows(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({ "title": format!("tool {n}"), "domain": "other" })).collect()
}

async fn import(project: &Project, body: Value) -> i64 {
    let reply = project.post(IMPORT, body).await;
    let location = reply.header("location").unwrap_or_default().to_owned();
    let body = reply.expect(202);
    assert_eq!(location, format!("/api/v1/batch/jobs/{}", body["job_id"]));
    assert_eq!((&body["job_type"], &body["status"], &body["completed_items"]), (&json!("batch_import"), &json!("pending"), &json!(0)));
    body["job_id"].as_i64().unwrap()
}

async fn batch(project: &Project, id: i64, query: &str) -> Value {
    project.get(&format!("/api/v1/batch/jobs/{id}{query}")).await.expect(200)
}

async fn until(project: &Project, id: i64, status: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = batch(project, id, "").await;
        if found["status"] == status {
            return found;
        }
        assert!(Instant::now() < deadline, "never {status}: {found}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn total(project: &Project) -> Value {
    project.get(TECHNOLOGIES).await.expect(200)["total"].clone()
}

async fn number(app: &TestApp, sql: &str) -> i64 {
    let db = app.db.connection();
    db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn told(app: &TestApp) -> i64 {
    number(app, "SELECT count(*) AS n FROM outbox_events WHERE kind = 'cc.batch.completed.v1'").await
}

/// Stops or allows claims of the parts of imports.
async fn switch(app: &TestApp, what: &str) {
    app.admin().await.post(&format!("/api/v1/jobs/queues/default/{what}"), json!(null)).await.expect(200);
}

async fn children(project: &Project, id: i64) -> Vec<Value> {
    let found = project.get(&format!("/api/v1/jobs?parent_id={id}&sort=created_at&limit=100")).await.expect(200);
    found["items"].as_array().unwrap().clone()
}

async fn set_parameters(app: &TestApp, child: &Value, text: &str) {
    let sql = format!("UPDATE jobs SET parameters = '{text}' WHERE id = {}", child["id"]);
    app.db.connection().execute_unprepared(&sql).await.unwrap();
}

fn counts(batch: &Value) -> [i64; 4] {
    ["imported_count", "updated_count", "skipped_count", "failed_count"].map(|name| batch[name].as_i64().unwrap())
}

#[tokio::test]
async fn each_strategy_does_to_what_is_there_as_it_says() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let first = json!({ "title": "Rust", "vendor": "Foundation", "priority": 5, "notes": "N" });
    let id = project.post(TECHNOLOGIES, first).await.expect(201)["id"].clone();
    for (strategy, expected, vendor, priority, version) in [
        ("skip", [1, 0, 1, 0], json!("Foundation"), 5, 1),
        ("merge", [1, 1, 0, 0], json!("Foundation"), 5, 2),
        ("overwrite", [1, 1, 0, 0], json!(null), 3, 3),
    ] {
        let rows = json!([{ "title": "RUST", "status": "integrated", "notes": null }, { "title": format!("new by {strategy}") }]);
        let done = import(&project, json!({ "technologies": rows, "merge_strategy": strategy })).await;
        let done = until(&project, done, "completed").await;
        assert_eq!((counts(&done), &done["progress"], &done["completed_items"]), (expected, &json!(100), &json!(2)), "{strategy}: {done}");
        assert_eq!((&done["results"][0]["technology_id"], &done["results"][1]["outcome"]), (&id, &json!("imported")));
        let resolution = if strategy == "skip" { "skipped" } else { "updated" };
        assert_eq!(done["conflicts"], json!([{ "index": 0, "title": "RUST", "technology_id": id, "resolution": resolution }]));
        assert!(done["started_at"].is_string() && done["completed_at"].is_string(), "{done}");
        let now = project.get(&format!("{TECHNOLOGIES}/{id}")).await.expect(200);
        assert_eq!((&now["vendor"], &now["priority"], &now["version"]), (&vendor, &json!(priority), &json!(version)), "{strategy}");
        assert_eq!(now["notes"].is_null(), strategy != "skip", "{strategy}: {now}");
    }
    assert_eq!(total(&project).await, 4);
    assert_eq!(told(&app).await, 3);
    let events = number(&app, "SELECT count(*) AS n FROM outbox_events WHERE kind = 'cc.technology.updated.v1'").await;
    let entries = number(&app, "SELECT count(*) AS n FROM audit_entries WHERE action = 'technology.updated'").await;
    assert_eq!((events, entries), (2, 2));
    let by_default = import(&project, json!({ "technologies": [{ "title": "rust" }], "notify_on_complete": false })).await;
    assert_eq!(counts(&until(&project, by_default, "completed").await), [0, 0, 1, 0]);
    assert_eq!(told(&app).await, 3, "nobody asked");
}

#[tokio::test]
async fn a_dry_run_tells_what_would_happen_and_writes_nothing() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let id = project.post(TECHNOLOGIES, json!({ "title": "Rust" })).await.expect(201)["id"].clone();
    let dry = async |rows: Value| {
        let body = json!({ "technologies": rows, "merge_strategy": "merge", "dry_run": true });
        let (statements, reply) = app.statements_of(project.post(IMPORT, body)).await;
        (statements, reply.expect(200))
    };
    let (few, told) = dry(json!([{ "title": "Go" }, { "title": "rust", "priority": 1 }])).await;
    assert_eq!((counts(&told), &told["status"], &told["job_id"]), ([1, 1, 0, 0], &json!("dry_run"), &json!(null)));
    assert_eq!(told["conflicts"], json!([{ "index": 1, "title": "rust", "technology_id": id, "resolution": "updated" }]));
    assert_eq!(told["results"].as_array().map(Vec::len), Some(2));
    let (many, _) = dry(json!(rows(300))).await;
    assert_eq!(few, many, "titles are looked up together");
    assert_eq!(total(&project).await, 1);
    assert_eq!(number(&app, "SELECT count(*) AS n FROM jobs").await, 0);
}

#[tokio::test]
async fn an_invalid_row_is_named_and_nothing_is_written() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let refused = async |rows: Value| {
        let reply = project.post(IMPORT, json!({ "technologies": rows })).await;
        assert_eq!(reply.problem(422), "validation");
        let errors = reply.body["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let fields =
        refused(json!([{ "title": "Go" }, { "title": "", "domain": "cooking" }, { "vendor": "x" }, { "title": "C", "priority": 9 }])).await;
    let expected = ["technologies[1].title", "technologies[1].domain", "technologies[2].title", "technologies[3].priority"];
    assert_eq!(fields, expected);
    assert_eq!(refused(json!([{ "title": "Größe" }, { "title": "x" }, { "title": " GRÖßE" }])).await, ["technologies[2].title"]);
    let fields =
        refused(json!([{ "title": "Go" }, { "title": 7 }, { "title": "C", "nope": 1 }, "C", { "title": "D", "priority": "high" }])).await;
    assert_eq!(fields, ["technologies[1].title", "technologies[2].nope", "technologies[3]", "technologies[4].priority"]);
    assert_eq!(refused(json!([])).await, ["technologies"]);
    for wrong in [json!({ "merge_strategy": "best" }), json!({ "tags": { "a": "\u{0}" } }), json!({ "project_id": 999_999 })] {
        let mut body = json!({ "technologies": [{ "title": "Go" }] });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(project.post(IMPORT, body).await.problem(422), "validation", "{wrong}");
    }
    assert_eq!(total(&project).await, 0);
    assert_eq!(number(&app, "SELECT count(*) AS n FROM jobs").await, 0);
}

#[tokio::test]
async fn batches_are_their_projects_and_not_for_viewers() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    let id = import(&alpha, json!({ "technologies": rows(1), "project_id": alpha.id })).await;
    until(&alpha, id, "completed").await;
    assert_eq!(beta.get(&format!("/api/v1/batch/jobs/{id}")).await.problem(404), "batch-not-found");
    assert_eq!(beta.get("/api/v1/batch/statistics").await.expect(200)["total_batches"], 0);
    let child = children(&alpha, id).await[0]["id"].clone();
    assert_eq!(alpha.get(&format!("/api/v1/batch/jobs/{child}")).await.problem(404), "batch-not-found");

    ann.post(&format!("/api/v1/projects/{}/members", alpha.id), json!({ "user_id": bob.id, "role": "viewer" })).await.expect(201);
    let viewer: Client = bob.in_project(alpha.id);
    viewer.get(&format!("/api/v1/batch/jobs/{id}")).await.expect(200);
    for body in [json!({ "technologies": rows(1) }), json!({ "technologies": rows(1), "dry_run": true }), json!({ "technologies": [] })] {
        assert_eq!(viewer.post(IMPORT, body).await.problem(403), "role-too-low");
    }
    for what in ["analyze", "export"] {
        let path = format!("/api/v1/batch/{what}");
        assert_eq!(viewer.post(&path, json!({})).await.problem(403), "role-too-low");
        assert_eq!(alpha.post(&path, json!({ "repository_ids": [1] })).await.problem(422), "unknown-job-type");
    }
    for kind in ["batch_import", "import_rows"] {
        let body = json!({ "job_type": kind, "parameters": {} });
        assert_eq!(alpha.post("/api/v1/jobs", body).await.problem(422), "unknown-job-type");
        let body = json!({ "name": kind, "task_type": kind, "task_parameters": {}, "frequency": "daily" });
        assert_eq!(alpha.post("/api/v1/schedules", body).await.status, 422);
    }
}

#[tokio::test]
async fn a_failed_part_shows_and_only_it_is_tried_again() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    switch(&app, "pause").await;
    let id = import(&project, json!({ "technologies": rows(250) })).await;
    let parts = children(&project, id).await;
    assert_eq!(parts.len(), 3);
    let text = parts[1]["parameters"].to_string();
    set_parameters(&app, &parts[1], &text.replace("\"skip\"", "\"nope\"")).await;
    switch(&app, "resume").await;

    let failed = until(&project, id, "failed").await;
    assert_eq!((counts(&failed), &failed["error"]), ([150, 0, 0, 100], &json!("100 of 250 rows failed")), "{failed}");
    assert_eq!((&failed["completed_items"], &failed["failed_items"], &failed["progress"]), (&json!(150), &json!(100), &json!(100)));
    let page = batch(&project, id, "?page=2&limit=60").await;
    let results = page["results"].as_array().unwrap();
    let places: Vec<_> = results.iter().map(|row| row["index"].as_u64().unwrap()).collect();
    assert_eq!(places, (60..120).collect::<Vec<_>>());
    assert_eq!((&results[39]["outcome"], &results[40]["outcome"]), (&json!("imported"), &json!("failed")));
    assert!(results[40]["error"].is_string() && results[40]["title"] == "tool 100", "{}", results[40]);
    assert_eq!(batch(&project, id, "?page=5&limit=60").await["results"].as_array().map(Vec::len), Some(10));
    assert_eq!((total(&project).await, told(&app).await), (json!(150), 1));

    set_parameters(&app, &parts[1], &text).await;
    project.post(&format!("/api/v1/jobs/{id}/retry"), json!(null)).await.expect(200);
    let done = until(&project, id, "completed").await;
    assert_eq!((counts(&done), &done["error"], &done["progress"]), ([250, 0, 0, 0], &json!(null), &json!(100)), "{done}");
    let job = project.get(&format!("/api/v1/jobs/{id}")).await.expect(200);
    let items = ["items_done", "items_failed", "items_total"].map(|name| job[name].as_i64());
    assert_eq!(items, [Some(250), Some(0), Some(250)]);
    assert_eq!((total(&project).await, told(&app).await), (json!(250), 2));
    for (part, runs) in parts.iter().zip([1, 2, 1]) {
        let attempts = project.get(&format!("/api/v1/jobs/{}/attempts", part["id"])).await.expect(200);
        assert_eq!(attempts["items"].as_array().map(Vec::len), Some(runs), "{attempts}");
    }
}

#[tokio::test]
async fn a_cancelled_batch_takes_its_parts_along_and_can_be_sent_round_again() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    switch(&app, "pause").await;
    let id = import(&project, json!({ "technologies": rows(150) })).await;
    project.post(&format!("/api/v1/jobs/{id}/cancel"), json!(null)).await.expect(200);
    let cancelled = batch(&project, id, "").await;
    assert_eq!((&cancelled["status"], counts(&cancelled)), (&json!("cancelled"), [0, 0, 0, 150]));
    assert_eq!(cancelled["results"][0]["error"], "cancelled");
    assert!(children(&project, id).await.iter().all(|part| part["status"] == "cancelled"));
    switch(&app, "resume").await;
    let statistics = project.get("/api/v1/batch/statistics").await.expect(200);
    assert_eq!((&statistics["by_status"]["cancelled"], &statistics["success_rate"]), (&json!(1), &json!(null)));
    assert_eq!((total(&project).await, told(&app).await), (json!(0), 0));
    // By a filter, as an operator would: the batch waits for its parts all the same.
    let count = project.post("/api/v1/jobs/retry", json!({ "status": ["cancelled"] })).await.expect(200)["count"].clone();
    assert_eq!(count, 3);
    assert_eq!(counts(&until(&project, id, "completed").await), [150, 0, 0, 0]);
    assert_eq!(project.get(&format!("/api/v1/jobs/{id}")).await.expect(200)["items_done"], 150);
}

#[tokio::test]
async fn a_batch_that_is_cancelled_by_a_filter_takes_its_parts_along_and_each_end_is_told() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    switch(&app, "pause").await;
    let id = import(&project, json!({ "technologies": rows(150) })).await;
    let cancel = async || project.post("/api/v1/jobs/cancel", json!({ "job_type": "batch_import" })).await.expect(200)["count"].clone();
    assert_eq!(cancel().await, 3, "the batch and its two parts");
    assert!(children(&project, id).await.iter().all(|part| part["status"] == "cancelled"));
    let told = "SELECT count(*) AS n FROM outbox_events WHERE kind = 'cc.job.cancelled.v1'";
    assert_eq!(number(&app, told).await, 3);
    assert_eq!((cancel().await, number(&app, told).await), (json!(0), 3), "a second time there is nothing to cancel");
}

#[tokio::test]
async fn statements_do_not_grow_with_the_rows_and_a_key_imports_once() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let (few, reply) = app.statements_of(project.post(IMPORT, json!({ "technologies": rows(1) }))).await;
    let small = reply.expect(202)["job_id"].as_i64().unwrap();
    let (many, reply) = app.statements_of(project.post(IMPORT, json!({ "technologies": rows(350), "tags": { "team": "dsp" } }))).await;
    let large = reply.expect(202)["job_id"].as_i64().unwrap();
    assert_eq!(few, many);
    until(&project, small, "completed").await;
    assert_eq!(counts(&until(&project, large, "completed").await)[3], 0);
    let shown = async |id: i64| {
        let (statements, reply) = app.statements_of(project.get(&format!("/api/v1/batch/jobs/{id}?limit=100"))).await;
        reply.expect(200);
        statements
    };
    assert_eq!(shown(small).await, shown(large).await);
    let (mine, reply) = app.statements_of(project.get("/api/v1/batch/statistics")).await;
    let statistics = reply.expect(200);
    let (bare, reply) = app.statements_of(project.get("/api/v1/jobs/statistics/summary")).await;
    reply.expect(200);
    assert_eq!(mine, bare, "one statement, as the statistics of jobs");
    assert_eq!((&statistics["total_batches"], &statistics["active_batches"]), (&json!(2), &json!(0)));
    assert_eq!((&statistics["by_type"]["batch_import"], &statistics["by_status"]["completed"]), (&json!(2), &json!(2)));
    assert_eq!(statistics["success_rate"], 100.0);
    assert!(statistics["average_duration_seconds"].is_f64(), "{statistics}");

    let keyed = || project.request(Method::POST, IMPORT).header("idempotency-key", "once").json(&json!({ "technologies": rows(2) }));
    let (first, again) = (project.send(keyed()).await, project.send(keyed()).await);
    assert_eq!((first.status, &first.text, again.header("idempotency-replayed")), (202, &again.text, Some("true")));
    assert_eq!(project.get("/api/v1/batch/statistics").await.expect(200)["total_batches"], 3);
}
