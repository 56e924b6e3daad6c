//! Jobs, and the socket that follows them.

use std::time::Duration;

use commandcenter_testkit::recorded::{Fault, RecordedGitHub};
use commandcenter_testkit::{Project, TestApp};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The application with a GitHub that a test can slow down or break.
async fn start() -> (TestApp, RecordedGitHub) {
    let github = RecordedGitHub::start().await;
    let app = TestApp::start_with(&[("COMMANDCENTER_GITHUB__API_URL", &github.url())]).await;
    (app, github)
}

async fn repository(project: &Project) -> i64 {
    let body = json!({ "owner": "octocat", "name": "Hello-World" });
    project.post("/api/v1/repositories", body).await.expect(201)["id"].as_i64().unwrap()
}

/// A job that waits to be dispatched.
async fn held(project: &Project) -> (i64, Value) {
    let body = json!({ "job_type": "repository_sync", "parameters": { "repository_id": repository(project).await } });
    let job = project.post("/api/v1/jobs", body).await.expect(201);
    (job["id"].as_i64().unwrap(), job)
}

async fn until(project: &Project, id: i64, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let job = project.get(&format!("/api/v1/jobs/{id}")).await.expect(200);
        if wanted(&job) {
            return job;
        }
        assert!(Instant::now() < deadline, "never as wanted: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn is(status: &'static str) -> impl Fn(&Value) -> bool {
    move |job| job["status"] == status
}

#[tokio::test]
async fn a_created_job_waits_until_it_is_sent_and_runs_once_however_often_it_is_sent() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let repository = repository(&project).await;
    let parameters = json!({ "repository_id": repository });
    let body = json!({ "job_type": "repository_sync", "parameters": parameters, "tags": {"team": "dsp"}, "priority": 7 });
    let reply = project.post("/api/v1/jobs", body).await;
    assert_eq!(reply.header("location"), Some(format!("/api/v1/jobs/{}", reply.body["id"]).as_str()));
    let job = reply.expect(201);
    let id = job["id"].as_i64().unwrap();
    assert_eq!((&job["status"], &job["run_at"], &job["attempt"]), (&json!("pending"), &json!(null), &json!(0)));
    assert_eq!((&job["tags"], &job["priority"], &job["parameters"]), (&json!({"team": "dsp"}), &json!(7), &parameters));
    assert!(job["created_by"].is_i64() && job["created_at"].as_str().unwrap().ends_with('Z'));

    let path = format!("/api/v1/jobs/{id}/dispatch");
    assert_eq!(project.post(&path, json!(null)).await.status, 200);
    assert_eq!(project.post(&path, json!(null)).await.status, 200);
    let done = until(&project, id, is("completed")).await;
    assert_eq!((&done["progress"], &done["attempt"], &done["error"]), (&json!(100), &json!(1), &json!(null)));
    assert!(done["result"].is_object() && done["duration_seconds"].is_f64(), "{done}");
    assert_eq!(project.post(&path, json!(null)).await.expect(200)["attempt"], 1);
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let create = async |body: Value| project.post("/api/v1/jobs", body).await;
    assert_eq!(create(json!({ "job_type": "analysis" })).await.problem(422), "unknown-job-type");
    assert_eq!(create(json!({ "job_type": "repository_sync" })).await.problem(422), "validation");
    assert_eq!(
        create(json!({ "job_type": "repository_sync", "parameters": {"repository_id": 1, "x": 1} })).await.problem(422),
        "validation"
    );
    let none = json!({ "job_type": "repository_sync", "parameters": {"repository_id": 999_999} });
    assert_eq!(create(none).await.problem(404), "repository-not-found");
    let none = json!({ "job_type": "knowledge_ingest", "parameters": {"document_id": 999_999} });
    assert_eq!(create(none).await.problem(404), "document-not-found");
    assert_eq!(create(json!({ "job_type": "repository_sync", "parameters": {}, "created_by": 1 })).await.problem(422), "validation");
    let wrong =
        create(json!({ "job_type": "repository_sync", "parameters": {"repository_id": "1"}, "priority": 11, "tags": {"a": "\u{0}"} }))
            .await;
    assert_eq!(wrong.problem(422), "validation");
    let fields: Vec<_> = wrong.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["priority", "tags", "parameters"]);
}

