//! Research tasks as clients see them.

use chrono::{TimeDelta, Utc};
use commandcenter_testkit::{Project, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/research-tasks";

async fn project(app: &TestApp) -> Project {
    app.user("ann").await.project("alpha").await
}

async fn add(project: &Project, body: Value) -> i64 {
    project.post(PATH, body).await.expect(201)["id"].as_i64().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the application under test runs on the machine's clock")]
fn in_days(days: i64) -> String {
    (Utc::now() + TimeDelta::days(days)).to_rfc3339()
}

async fn titles(project: &Project, path: &str) -> Vec<String> {
    let body = project.get(path).await.expect(200);
    let items = body["items"].as_array().unwrap();
    assert_eq!(body["total"], items.len(), "{path}");
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

fn files(app: &TestApp) -> usize {
    let Ok(projects) = std::fs::read_dir(app.data.path().join("files")) else { return 0 };
    projects.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn every_field_is_kept_and_can_be_changed() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let technology = project.post("/api/v1/technologies", json!({"title": "T"})).await.expect(201)["id"].clone();
    let repository = project.post("/api/v1/repositories", json!({"owner": "o", "name": "r"})).await.expect(201)["id"].clone();
    let body = json!({
        "title": "Measure", "description": "how fast", "status": "in_progress", "task_type": "ad_hoc_hypothesis", "technology_id": technology,
        "user_notes": "n", "findings": "f", "assigned_to": "Bo", "due_date": "2027-01-01T12:00:00Z", "estimated_hours": 5, "actual_hours": 1,
        "progress_percentage": 10,
    });
    let created = project.post(PATH, body.clone()).await;
    let id = created.body["id"].clone();
    let shown = project.get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!(shown, created.body);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    let change = json!({"technology_id": null, "repository_id": repository, "estimated_hours": 9, "due_date": "2027-01-01T14:00:00+02:00"});
    let changed = project.patch(&format!("{PATH}/{id}"), change).await.expect(200);
    assert_eq!((&changed["technology_id"], &changed["repository_id"], &changed["estimated_hours"]), (&Value::Null, &repository, &json!(9)));
    assert_eq!((&changed["due_date"], &changed["version"]), (&json!("2027-01-01T12:00:00Z"), &json!(2)));
    project.delete(&format!("/api/v1/repositories/{repository}")).await.expect(204);
    assert_eq!(project.get(&format!("{PATH}/{id}")).await.expect(200)["repository_id"], Value::Null);
    project.delete(&format!("{PATH}/{id}")).await.expect(204);
    assert_eq!(project.get(&format!("{PATH}/{id}")).await.problem(404), "research-task-not-found");
}

#[tokio::test]
async fn every_door_to_completion_sets_its_time_and_leaving_clears_it() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let born = project.post(PATH, json!({"title": "a", "status": "completed"})).await.expect(201);
    assert!(born["completed_at"].is_string() && born["progress_percentage"] == 100, "{born}");
    let id = add(&project, json!({"title": "b"})).await;
    let doors = [
        (json!({"status": "completed"}), ""),
        (json!({"progress_percentage": 100}), ""),
        (json!(null), "/status?new_status=completed"),
        (json!(null), "/progress?progress_percentage=100"),
    ];
    for (body, door) in doors {
        let done = project.patch(&format!("{PATH}/{id}{door}"), body).await.expect(200);
        assert_eq!((&done["status"], &done["progress_percentage"]), (&json!("completed"), &json!(100)));
        let again = project.patch(&format!("{PATH}/{id}/status?new_status=completed"), json!(null)).await.expect(200);
        assert!(done["completed_at"].is_string() && again["completed_at"] == done["completed_at"]);
        let left = project.patch(&format!("{PATH}/{id}/status?new_status=blocked"), json!(null)).await.expect(200);
        assert_eq!((&left["completed_at"], &left["status"]), (&Value::Null, &json!("blocked")));
    }
    let contradiction = project.patch(&format!("{PATH}/{id}"), json!({"status": "completed", "progress_percentage": 50})).await;
    assert_eq!(contradiction.problem(422), "validation");
    for door in ["status", "status?new_status=done", "progress", "progress?progress_percentage=101", "progress?progress_percentage=-1"] {
        assert_eq!(project.patch(&format!("{PATH}/{id}/{door}"), json!(null)).await.problem(422), "validation", "{door}");
    }
}

#[tokio::test]
async fn filters_combine_and_dates_order_alike_on_both_databases() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let technology = project.post("/api/v1/technologies", json!({"title": "T"})).await.expect(201)["id"].clone();
    add(&project, json!({"title": "one", "technology_id": technology, "assigned_to": "Bo", "due_date": in_days(3)})).await;
    add(&project, json!({"title": "two", "technology_id": technology, "status": "blocked", "due_date": in_days(-2)})).await;
    add(&project, json!({"title": "three", "assigned_to": "Bo", "findings": "latency 5 ms"})).await;
    assert_eq!(titles(&project, PATH).await, ["three", "two", "one"]);
    assert_eq!(titles(&project, &format!("{PATH}?technology_id={technology}&assigned_to=Bo")).await, ["one"]);
    assert_eq!(titles(&project, &format!("{PATH}?technology_id={technology}&status=blocked")).await, ["two"]);
    assert_eq!(titles(&project, &format!("{PATH}?search=laten&assigned_to=Bo")).await, ["three"]);
    assert_eq!(titles(&project, &format!("{PATH}?sort=due_date")).await, ["three", "two", "one"]);
    assert_eq!(titles(&project, &format!("{PATH}?sort=-due_date")).await, ["one", "two", "three"]);
    let before = in_days(0).replace('+', "%2B");
    assert_eq!(titles(&project, &format!("{PATH}?due_before={before}")).await, ["two"]);
    assert_eq!(titles(&project, &format!("{PATH}?due_after={before}")).await, ["one"]);
    assert_eq!(project.get(&format!("{PATH}?due_after=2026-11-21T10:00:00")).await.body["errors"][0]["code"], "zone_required");
}

#[tokio::test]
async fn figures_are_filtered_and_count_everything() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let technology = project.post("/api/v1/technologies", json!({"title": "T"})).await.expect(201)["id"].clone();
    for n in 0..12 {
        add(&project, json!({"title": format!("late {n}"), "due_date": in_days(-1), "technology_id": technology})).await;
    }
    add(&project, json!({"title": "soon", "due_date": in_days(2)})).await;
    add(&project, json!({"title": "held up", "due_date": in_days(2), "status": "blocked"})).await;
    add(&project, json!({"title": "far", "due_date": in_days(20)})).await;
    add(&project, json!({"title": "done", "due_date": in_days(-1), "status": "completed"})).await;
    let overview = format!("{PATH}/statistics/overview");
    let (statements, reply) = app.statements_of(project.get(&overview)).await;
    let all = reply.expect(200);
    assert_eq!((&all["total"], &all["overdue_count"], &all["upcoming_count"]), (&json!(16), &json!(12), &json!(1)));
    assert_eq!(all["by_status"], json!({"pending": 14, "in_progress": 0, "blocked": 1, "completed": 1, "cancelled": 0}));
    assert_eq!(all["overdue_tasks"].as_array().map(Vec::len), Some(5));
    assert_eq!(all["upcoming_tasks"][0]["title"], "soon");
    assert!(statements <= 4, "{statements}");
    let some = project.get(&format!("{overview}?technology_id={technology}")).await.expect(200);
    assert_eq!((&some["total"], &some["upcoming_count"]), (&json!(12), &json!(0)));
    assert_eq!(titles(&project, &format!("{PATH}/upcoming/list")).await, ["soon"]);
    assert_eq!(titles(&project, &format!("{PATH}/upcoming/list?days=30")).await, ["soon", "far"]);
    assert_eq!(titles(&project, &format!("{PATH}/overdue/list")).await.len(), 12);
    for query in ["upcoming/list?days=0", "upcoming/list?days=91", "overdue/list?limit=501"] {
        assert_eq!(project.get(&format!("{PATH}/{query}")).await.problem(422), "validation", "{query}");
    }
}

