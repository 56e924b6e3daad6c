//! Schedules, from making one to what its runs came to.

use std::time::Duration;

use commandcenter_testkit::recorded::{Fault, RecordedGitHub};
use commandcenter_testkit::{Project, Reply, TestApp};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const PATH: &str = "/api/v1/schedules";
/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

async fn start() -> (TestApp, RecordedGitHub, Project) {
    let github = RecordedGitHub::start().await;
    let app = TestApp::start_with(&[("COMMANDCENTER_GITHUB__API_URL", &github.url())]).await;
    let project = app.user("ann").await.project("alpha").await;
    project.post("/api/v1/repositories", json!({ "owner": "octocat", "name": "Hello-World" })).await.expect(201);
    (app, github, project)
}

/// A body that makes a schedule, with some of its fields set otherwise.
fn body(over: Value) -> Value {
    let mut body = json!({
        "name": "Sync", "task_type": "repository_sync", "task_parameters": {"repository_id": 1}, "frequency": "daily"
    });
    for (field, value) in over.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn make(project: &Project, over: Value) -> Value {
    project.post(PATH, body(over)).await.expect(201)
}

async fn until(project: &Project, id: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let schedule = project.get(&format!("{PATH}/{id}")).await.expect(200);
        if wanted(&schedule) {
            return schedule;
        }
        assert!(Instant::now() < deadline, "never as wanted: {schedule}");
        sleep(Duration::from_millis(25)).await;
    }
}

#[track_caller]
fn broken(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.problem(422), "validation");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    reply.body["errors"].as_array().unwrap().iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