#[tokio::test]
async fn a_delay_holds_a_job_back_and_has_bounds() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = held(&project).await;
    let path = format!("/api/v1/jobs/{id}/dispatch");
    for wrong in ["-1", "99999999999", "x"] {
        assert_eq!(project.post(&format!("{path}?delay_seconds={wrong}"), json!(null)).await.problem(422), "validation");
    }
    let sent = project.post(&format!("{path}?delay_seconds=3600"), json!(null)).await.expect(200);
    assert_eq!(sent["status"], "pending");
    assert!(sent["run_at"].as_str() > sent["created_at"].as_str());
    assert_eq!(project.get("/api/v1/jobs/active/list").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_then_is_finished() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = held(&project).await;
    let cancelled = project.post(&format!("/api/v1/jobs/{id}/cancel"), json!(null)).await.expect(200);
    assert_eq!((&cancelled["status"], cancelled["completed_at"].is_string()), (&json!("cancelled"), true));
    assert_eq!(project.post(&format!("/api/v1/jobs/{id}/cancel"), json!(null)).await.problem(409), "job-finished");
    assert_eq!(project.post(&format!("/api/v1/jobs/{id}/dispatch"), json!(null)).await.problem(409), "job-finished");
    assert_eq!(project.delete(&format!("/api/v1/jobs/{id}")).await.status, 204);
    assert_eq!(project.get(&format!("/api/v1/jobs/{id}")).await.problem(404), "job-not-found");
}