#[tokio::test]
async fn bad_input_and_foreign_references_are_refused() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let (alpha, beta) = (user.project("alpha").await, user.project("beta").await);
    let foreign = beta.post("/api/v1/technologies", json!({"title": "T"})).await.expect(201)["id"].clone();
    let theirs = beta.post("/api/v1/repositories", json!({"owner": "o", "name": "r"})).await.expect(201)["id"].clone();
    let id = add(&alpha, json!({"title": "A"})).await;
    let bodies = [
        (json!({"title": "x".repeat(10_000)}), "title", "too_long"),
        (json!({"title": "B", "due_date": "2026-11-21T10:00:00"}), "due_date", "zone_required"),
        (json!({"title": "B", "due_date": "soon"}), "due_date", "not_a_moment"),
        (json!({"title": "B", "estimated_hours": -1}), "estimated_hours", "out_of_range"),
        (json!({"title": "B", "findings": "\0"}), "findings", "nul"),
        (json!({"title": "B", "created_by": 1}), "created_by", "unknown_field"),
        (json!({"title": "B", "status": null}), "status", "null"),
    ];
    for (body, field, code) in bodies {
        let reply = alpha.post(PATH, body).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!((&reply.body["errors"][0]["field"], &reply.body["errors"][0]["code"]), (&json!(field), &json!(code)), "{}", reply.text);
    }
    for (field, value, slug) in [
        ("technology_id", &foreign, "technology-not-found"),
        ("repository_id", &theirs, "repository-not-found"),
        ("technology_id", &json!(i64::MAX), "technology-not-found"),
        ("repository_id", &json!(-1), "repository-not-found"),
    ] {
        assert_eq!(alpha.post(PATH, json!({"title": "B", field: value})).await.problem(404), slug);
        assert_eq!(alpha.patch(&format!("{PATH}/{id}"), json!({field: value})).await.problem(404), slug);
    }
    for reply in [
        beta.get(&format!("{PATH}/{id}")).await,
        beta.delete(&format!("{PATH}/{id}")).await,
        beta.get(&format!("{PATH}/{id}/documents")).await,
        beta.patch(&format!("{PATH}/{id}/status?new_status=blocked"), json!(null)).await,
    ] {
        assert_eq!(reply.problem(404), "research-task-not-found");
    }
    for wrong in ["0", "-1", "9223372036854775808"] {
        alpha.get(&format!("{PATH}/{wrong}")).await.problem(404);
    }
    let stale =
        alpha.send(alpha.request(Method::PATCH, &format!("{PATH}/{id}")).header("if-match", "\"9\"").json(&json!({"title": "C"}))).await;
    assert_eq!(stale.problem(412), "precondition-failed");
    assert_eq!(app.anonymous().get(PATH).await.problem(401), "unauthenticated");
}

