//! Sources made, changed, paused and deleted; and what is refused.

use serde_json::{Value, json};

use super::{PATH, make, run, start};

fn site(name: &str) -> Value {
    json!({ "name": name, "type": "documentation", "url": "http://example.com/docs/?utm_source=x#top" })
}

#[tokio::test]
async fn a_source_is_shown_whole_with_its_defaults() {
    let (_app, project) = start(&[]).await;
    let reply = project.post(PATH, site("Docs")).await;
    let location = reply.header("location").unwrap().to_owned();
    let made = reply.expect(201);
    assert_eq!(location, format!("{PATH}/{}", made["id"]));
    assert_eq!((&made["url"], &made["status"], &made["priority"]), (&json!("http://example.com/docs/"), &json!("pending"), &json!(5)));
    assert_eq!((&made["config"]["max_depth"], &made["config"]["max_pages"], &made["enabled"]), (&json!(3), &json!(100), &json!(true)));
    assert_eq!(project.get(&location).await.expect(200), made);
    assert_eq!(project.post(PATH, site("Docs")).await.problem(409), "source-exists");
    let listed = project.get(&format!("{PATH}?type=documentation&enabled=true")).await.expect(200);
    assert_eq!((&listed["total"], &listed["items"][0]), (&json!(1), &made));
    assert_eq!(project.get(&format!("{PATH}?type=rss")).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field_and_nothing_is_written() {
    let (_app, project) = start(&[]).await;
    for (body, field) in [
        (json!({ "type": "rss", "url": "http://e.org/" }), "name"),
        (json!({ "name": "a", "type": "gopher" }), "type"),
        (json!({ "name": "a", "type": "rss" }), "url"),
        (json!({ "name": "a", "type": "rss", "url": "file:///etc/passwd" }), "url"),
        (json!({ "name": "a", "type": "rss", "url": "http://10.0.0.1/feed" }), "url"),
        (json!({ "name": "a", "type": "rss", "url": "http://[::ffff:169.254.169.254]/" }), "url"),
        (json!({ "name": "a", "type": "documentation", "url": "http://0x7f.1/", "path": "/x" }), "path"),
        (json!({ "name": "a", "type": "rss", "url": "http://e.org/", "schedule": "every day" }), "schedule"),
        (json!({ "name": "a", "type": "rss", "url": "http://e.org/", "schedule": "0 0 31 2 *" }), "schedule"),
        (json!({ "name": "a", "type": "rss", "url": "http://e.org/", "priority": 11 }), "priority"),
        (json!({ "name": "a", "type": "rss", "url": "http://e.org/", "config": { "max_entries": 0 } }), "config.max_entries"),
        (json!({ "name": "a", "type": "rss", "url": "http://e.org/", "config": { "depth": 1 } }), "config.depth"),
        (json!({ "name": "a", "type": "rss", "url": "http://e.org/", "project_id": 1 }), "project_id"),
        (json!({ "name": "a", "type": "file_watcher", "path": "/etc" }), "path"),
        (json!({ "name": "a", "type": "file_watcher", "path": "relative" }), "path"),
        (json!({ "name": "a", "type": "hacker_news" }), "config.keywords"),
        (json!({ "name": "a", "type": "webhook" }), "secret"),
        (json!({ "name": "a\u{0}", "type": "rss", "url": "http://e.org/" }), "name"),
    ] {
        let reply = project.post(PATH, body.clone()).await;
        assert_eq!(reply.problem(422), "validation", "{body}");
        let fields: Vec<_> = reply.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert!(fields.contains(&field), "{body}: {fields:?}");
    }
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0);
    assert_eq!(project.get("/api/v1/schedules").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_schedule_follows_its_source() {
    let (_app, project) = start(&[]).await;
    let mut body = site("Docs");
    body["schedule"] = json!("0 4 * * *");
    let made = project.post(PATH, body).await.expect(201);
    let (source, schedule) = (format!("{PATH}/{}", made["id"]), format!("/api/v1/schedules/{}", made["schedule_id"]));
    assert_eq!(made["schedule"], "0 4 * * *");
    assert!(made["next_run_at"].as_str().unwrap().contains("T04:00:00"), "{made}");
    let shown = project.get(&schedule).await.expect(200);
    assert_eq!((&shown["task_type"], &shown["task_parameters"]), (&json!("source_sync"), &json!({ "source_id": made["id"] })));

    let paused = project.put(&source, json!({ "enabled": false })).await.expect(200);
    assert_eq!((&paused["status"], &paused["next_run_at"], &paused["version"]), (&json!("disabled"), &Value::Null, &json!(2)));
    assert_eq!(project.get(&schedule).await.expect(200)["enabled"], false);
    assert_eq!(project.post(&format!("{source}/run"), json!({})).await.problem(409), "source-paused");

    let moved = project.put(&source, json!({ "enabled": true, "schedule": "30 5 * * *" })).await.expect(200);
    assert!(moved["next_run_at"].as_str().unwrap().contains("T05:30:00"), "{moved}");
    assert_eq!(moved["schedule_id"], made["schedule_id"]);

    let without = project.put(&source, json!({ "schedule": null })).await.expect(200);
    assert_eq!((&without["schedule"], &without["schedule_id"]), (&Value::Null, &Value::Null));
    assert_eq!(project.get(&schedule).await.status, 404);

    project.put(&source, json!({ "schedule": "@daily" })).await.expect(200);
    assert_eq!(project.delete(&source).await.status, 204);
    assert_eq!(project.get("/api/v1/schedules").await.expect(200)["total"], 0, "the schedule goes with its source");
    assert_eq!(project.get(&source).await.problem(404), "source-not-found");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name_and_no_change_moves_the_type() {
    let (_app, project) = start(&[]).await;
    let id =
        make(&project, json!({ "name": "a", "type": "rss", "url": "http://e.org/feed", "config": { "max_entries": 7, "tags": ["x"] } }))
            .await;
    let path = format!("{PATH}/{id}");
    let changed = project.put(&path, json!({ "name": "b", "url": "http://e.org/other" })).await.expect(200);
    assert_eq!((&changed["name"], &changed["config"]["max_entries"], &changed["config"]["tags"]), (&json!("b"), &json!(7), &json!(["x"])));
    assert_eq!(project.put(&path, json!({ "type": "documentation" })).await.problem(422), "validation");
    assert_eq!(project.put(&path, json!({ "name": null })).await.problem(422), "validation");
    let stale = project.request(reqwest::Method::PUT, &path).header("if-match", "\"1\"").json(&json!({ "name": "c" }));
    assert_eq!(project.send(stale).await.problem(412), "precondition-failed");
    let fresh = project.request(reqwest::Method::PUT, &path).header("if-match", "\"2\"").json(&json!({ "name": "c" }));
    assert_eq!(project.send(fresh).await.expect(200)["version"], 3);
}

#[tokio::test]
async fn a_webhook_is_not_run_and_runs_that_are_not_there_are_not_found() {
    let (_app, project) = start(&[]).await;
    let id = make(&project, json!({ "name": "p", "type": "webhook", "secret": "a secret of some length" })).await;
    assert_eq!(project.post(&format!("{PATH}/{id}/run"), json!({})).await.problem(409), "source-not-read");
    assert_eq!(project.get(&format!("{PATH}/{id}/runs/99")).await.problem(404), "source-run-not-found");
    for path in ["", "/runs", "/items", "/runs/1"] {
        assert_eq!(project.get(&format!("{PATH}/999{path}")).await.problem(404), "source-not-found");
    }
    assert_eq!(project.get(&format!("{PATH}/{id}/items?state=lost")).await.problem(422), "validation");
}

#[tokio::test]
async fn a_viewer_only_looks_and_a_schedule_is_a_maintainers() {
    let (app, project) = start(&[]).await;
    let member = |role: &'static str| {
        let (app, project) = (&app, &project);
        async move {
            let user = app.user(role).await;
            let body = json!({ "user_id": user.id, "role": role });
            project.post(&format!("/api/v1/projects/{}/members", project.id), body).await.expect(201);
            user.in_project(project.id)
        }
    };
    let (viewer, member) = (member("viewer").await, member("member").await);
    let id = make(&project, site("Docs")).await;
    viewer.get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!(viewer.post(PATH, site("More")).await.problem(403), "role-too-low");
    assert_eq!(viewer.post(&format!("{PATH}/{id}/run"), json!({})).await.problem(403), "role-too-low");
    assert_eq!(viewer.delete(&format!("{PATH}/{id}")).await.problem(403), "role-too-low");
    let mut scheduled = site("More");
    member.post(PATH, scheduled.clone()).await.expect(201);
    scheduled["schedule"] = json!("@daily");
    scheduled["name"] = json!("Most");
    assert_eq!(member.post(PATH, scheduled).await.problem(403), "role-too-low");
}

#[tokio::test]
async fn a_deleted_source_takes_its_documents_along() {
    let (_app, project) = start(&[]).await;
    let web = commandcenter_testkit::TestSite::start().await;
    web.put("/", commandcenter_testkit::SitePage::html("<html><body><h1>Quokkas</h1><p>Quokkas smile at visitors.</p></body></html>"));
    let id = make(&project, json!({ "name": "s", "type": "documentation", "url": web.url("/") })).await;
    assert_eq!(run(&project, id).await["added"], 1);
    assert_eq!(super::titles(&project, "quokkas").await.len(), 1);
    assert_eq!(project.delete(&format!("{PATH}/{id}")).await.status, 204);
    assert!(super::titles(&project, "quokkas").await.is_empty());
    assert_eq!(project.get("/api/v1/knowledge/statistics").await.expect(200)["total_documents"], 0);
}