#[tokio::test]
async fn a_running_job_cannot_be_deleted_and_stops_within_two_seconds_of_its_cancel() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = held(&project).await;
    github.delay(Duration::from_secs(20));
    let path = format!("/api/v1/jobs/{id}");
    drop(project.post(&format!("{path}/dispatch"), json!(null)).await.expect(200));
    until(&project, id, is("running")).await;
    assert_eq!(project.delete(&path).await.problem(409), "job-running");
    let asked = Instant::now();
    assert_eq!(project.post(&format!("{path}/cancel"), json!(null)).await.expect(200)["cancel_requested"], true);
    until(&project, id, is("cancelled")).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn lists_statistics_and_progress_tell_of_the_project() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (done, _) = held(&project).await;
    drop(project.post(&format!("/api/v1/jobs/{done}/dispatch"), json!(null)).await.expect(200));
    until(&project, done, is("completed")).await;
    let repository = project.get(&format!("/api/v1/jobs/{done}")).await.expect(200)["parameters"].clone();
    let make = json!({ "job_type": "repository_sync", "parameters": repository });
    let failing = project.post("/api/v1/jobs", make.clone()).await.expect(201)["id"].as_i64().unwrap();
    github.fail(Fault::NotFound);
    drop(project.post(&format!("/api/v1/jobs/{failing}/dispatch"), json!(null)).await.expect(200));
    let failed = until(&project, failing, is("failed")).await;
    assert!(failed["error"].is_string());
    let waiting = project.post("/api/v1/jobs", make).await.expect(201)["id"].as_i64().unwrap();

    let ids = async |query: &str| {
        let page = project.get(&format!("/api/v1/jobs{query}")).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|job| job["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [waiting, failing, done]);
    assert_eq!(ids("?status=failed").await, [failing]);
    assert_eq!(ids("?status_filter=pending&job_type=repository_sync").await, [waiting]);
    assert_eq!(ids("?sort=created_at&limit=2").await, [done, failing]);
    assert_eq!(ids("?sort=created_at&limit=2&page=2").await, [waiting]);
    assert_eq!(ids("?job_type=knowledge_ingest").await, Vec::<i64>::new());
    for wrong in ["?status=done", "?status=failed&status_filter=dead", "?limit=101", "?page=0", "?sort=nothing", "?job_type=x"] {
        assert_eq!(project.get(&format!("/api/v1/jobs{wrong}")).await.problem(422), "validation", "{wrong}");
    }
    let (statements, figures) = app.statements_of(project.get("/api/v1/jobs/statistics/summary")).await;
    let figures = figures.expect(200);
    assert!(statements <= 2, "{statements}");
    assert_eq!((&figures["total"], &figures["active_jobs"], &figures["success_rate"]), (&json!(3), &json!(1), &json!(50.0)));
    assert_eq!((&figures["by_status"]["completed"], &figures["by_status"]["dead"]), (&json!(1), &json!(0)));
    assert!(figures["average_duration_seconds"].is_f64());
    let progress = project.get(&format!("/api/v1/jobs/{done}/progress")).await.expect(200);
    assert_eq!((&progress["job_id"], &progress["is_terminal"], &progress["is_active"]), (&json!(done), &json!(true), &json!(false)));
}

#[tokio::test]
async fn jobs_of_another_project_do_not_exist_and_a_viewer_only_reads() {
    let (app, _github) = start().await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let project = ann.project("alpha").await;
    let theirs = eve.project("beta").await;
    let (id, job) = held(&project).await;
    let stolen = json!({ "job_type": "repository_sync", "parameters": job["parameters"] });
    assert_eq!(theirs.post("/api/v1/jobs", stolen.clone()).await.problem(404), "repository-not-found");
    let path = format!("/api/v1/jobs/{id}");
    assert_eq!(theirs.get(&path).await.problem(404), "job-not-found");
    assert_eq!(theirs.get(&format!("{path}/progress")).await.problem(404), "job-not-found");
    assert_eq!(theirs.delete(&path).await.problem(404), "job-not-found");
    for verb in ["dispatch", "cancel"] {
        assert_eq!(theirs.post(&format!("{path}/{verb}"), json!(null)).await.problem(404), "job-not-found");
    }
    assert_eq!(theirs.get("/api/v1/jobs").await.expect(200)["total"], 0);
    assert_eq!(eve.in_project(project.id).get(&path).await.problem(404), "project-not-found");
    for path in ["/api/v1/jobs", &path, "/api/v1/jobs/active/list", "/api/v1/jobs/statistics/summary"] {
        assert_eq!(app.anonymous().in_project(project.id).get(path).await.problem(401), "unauthenticated", "{path}");
        assert_eq!(ann.get(path).await.problem(400), "project-required", "{path}");
    }

    let member = json!({ "email": eve.email, "role": "viewer" });
    drop(project.post(&format!("/api/v1/projects/{}/members", project.id), member).await.expect(201));
    let viewer = eve.in_project(project.id);
    assert_eq!(viewer.get(&path).await.status, 200);
    assert_eq!(viewer.post("/api/v1/jobs", stolen).await.problem(403), "role-too-low");
    assert_eq!(viewer.delete(&path).await.problem(403), "role-too-low");
    for verb in ["dispatch", "cancel"] {
        assert_eq!(viewer.post(&format!("{path}/{verb}"), json!(null)).await.problem(403), "role-too-low");
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

fn address(app: &TestApp, job: i64, query: &str) -> String {
    format!("{}/api/v1/jobs/ws/{job}{query}", app.url.replace("http://", "ws://"))
}

async fn ticket(project: &Project) -> String {
    let ticket = project.post("/api/v1/auth/ws-ticket", json!({})).await.expect(201);
    format!("?ticket={}", ticket["ticket"].as_str().unwrap())
}

async fn open(app: &TestApp, job: i64, query: &str) -> Socket {
    tokio_tungstenite::connect_async(address(app, job, query)).await.expect("the socket opens").0
}

/// The status with which a handshake is refused.
async fn refusal(request: impl IntoClientRequest + Unpin) -> u16 {
    match tokio_tungstenite::connect_async(request).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("not refused: {other:?}"),
    }
}

/// Every frame until the close, and the close's code.
async fn to_the_end(socket: &mut Socket) -> (Vec<Value>, Option<CloseCode>) {
    let (mut frames, mut code) = (Vec::new(), None);
    let reading = async {
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) => frames.push(serde_json::from_str(&text).unwrap()),
                Message::Close(reason) => code = reason.map(|reason| reason.code),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("the socket is closed in time");
    (frames, code)
}

#[tokio::test]
async fn a_socket_tells_a_job_from_start_to_end_and_closes_normally() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = held(&project).await;
    let mut socket = open(&app, id, &ticket(&project).await).await;
    github.delay(Duration::from_millis(50));
    drop(project.post(&format!("/api/v1/jobs/{id}/dispatch"), json!(null)).await.expect(200));

    let (frames, code) = to_the_end(&mut socket).await;

    let counts = json!({ "items_done": 0, "items_failed": 0, "items_total": null });
    let mut first = json!({ "type": "connected", "job_id": id, "status": "pending", "progress": 0, "current_step": null });
    first.as_object_mut().unwrap().extend(counts.as_object().unwrap().clone());
    assert_eq!(frames[0], first);
    assert!(frames.iter().any(|frame| frame["type"] == "progress" && frame["status"] == "running"), "{frames:?}");
    let last = frames.last().unwrap();
    assert_eq!((&last["type"], &last["status"], &last["error"]), (&json!("completed"), &json!("completed"), &json!(null)), "{frames:?}");
    assert!(last["result"].is_object());
    let middle = &frames[1..frames.len() - 1];
    assert!(middle.iter().all(|frame| frame["type"] == "progress" && frame["is_terminal"].is_boolean()), "{frames:?}");
    assert!(middle.windows(2).all(|pair| pair[0] != pair[1]), "a frame says something new: {frames:?}");
    assert_eq!(code, Some(CloseCode::Normal));
}

#[tokio::test]
async fn failed_and_cancelled_jobs_end_with_completed_too_and_an_ended_one_says_so_at_once() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, job) = held(&project).await;
    github.fail(Fault::NotFound);
    let mut socket = open(&app, id, &ticket(&project).await).await;
    drop(project.post(&format!("/api/v1/jobs/{id}/dispatch"), json!(null)).await.expect(200));
    let (frames, code) = to_the_end(&mut socket).await;
    let last = frames.last().unwrap();
    assert_eq!((&last["type"], &last["status"], code), (&json!("completed"), &json!("failed"), Some(CloseCode::Normal)));
    assert!(last["error"].is_string());

    let again = json!({ "job_type": "repository_sync", "parameters": job["parameters"] });
    let other = project.post("/api/v1/jobs", again).await.expect(201)["id"].as_i64().unwrap();
    let mut socket = open(&app, other, &ticket(&project).await).await;
    drop(project.post(&format!("/api/v1/jobs/{other}/cancel"), json!(null)).await.expect(200));
    assert_eq!(to_the_end(&mut socket).await.0.last().unwrap()["status"], "cancelled");
    let mut late = open(&app, other, &ticket(&project).await).await;
    let (frames, code) = to_the_end(&mut late).await;
    let kinds: Vec<_> = frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    assert_eq!((kinds, code), (vec!["connected", "completed"], Some(CloseCode::Normal)));
}