/// A moment so many seconds from now.
fn soon(seconds: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the application under test runs by the machine's clock")]
    let now = chrono::Utc::now();
    (now + chrono::TimeDelta::seconds(seconds)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[tokio::test]
async fn a_schedule_is_made_seen_changed_and_deleted() {
    let (_app, _github, project) = start().await;
    let reply = project
        .post(PATH, body(json!({ "frequency": "weekly", "weekday": "friday", "time_of_day": "07:30", "timezone": "Europe/Prague", "tags": {"a": 1} })))
        .await;
    assert_eq!(reply.header("location"), Some(format!("{PATH}/{}", reply.body["id"]).as_str()));
    assert_eq!(reply.header("etag"), Some("\"1\""));
    let made = reply.expect(201);
    assert_eq!((&made["weekday"], &made["time_of_day"], &made["minute"]), (&json!("friday"), &json!("07:30:00"), &json!(null)));
    assert_eq!((&made["enabled"], &made["is_active"], &made["success_rate"]), (&json!(true), &json!(true), &json!(null)));
    assert_eq!((&made["priority"], &made["misfire_policy"], &made["overlap_policy"]), (&json!(5), &json!("run_once"), &json!("skip")));
    assert_eq!((made["next_runs"].as_array().unwrap().len(), &made["next_runs"][0]), (5, &made["next_run_at"]));
    assert!(made["created_by"].is_i64() && made["next_run_at"].as_str().unwrap().ends_with('Z'));

    let one = format!("{PATH}/{}", made["id"]);
    assert_eq!(project.get(&one).await.expect(200), made);
    assert_eq!(project.get(PATH).await.expect(200)["total"], 1);
    let changed =
        project.patch(&one, json!({ "frequency": "cron", "cron_expression": "0 9 * * MON-FRI", "description": "d" })).await.expect(200);
    assert_eq!(
        (&changed["weekday"], &changed["cron_expression"], &changed["version"]),
        (&json!(null), &json!("0 9 * * MON-FRI"), &json!(2))
    );
    assert_ne!(changed["next_run_at"], made["next_run_at"]);
    let emptied = project.patch(&one, json!({ "description": null, "timezone": null, "tags": null })).await.expect(200);
    assert_eq!((&emptied["description"], &emptied["timezone"], &emptied["tags"]), (&json!(null), &json!("UTC"), &json!({})));
    assert_eq!(emptied["task_parameters"], json!({"repository_id": 1}));

    let stale = project.request(Method::PATCH, &one).header("if-match", "\"1\"").json(&json!({ "name": "x" }));
    assert_eq!(project.send(stale).await.problem(412), "precondition-failed");
    let current = project.request(Method::DELETE, &one).header("if-match", "\"3\"");
    project.send(current).await.expect(204);
    assert_eq!(project.get(&one).await.problem(404), "schedule-not-found");
}

#[tokio::test]
async fn bad_input_is_refused_field_by_field() {
    let (_app, _github, project) = start().await;
    let refused = async |over: Value| broken(&project.post(PATH, body(over)).await);
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    for (over, field, code) in [
        (json!({ "name": " " }), "name", "required"),
        (json!({ "name": "x".repeat(256) }), "name", "too_long"),
        (json!({ "frequency": "yearly" }), "frequency", "unknown_value"),
        (json!({ "frequency": "cron" }), "cron_expression", "required"),
        (json!({ "frequency": "cron", "cron_expression": "61 * * * *" }), "cron_expression", "not_cron"),
        (json!({ "frequency": "cron", "cron_expression": "0 0 31 2 *" }), "cron_expression", "never_fires"),
        (json!({ "frequency": "interval" }), "interval_seconds", "required"),
        (json!({ "frequency": "interval", "interval_seconds": 0 }), "interval_seconds", "out_of_range"),
        (json!({ "frequency": "once" }), "start_time", "required"),
        (json!({ "frequency": "once", "start_time": soon(-60) }), "start_time", "in_the_past"),
        (json!({ "time_of_day": "25:00" }), "time_of_day", "not_a_time"),
        (json!({ "weekday": "monday" }), "weekday", "not_applicable"),
        (json!({ "frequency": "monthly", "day_of_month": 32 }), "day_of_month", "out_of_range"),
        (json!({ "timezone": "Mars/Olympus" }), "timezone", "unknown_zone"),
        (json!({ "start_time": "2030-01-01T00:00:00" }), "start_time", "zone_required"),
        (json!({ "start_time": soon(60), "end_time": soon(60) }), "end_time", "before_start"),
        (json!({ "end_time": soon(-60) }), "end_time", "never_fires"),
        (json!({ "jitter_seconds": 86_401 }), "jitter_seconds", "out_of_range"),
        (json!({ "misfire_policy": "retry" }), "misfire_policy", "unknown_value"),
        (json!({ "overlap_policy": null }), "overlap_policy", "null"),
        (json!({ "max_consecutive_failures": 0 }), "max_consecutive_failures", "out_of_range"),
        (json!({ "enabled": null }), "enabled", "null"),
        (json!({ "priority": 11 }), "priority", "out_of_range"),
        (json!({ "task_parameters": {"repository_id": "1"} }), "task_parameters", "invalid"),
        (json!({ "tags": {"a": "\u{0}"} }), "tags", "nul"),
        (json!({ "created_by": 1 }), "created_by", "unknown_field"),
        (json!({ "project_id": 1 }), "project_id", "unknown_field"),
        (json!({ "interval_seconds": "5" }), "interval_seconds", "wrong_type"),
    ] {
        assert_eq!(refused(over.clone()).await, one(field, code), "{over}");
    }
    let several = refused(json!({ "name": "", "task_parameters": {}, "timezone": "x" })).await;
    assert_eq!(several.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["name", "task_parameters", "timezone"]);
    let unknown = project.post(PATH, body(json!({ "task_type": "analysis" }))).await;
    assert_eq!((unknown.problem(422), &unknown.body["errors"][0]["field"]), ("unknown-job-type", &json!("task_type")));
    let gone = project.post(PATH, body(json!({ "task_parameters": {"repository_id": 999} }))).await;
    assert_eq!(gone.problem(404), "repository-not-found");
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0);

    let made = make(&project, json!({ "frequency": "cron", "cron_expression": "@daily" })).await;
    let path = format!("{PATH}/{}", made["id"]);
    for (over, field, code) in [
        (json!({ "cron_expression": null }), "cron_expression", "required"),
        (json!({ "name": null }), "name", "required"),
        (json!({ "task_type": null }), "task_type", "required"),
        (json!({ "start_time": soon(600), "end_time": soon(60) }), "end_time", "before_start"),
        (json!({ "end_time": soon(1) }), "end_time", "never_fires"),
    ] {
        assert_eq!(broken(&project.patch(&path, over.clone()).await), one(field, code), "{over}");
    }
    for query in ["enabled=x", "frequency=x", "task_type=x", "sort=x", "limit=0", "limit=101"] {
        assert_eq!(project.get(&format!("{PATH}?{query}")).await.problem(422), "validation", "{query}");
    }
    assert_eq!(project.get(&path).await.expect(200)["version"], 1);
}

#[tokio::test]
async fn a_schedule_fires_and_what_came_of_its_job_comes_back() {
    let (_app, _github, project) = start().await;
    let made = make(&project, json!({ "frequency": "interval", "interval_seconds": 1, "tags": {"team": "dsp"} })).await;
    let seen = until(&project, &made["id"], |schedule| schedule["success_count"].as_i64() >= Some(2)).await;
    assert_eq!((&seen["success_rate"], &seen["failure_count"], &seen["version"]), (&json!(100.0), &json!(0), &json!(1)));
    assert!(seen["last_success_at"].is_string() && seen["next_run_at"].is_string());
    project.post(&format!("{PATH}/{}/disable", made["id"]), json!({})).await.expect(200);

    let runs = project.get(&format!("{PATH}/{}/runs?limit=1", made["id"])).await.expect(200);
    assert_eq!(runs["items"].as_array().unwrap().len(), 1);
    let older = project.get(&format!("{PATH}/{}/runs?cursor={}", made["id"], runs["next_cursor"])).await.expect(200);
    let first = older["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&first["outcome"], &first["trigger"], &older["next_cursor"]), (&json!("completed"), &json!("schedule"), &json!(null)));
    let job = project.get(&format!("/api/v1/jobs/{}", first["job_id"])).await.expect(200);
    assert_eq!((&job["tags"], &job["status"]), (&json!({"team": "dsp", "schedule_id": made["id"]}), &json!("completed")));
    let summary = project.get(&format!("{PATH}/statistics/summary")).await.expect(200);
    assert!(summary["successful_runs"].as_i64() >= Some(2), "{summary}");
}

#[tokio::test]
async fn once_fires_once_and_is_over() {
    let (_app, _github, project) = start().await;
    let start = soon(1);
    let made = make(&project, json!({ "frequency": "once", "start_time": start })).await;
    assert_eq!((&made["next_run_at"], &made["next_runs"]), (&made["start_time"], &json!([made["start_time"]])));
    let over = until(&project, &made["id"], |schedule| schedule["success_count"] == 1).await;
    assert_eq!((&over["next_run_at"], &over["enabled"], &over["disabled_reason"]), (&json!(null), &json!(false), &json!("finished")));
    assert_eq!((&over["run_count"], &over["next_runs"]), (&json!(1), &json!([])));
    assert_eq!(project.post(&format!("{PATH}/{}/enable", made["id"]), json!({})).await.problem(409), "schedule-finished");
    let again = project.patch(&format!("{PATH}/{}", made["id"]), json!({ "start_time": soon(3600), "enabled": true })).await.expect(200);
    assert_eq!((&again["enabled"], &again["next_run_at"]), (&json!(true), &again["start_time"]));
}

#[tokio::test]
async fn failures_in_a_row_disable_a_schedule_and_show_in_its_health() {
    let (app, github, project) = start().await;
    github.fail(Fault::Unauthorized);
    let over = json!({ "frequency": "interval", "interval_seconds": 1, "max_consecutive_failures": 3 });
    let made = make(&project, over).await;
    let dead = until(&project, &made["id"], |schedule| schedule["enabled"] == false).await;
    assert_eq!(
        (&dead["disabled_reason"], &dead["consecutive_failures"], &dead["success_rate"]),
        (&json!("failures"), &json!(3), &json!(0.0))
    );
    assert!(dead["last_error"].is_string());
    let health = project.get(&format!("{PATH}/health")).await.expect(200);
    assert_eq!((&health["status"], &health["schedules"]), (&json!("critical"), &json!(1)));
    assert_eq!((&health["issues"][0]["code"], &health["issues"][0]["schedule_id"]), (&json!("auto_disabled"), &made["id"]));
    let db = app.db.connection();
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM outbox_events WHERE kind = 'cc.schedule.disabled.v1'";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);

    github.recover();
    let back = project.post(&format!("{PATH}/{}/enable", made["id"]), json!({})).await.expect(200);
    assert_eq!((&back["enabled"], &back["consecutive_failures"]), (&json!(true), &json!(0)));
    until(&project, &made["id"], |schedule| schedule["success_count"].as_i64() >= Some(1)).await;
}

#[tokio::test]
async fn a_schedule_is_run_by_hand_within_its_bounds_or_by_force() {
    let (_app, github, project) = start().await;
    let made = make(&project, json!({})).await;
    let execute = format!("{PATH}/{}/execute", made["id"]);
    github.delay(Duration::from_millis(400));
    let reply = project.post(&execute, json!({})).await;
    assert_eq!(reply.header("location"), Some(format!("/api/v1/jobs/{}", reply.body["job_id"]).as_str()));
    let run = reply.expect(202);
    assert_eq!((&run["schedule_id"], &run["schedule_name"], &run["next_run_at"]), (&made["id"], &json!("Sync"), &made["next_run_at"]));
    assert_eq!(project.post(&execute, json!({})).await.problem(409), "schedule-running");
    until(&project, &made["id"], |schedule| schedule["success_count"] == 1).await;
    project.post(&execute, json!({})).await.expect(202);
    let seen = until(&project, &made["id"], |schedule| schedule["success_count"] == 2).await;
    assert_eq!((&seen["run_count"], &seen["success_rate"], &seen["next_run_at"]), (&json!(2), &json!(100.0), &made["next_run_at"]));

    project.post(&execute, json!({})).await.expect(202);
    project.post(&execute, json!({ "force": true })).await.expect(202);
    project.post(&format!("{PATH}/{}/disable", made["id"]), json!({})).await.expect(200);
    assert_eq!(project.post(&execute, json!({})).await.problem(409), "schedule-inactive");
    let forced = project.post(&format!("{execute}?force=true"), json!({})).await.expect(202);
    assert_eq!(forced["next_run_at"], json!(null));
    let closed = make(&project, json!({ "start_time": soon(3600) })).await;
    assert_eq!((&closed["enabled"], &closed["is_active"]), (&json!(true), &json!(false)));
    let early = format!("{PATH}/{}/execute", closed["id"]);
    assert_eq!(project.post(&early, json!({})).await.problem(409), "schedule-inactive");
    project.post(&early, json!({ "force": true })).await.expect(202);
    assert_eq!(project.post(&execute, json!({ "force": 1 })).await.problem(422), "validation");
}

#[tokio::test]
async fn enabling_looks_forward_and_never_back() {
    let (_app, _github, project) = start().await;
    let made = make(&project, json!({ "frequency": "hourly", "minute": 15, "enabled": false })).await;
    assert_eq!((&made["next_run_at"], &made["disabled_reason"]), (&json!(null), &json!("manual")));
    let (enable, disable) = (format!("{PATH}/{}/enable", made["id"]), format!("{PATH}/{}/disable", made["id"]));
    let on = project.post(&enable, json!({})).await.expect(200);
    assert!(on["next_run_at"].as_str() > Some(soon(0).as_str()));
    assert_eq!(project.post(&enable, json!({})).await.expect(200)["version"], on["version"]);
    assert_eq!(project.post(&disable, json!({})).await.expect(200)["next_run_at"], json!(null));
    let by_patch = project.patch(&format!("{PATH}/{}", made["id"]), json!({ "enabled": true })).await.expect(200);
    assert_eq!(by_patch["next_run_at"], on["next_run_at"]);
}

#[tokio::test]
async fn a_look_ahead_knows_zones_and_saves_nothing() {
    let (_app, _github, project) = start().await;
    let ahead = async |body: Value| project.post(&format!("{PATH}/preview"), body).await;
    let seen = ahead(json!({ "frequency": "daily", "time_of_day": "02:30", "timezone": "America/New_York",
        "start_time": "2030-03-09T12:00:00Z", "end_time": "2030-03-12T12:00:00Z" }))
    .await
    .expect(200);
    // 10 March 2030 has no 02:30 in New York.
    assert_eq!(seen["next_runs"], json!(["2030-03-10T07:00:00Z", "2030-03-11T06:30:00Z", "2030-03-12T06:30:00Z"]));
    let six =
        ahead(json!({ "frequency": "cron", "cron_expression": "30 0 12 * * *", "start_time": "2030-01-01T00:00:00Z" })).await.expect(200);
    assert_eq!((&six["next_runs"][0], &six["timezone"]), (&json!("2030-01-01T12:00:30Z"), &json!("UTC")));
    let last = ahead(json!({ "frequency": "monthly", "day_of_month": 31, "start_time": "2030-02-01T00:00:00Z" })).await.expect(200);
    assert_eq!(last["next_runs"][0], "2030-02-28T00:00:00Z");
    assert_eq!(
        broken(&ahead(json!({ "frequency": "cron", "cron_expression": "x" })).await),
        [("cron_expression".into(), "not_cron".into())]
    );
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn lists_filter_and_figures_add_up() {
    let (_app, _github, project) = start().await;
    make(&project, json!({ "name": "b" })).await;
    make(&project, json!({ "name": "a", "frequency": "hourly", "enabled": false })).await;
    make(&project, json!({ "name": "c", "frequency": "hourly" })).await;
    let names = async |query: &str| -> Vec<String> {
        let list = project.get(&format!("{PATH}?{query}")).await.expect(200);
        list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["c", "a", "b"]);
    assert_eq!(names("sort=name").await, ["a", "b", "c"]);
    assert_eq!(names("frequency=hourly&enabled=true").await, ["c"]);
    assert_eq!(names("enabled=false&task_type=repository_sync").await, ["a"]);
    assert_eq!(names("task_type=knowledge_ingest").await, [""; 0]);
    let summary = project.get(&format!("{PATH}/statistics/summary")).await.expect(200);
    assert_eq!(
        (&summary["total_schedules"], &summary["enabled_schedules"], &summary["disabled_schedules"]),
        (&json!(3), &json!(2), &json!(1))
    );
    assert_eq!((&summary["by_frequency"]["hourly"], &summary["by_frequency"]["cron"]), (&json!(2), &json!(0)));
    assert_eq!((&summary["success_rate"], &summary["total_runs"]), (&json!(0.0), &json!(0)));
    let due = project.get(&format!("{PATH}/due/list")).await.expect(200);
    assert_eq!((&due["total"], &due["page_size"]), (&json!(0), &json!(20)));
    assert_eq!(project.get(&format!("{PATH}/health")).await.expect(200)["status"], "healthy");
}

#[tokio::test]
async fn strangers_other_projects_and_members_are_kept_out() {
    let (app, _github, alpha) = start().await;
    let made = make(&alpha, json!({})).await;
    let one = format!("{PATH}/{}", made["id"]);
    let eve = app.user("eve").await;
    let beta = eve.project("beta").await;
    let foreign = body(json!({}));
    assert_eq!(beta.post(PATH, foreign).await.problem(404), "repository-not-found");
    let tries = async |client: &commandcenter_testkit::Client| {
        vec![
            client.patch(&one, json!({ "name": "x" })).await,
            client.delete(&one).await,
            client.post(&format!("{one}/execute"), json!({ "force": true })).await,
            client.post(&format!("{one}/enable"), json!({})).await,
            client.post(&format!("{one}/disable"), json!({})).await,
        ]
    };
    for reply in tries(&beta.client).await.into_iter().chain([beta.get(&one).await, beta.get(&format!("{one}/runs")).await]) {
        assert_eq!(reply.problem(404), "schedule-not-found");
    }
    for path in ["", "/due/list"] {
        assert_eq!(beta.get(&format!("{PATH}{path}")).await.expect(200)["total"], 0);
    }
    assert_eq!(beta.get(&format!("{PATH}/statistics/summary")).await.expect(200)["total_schedules"], 0);
    assert_eq!(beta.get(&format!("{PATH}/health")).await.expect(200)["schedules"], 0);
    let members = format!("/api/v1/projects/{}/members", alpha.id);
    for role in ["viewer", "member"] {
        let name = app.user(role).await;
        alpha.post(&members, json!({ "email": name.email, "role": role })).await.expect(201);
        let insider = name.client.in_project(alpha.id);
        insider.get(&one).await.expect(200);
        insider.post(&format!("{PATH}/preview"), json!({ "frequency": "daily" })).await.expect(200);
        for reply in tries(&insider).await.into_iter().chain([insider.post(PATH, body(json!({}))).await]) {
            assert_eq!(reply.problem(403), "role-too-low", "{role}");
        }
    }
    let maintainer = app.user("max").await;
    alpha.post(&members, json!({ "email": maintainer.email, "role": "maintainer" })).await.expect(201);
    maintainer.client.in_project(alpha.id).patch(&one, json!({ "name": "Mine" })).await.expect(200);
    for wrong in ["0", "-1", "abc", "9223372036854775808"] {
        alpha.get(&format!("{PATH}/{wrong}")).await.problem(404);
    }
}

#[tokio::test]
async fn every_change_is_audited_and_published_once() {
    let (app, _github, project) = start().await;
    let made = make(&project, json!({})).await;
    let one = format!("{PATH}/{}", made["id"]);
    project.patch(&one, json!({ "name": "x" })).await.expect(200);
    for verb in ["disable", "disable", "enable", "enable", "execute"] {
        project.post(&format!("{one}/{verb}"), json!({})).await;
    }
    project.delete(&one).await.expect(204);
    let texts = async |sql: &str| -> Vec<String> {
        let db = app.db.connection();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    };
    let actions = texts("SELECT action FROM audit_entries WHERE entity = 'schedule' ORDER BY id").await;
    let verbs = ["created", "updated", "disabled", "enabled", "executed", "deleted"];
    assert_eq!(actions, verbs.map(|verb| format!("schedule.{verb}")));
    let kinds = texts("SELECT kind FROM outbox_events WHERE kind LIKE 'cc.schedule.%' ORDER BY id").await;
    assert_eq!(kinds, verbs.map(|verb| format!("cc.schedule.{verb}.v1")));
}