#[tokio::test]
async fn files_are_attached_downloaded_and_removed_with_their_bytes() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let id = add(&project, json!({"title": "A"})).await;
    let documents = format!("{PATH}/{id}/documents");
    let first = project.upload(&documents, ("../../notes \"ü\".txt", b"hello".to_vec()), &[]).await.expect(201);
    let second = project.upload(&documents, ("b.bin", vec![0, 1, 2]), &[]).await.expect(201);
    assert_eq!((&first["filename"], &first["size"]), (&json!("notes \"ü\".txt"), &json!(5)));
    assert_eq!(first["sha256"], "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    let listed = project.get(&documents).await.expect(200);
    assert_eq!(listed["documents"], json!([first, second]));
    assert_eq!(project.get(&format!("{PATH}/{id}")).await.expect(200)["document_count"], 2);
    let bytes = project.get(&format!("{documents}/{}", first["id"])).await;
    assert_eq!((bytes.status, bytes.text.as_str()), (200, "hello"));
    assert!(
        bytes.header("content-disposition").unwrap().starts_with("attachment; filename=\"notes "),
        "{:?}",
        bytes.header("content-disposition")
    );
    assert_eq!(files(&app), 2);
    project.delete(&format!("{documents}/{}", first["id"])).await.expect(204);
    assert_eq!(project.get(&format!("{documents}/{}", first["id"])).await.problem(404), "document-not-found");
    assert_eq!(files(&app), 1);
    project.delete(&format!("{PATH}/{id}")).await.expect(204);
    assert_eq!(files(&app), 0);
}

#[tokio::test]
async fn files_leave_with_the_technology_their_task_is_about() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let technology = project.post("/api/v1/technologies", json!({"title": "T"})).await.expect(201)["id"].clone();
    let id = add(&project, json!({"title": "A", "technology_id": technology})).await;
    project.upload(&format!("{PATH}/{id}/documents"), ("a", b"x".to_vec()), &[]).await.expect(201);
    project.delete(&format!("/api/v1/technologies/{technology}")).await.expect(204);
    assert_eq!(project.get(&format!("{PATH}/{id}")).await.problem(404), "research-task-not-found");
    assert_eq!(files(&app), 0);
}

#[tokio::test]
async fn a_refused_upload_leaves_nothing() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let (alpha, beta) = (user.project("alpha").await, user.project("beta").await);
    let id = add(&alpha, json!({"title": "A"})).await;
    let documents = format!("{PATH}/{id}/documents");
    let large = alpha.upload(&documents, ("a.bin", vec![7; 50 * 1024 * 1024 + 1]), &[]).await;
    assert_eq!(large.problem(413), "file-too-large");
    assert_eq!(alpha.upload(&documents, ("a", b"x".to_vec()), &[("other", "1")]).await.problem(422), "validation");
    assert_eq!(alpha.post(&documents, json!({})).await.problem(415), "unsupported-media-type");
    assert_eq!(alpha.post_raw(&documents, "multipart/form-data; boundary=x", "--x\r\nbroken").await.problem(400), "malformed-form");
    assert_eq!(alpha.post_raw(&documents, "multipart/form-data; boundary=x", "--x--\r\n").await.problem(422), "validation");
    assert_eq!(beta.upload(&documents, ("a", b"x".to_vec()), &[]).await.problem(404), "research-task-not-found");
    assert_eq!(files(&app), 0);
    assert_eq!(alpha.get(&documents).await.expect(200)["documents"], json!([]));
}