#[tokio::test]
async fn a_socket_is_refused_with_401_or_404_at_the_handshake() {
    let (app, _github) = start().await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let project = ann.project("alpha").await;
    let theirs = eve.project("beta").await;
    let (id, _) = held(&project).await;
    assert_eq!(refusal(address(&app, id, "")).await, 401);
    assert_eq!(refusal(address(&app, id, "?ticket=made-up")).await, 401);
    assert_eq!(refusal(address(&app, id, &ticket(&theirs).await)).await, 404);
    assert_eq!(refusal(address(&app, 999_999, &ticket(&project).await)).await, 404);
    let used = ticket(&project).await;
    let mut socket = open(&app, id, &used).await;
    socket.close(None).await.unwrap();
    assert_eq!(refusal(address(&app, id, &used)).await, 401, "a ticket works once");

    let by_token = |token: &str, project: Option<i64>| {
        let mut request = address(&app, id, "").into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        if let Some(project) = project {
            request.headers_mut().insert("x-project-id", project.to_string().parse().unwrap());
        }
        request
    };
    assert_eq!(refusal(by_token("made-up", Some(project.id))).await, 401);
    assert_eq!(refusal(by_token(eve.token.as_ref().unwrap(), Some(project.id))).await, 404);
    assert_eq!(refusal(by_token(ann.token.as_ref().unwrap(), None)).await, 404);
    let (mut socket, _) = tokio_tungstenite::connect_async(by_token(ann.token.as_ref().unwrap(), Some(project.id))).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    socket.send(Message::Ping("hi".into())).await.unwrap();
    assert!(matches!(timeout(PATIENCE, socket.next()).await.unwrap(), Some(Ok(Message::Pong(_)))));
    // Not a handshake at all.
    let plain = project.get(&format!("/api/v1/jobs/ws/{id}")).await;
    assert_eq!(plain.problem(400), "websocket-required");
}

/// The frames of one more watcher.
async fn watch(app: &TestApp, project: &Project, job: i64) -> (Socket, Value) {
    let mut socket = open(app, job, &ticket(project).await).await;
    let Some(Ok(Message::Text(first))) = timeout(PATIENCE, socket.next()).await.unwrap() else { panic!("no first frame") };
    (socket, serde_json::from_str(&first).unwrap())
}

#[tokio::test]
async fn watchers_of_one_job_cost_as_many_reads_as_one_of_them_and_each_begins_with_the_state() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (_, job) = held(&project).await;
    let another = json!({ "job_type": "repository_sync", "parameters": job["parameters"] });
    let mut reads = Vec::new();
    for watchers in [1, 25] {
        let id = project.post("/api/v1/jobs", another.clone()).await.expect(201)["id"].as_i64().unwrap();
        let mut sockets = Vec::new();
        for _ in 0..watchers {
            let (socket, first) = watch(&app, &project, id).await;
            assert_eq!((&first["type"], &first["status"]), (&json!("connected"), &json!("pending")));
            sockets.push(socket);
        }
        let to_the_end_of_all = async {
            drop(project.post(&format!("/api/v1/jobs/{id}/cancel"), json!(null)).await.expect(200));
            for socket in &mut sockets {
                let (frames, code) = to_the_end(socket).await;
                assert_eq!((&frames.last().unwrap()["status"], code), (&json!("cancelled"), Some(CloseCode::Normal)), "{frames:?}");
            }
        };
        reads.push(app.job_reads_of(to_the_end_of_all).await.0);
    }
    assert_eq!(reads, [1, 1]);
}

#[tokio::test]
async fn who_opens_a_running_job_late_is_told_how_it_stands_and_who_leaves_disturbs_nobody() {
    let (app, github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = held(&project).await;
    let (mut first, _) = watch(&app, &project, id).await;
    let (mut leaving, _) = watch(&app, &project, id).await;
    github.delay(Duration::from_millis(300));
    drop(project.post(&format!("/api/v1/jobs/{id}/dispatch"), json!(null)).await.expect(200));
    until(&project, id, is("running")).await;
    let (mut late, state) = watch(&app, &project, id).await;
    assert_eq!(state["type"], "connected");
    leaving.close(None).await.unwrap();
    for socket in [&mut first, &mut late] {
        let (frames, code) = to_the_end(socket).await;
        assert!(frames.iter().any(|frame| frame["status"] == "running") || state["status"] == "running", "{frames:?}");
        assert_eq!((&frames.last().unwrap()["status"], code), (&json!("completed"), Some(CloseCode::Normal)));
    }
}

#[tokio::test]
async fn a_server_that_stops_closes_its_sockets_instead_of_waiting_for_them() {
    let (app, _github) = start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = held(&project).await;
    let mut socket = open(&app, id, &ticket(&project).await).await;
    let stopping = std::thread::spawn(move || {
        let begun = std::time::Instant::now();
        drop(app);
        begun.elapsed()
    });
    assert_eq!(to_the_end(&mut socket).await.1, Some(CloseCode::Away));
    let took = tokio::task::spawn_blocking(|| stopping.join().unwrap()).await.unwrap();
    assert!(took < Duration::from_secs(10), "{took:?}");
}
