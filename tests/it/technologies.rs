//! Technologies as clients see them.

use commandcenter_testkit::{Project, Reply, TestApp};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/technologies";

async fn project(app: &TestApp) -> Project {
    app.user("ann").await.project("alpha").await
}

async fn add(project: &Project, body: Value) -> i64 {
    project.post(PATH, body).await.expect(201)["id"].as_i64().unwrap()
}

async fn titles(project: &Project, query: &str) -> Vec<String> {
    let body = project.get(&format!("{PATH}?{query}")).await.expect(200);
    let items = body["items"].as_array().unwrap();
    assert_eq!(body["total"], items.len(), "{query}");
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

async fn with_tag(project: &Project, method: Method, path: &str, tag: &str) -> Reply {
    let request = project.request(method, path).header("if-match", tag);
    project.send(request.json(&json!({ "notes": "x" }))).await
}

fn everything() -> Value {
    json!({
        "title": "Faust", "vendor": "GRAME", "domain": "audio-dsp", "status": "evaluation", "ring": "trial", "relevance_score": 80, "priority": 4,
        "description": "Functional audio streams", "notes": "Try it", "use_cases": "Synths", "documentation_url": "https://faustdoc.grame.fr",
        "repository_url": "https://github.com/grame-cncm/faust", "website_url": "https://faust.grame.fr", "tags": "dsp,compiler", "latency_ms": 1.5,
        "throughput_qps": 1000, "integration_difficulty": "very_complex", "integration_time_estimate_days": 12, "maturity_level": "mature",
        "stability_score": 90, "cost_tier": "free", "cost_monthly_usd": 0.0, "dependencies": {"7": "uses"}, "alternatives": "3,4",
        "last_hn_mention": "2026-11-20T10:00:00Z", "hn_score_avg": 120, "github_stars": 2500, "github_last_commit": "2026-11-21T00:00:00Z",
    })
}

#[tokio::test]
async fn every_field_is_kept_changed_and_cleared() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let created = project.post(PATH, everything()).await;
    assert_eq!(created.header("etag"), Some("\"1\""));
    let id = created.body["id"].as_i64().unwrap();
    assert_eq!(created.header("location").unwrap(), format!("{PATH}/{id}"));
    let shown = project.get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!(shown, created.body);
    for (field, value) in everything().as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
    let optional: Vec<&str> = vec!["vendor", "ring", "latency_ms", "cost_tier", "dependencies", "last_hn_mention", "website_url"];
    let clear: Value = optional.iter().map(|field| ((*field).to_owned(), Value::Null)).collect::<serde_json::Map<_, _>>().into();
    let changed = project.patch(&format!("{PATH}/{id}"), clear).await.expect(200);
    assert!(optional.iter().all(|field| changed[*field].is_null()), "{changed}");
    assert_eq!((&changed["notes"], &changed["version"]), (&json!("Try it"), &json!(2)));
    project.delete(&format!("{PATH}/{id}")).await.expect(204);
    assert_eq!(project.get(&format!("{PATH}/{id}")).await.problem(404), "technology-not-found");
}

#[tokio::test]
async fn filters_combine_and_sorts_hold_in_both_directions() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    add(&project, json!({"title": "b", "status": "research", "domain": "ai-ml", "ring": "hold", "priority": 5, "cost_tier": "free"})).await;
    add(
        &project,
        json!({"title": "A", "status": "research", "domain": "ai-ml", "priority": 2, "relevance_score": 90, "maturity_level": "beta"}),
    )
    .await;
    add(&project, json!({"title": "c", "status": "archived", "domain": "ai-ml", "priority": 2, "relevance_score": 10})).await;
    assert_eq!(titles(&project, "").await, ["b", "A", "c"]);
    assert_eq!(titles(&project, "sort=title").await, ["A", "b", "c"]);
    assert_eq!(titles(&project, "sort=-title").await, ["c", "b", "A"]);
    assert_eq!(titles(&project, "sort=relevance_score").await, ["c", "b", "A"]);
    assert_eq!(titles(&project, "sort=-created_at").await, ["c", "A", "b"]);
    assert_eq!(titles(&project, "status=research&domain=ai-ml").await, ["b", "A"]);
    assert_eq!(titles(&project, "status=research&priority_min=3").await, ["b"]);
    assert_eq!(titles(&project, "ring=hold&cost_tier=free").await, ["b"]);
    assert_eq!(titles(&project, "maturity_level=beta&ring=hold").await, Vec::<String>::new());
    let second = project.get(&format!("{PATH}?page=2&limit=2")).await.expect(200);
    assert_eq!((&second["total"], &second["has_next"], &second["has_prev"]), (&json!(3), &json!(false), &json!(true)));
    let beyond = project.get(&format!("{PATH}?page=9&limit=2&status=research")).await.expect(200);
    assert_eq!((&beyond["total"], beyond["items"].as_array().map(Vec::len)), (&json!(2), Some(0)));
}

#[tokio::test]
async fn search_finds_beginnings_of_words_and_takes_no_syntax() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let id = add(&project, json!({"title": "Node.js Runtime", "description": "Ereignisse über Schleifen", "tags": "js,server"})).await;
    add(&project, json!({"title": "100% C++ (fast)"})).await;
    for query in ["node", "NODE%20run", "js", "schlei", "%C3%9Cber", "runtime%20server", "node.js", "no"] {
        assert_eq!(titles(&project, &format!("search={query}")).await, ["Node.js Runtime"], "{query}");
    }
    assert_eq!(titles(&project, "search=100%25").await, ["100% C++ (fast)"]);
    for query in ["%25", "_", "ode", "node%20OR%20fast", "node%20NOT", "%22", "'", "node%27%3A*%20%7C", "title%3Anode%20zzz", "%28%29", "*"]
    {
        let found = titles(&project, &format!("search={query}")).await;
        assert!(found.is_empty() || query.starts_with("node%27"), "{query}: {found:?}");
    }
    project.patch(&format!("{PATH}/{id}"), json!({"title": "Deno"})).await.expect(200);
    assert_eq!(titles(&project, "search=node").await, Vec::<String>::new());
    assert_eq!(titles(&project, "search=deno").await, ["Deno"]);
    project.delete(&format!("{PATH}/{id}")).await.expect(204);
    assert_eq!(titles(&project, "search=deno").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_title_is_taken_whatever_its_case_but_only_in_its_project() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let (alpha, beta) = (user.project("alpha").await, user.project("beta").await);
    add(&alpha, json!({"title": "Größe"})).await;
    let other = add(&alpha, json!({"title": "Other"})).await;
    assert_eq!(alpha.post(PATH, json!({"title": " GRÖSSE "})).await.status, 201, "ß folds to itself");
    assert_eq!(alpha.post(PATH, json!({"title": "GRÖßE"})).await.problem(409), "technology-title-taken");
    assert_eq!(alpha.patch(&format!("{PATH}/{other}"), json!({"title": "größe"})).await.problem(409), "technology-title-taken");
    alpha.patch(&format!("{PATH}/{other}"), json!({"title": "OTHER"})).await.expect(200);
    add(&beta, json!({"title": "Größe"})).await;
    assert_eq!(titles(&alpha, "sort=title").await.len(), 3, "a refused title leaves nothing and is not counted");
}

#[tokio::test]
async fn a_version_that_moved_on_is_412() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let id = add(&project, json!({"title": "A"})).await;
    let path = format!("{PATH}/{id}");
    assert_eq!(with_tag(&project, Method::PATCH, &path, "\"1\"").await.header("etag"), Some("\"2\""));
    for tag in ["\"1\"", "W/\"2\"", "2", "\"x\""] {
        assert_eq!(with_tag(&project, Method::PATCH, &path, tag).await.problem(412), "precondition-failed", "{tag}");
        assert_eq!(with_tag(&project, Method::DELETE, &path, tag).await.problem(412), "precondition-failed", "{tag}");
    }
    with_tag(&project, Method::PATCH, &path, "*").await.expect(200);
    with_tag(&project, Method::DELETE, &path, "\"7\", \"3\"").await.expect(204);
}

#[tokio::test]
async fn repositories_of_the_same_project_are_linked_and_unlinked() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let (alpha, beta) = (user.project("alpha").await, user.project("beta").await);
    let id = add(&alpha, json!({"title": "A"})).await;
    let repository = |name: &str| json!({"owner": "octo", "name": name});
    let mine = alpha.post("/api/v1/repositories", repository("mine")).await.expect(201)["id"].as_i64().unwrap();
    let foreign = beta.post("/api/v1/repositories", repository("foreign")).await.expect(201)["id"].as_i64().unwrap();
    let links = format!("{PATH}/{id}/repositories");
    for _ in 0..2 {
        alpha.put(&format!("{links}/{mine}"), json!(null)).await.expect(204);
    }
    let shown = alpha.get(&format!("{PATH}/{id}")).await.expect(200);
    assert_eq!((&shown["repository_ids"], &shown["version"]), (&json!([mine]), &json!(2)));
    let listed = alpha.get(&links).await.expect(200);
    assert_eq!(listed["items"], json!([{"id": mine, "full_name": "octo/mine", "url": null}]));
    assert_eq!(alpha.put(&format!("{links}/{foreign}"), json!(null)).await.problem(404), "repository-not-found");
    assert_eq!(beta.put(&format!("{links}/{foreign}"), json!(null)).await.problem(404), "technology-not-found");
    assert_eq!(beta.get(&links).await.problem(404), "technology-not-found");
    alpha.delete(&format!("{links}/{mine}")).await.expect(204);
    assert_eq!(alpha.delete(&format!("{links}/{mine}")).await.problem(404), "repository-not-found");
}

#[tokio::test]
async fn bad_input_is_refused_and_named() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let id = add(&project, json!({"title": "A"})).await;
    let long = "x".repeat(10_000);
    let bodies = [
        (json!({"title": long}), "title", "too_long"),
        (json!({"title": " "}), "title", "required"),
        (json!({"title": "a\0b"}), "title", "nul"),
        (json!({}), "title", "required"),
        (json!({"title": null}), "title", "wrong_type"),
        (json!({"title": "B", "colour": 1}), "colour", "unknown_field"),
        (json!({"title": "B", "project_id": 1}), "project_id", "unknown_field"),
        (json!({"title": "B", "status": "done"}), "status", "unknown_value"),
        (json!({"title": "B", "priority": 0}), "priority", "out_of_range"),
        (json!({"title": "B", "priority": null}), "priority", "null"),
        (json!({"title": "B", "latency_ms": -1.0}), "latency_ms", "out_of_range"),
        (json!({"title": "B", "github_stars": 1_u64 << 40}), "github_stars", "out_of_range"),
        (json!({"title": "B", "website_url": "javascript:x"}), "website_url", "not_a_url"),
        (json!({"title": "B", "description": "a\0"}), "description", "nul"),
        (json!({"title": "B", "last_hn_mention": "2026-11-21T10:00:00"}), "last_hn_mention", "zone_required"),
        (json!({"title": "B", "dependencies": [1]}), "dependencies", "not_an_object"),
    ];
    for (body, field, code) in bodies {
        let reply = project.post(PATH, body).await;
        assert_eq!(reply.problem(422), "validation");
        let error = &reply.body["errors"][0];
        assert_eq!((error["field"].as_str(), error["code"].as_str()), (Some(field), Some(code)), "{}", reply.text);
    }
    let nulled = project.patch(&format!("{PATH}/{id}"), json!({"title": null, "status": null})).await;
    assert_eq!(nulled.body["errors"].as_array().map(Vec::len), Some(2), "{}", nulled.text);
    for query in [
        "page=0",
        "page=-1",
        "page=9223372036854775808",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "sort=notes",
        "priority_min=9",
        "status=x",
        "search=%00",
    ] {
        assert_eq!(project.get(&format!("{PATH}?{query}")).await.problem(422), "validation", "{query}");
    }
    project.get(&format!("{PATH}?page=10000000&limit=100")).await.expect(200);
    for wrong in ["0", "-1", "9223372036854775808", "9223372036854775807", "abc", "1.5"] {
        project.get(&format!("{PATH}/{wrong}")).await.problem(404);
        project.patch(&format!("{PATH}/{wrong}"), json!({"notes": "x"})).await.problem(404);
        project.delete(&format!("{PATH}/{wrong}")).await.problem(404);
    }
    assert_eq!(project.get(PATH).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn strangers_other_projects_and_viewers_are_kept_out() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let (alpha, beta) = (ann.project("alpha").await, ann.project("beta").await);
    let id = add(&alpha, json!({"title": "A"})).await;
    let one = format!("{PATH}/{id}");
    assert_eq!(app.anonymous().get(PATH).await.problem(401), "unauthenticated");
    let eve = app.user("eve").await;
    assert_eq!(eve.client.in_project(alpha.id).get(&one).await.problem(404), "project-not-found");
    assert_eq!(app.admin().await.in_project(alpha.id).get(PATH).await.problem(404), "project-not-found");
    assert_eq!(ann.client.get(PATH).await.problem(400), "project-required");
    for reply in [beta.get(&one).await, beta.patch(&one, json!({"notes": "x"})).await, beta.delete(&one).await] {
        assert_eq!(reply.problem(404), "technology-not-found");
    }
    alpha.post(&format!("/api/v1/projects/{}/members", alpha.id), json!({"email": eve.email, "role": "viewer"})).await.expect(201);
    let viewer = eve.client.in_project(alpha.id);
    viewer.get(&one).await.expect(200);
    for reply in
        [viewer.post(PATH, json!({"title": "B"})).await, viewer.patch(&one, json!({"notes": "x"})).await, viewer.delete(&one).await]
    {
        assert_eq!(reply.problem(403), "role-too-low");
    }
}

#[tokio::test]
async fn every_change_is_audited_and_published_once() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    let id = add(&project, json!({"title": "A"})).await;
    project.patch(&format!("{PATH}/{id}"), json!({"status": "research"})).await.expect(200);
    project.post(PATH, json!({"title": "a"})).await.problem(409);
    project.delete(&format!("{PATH}/{id}")).await.expect(204);
    let texts = async |sql: &str| -> Vec<String> {
        let db = app.db.connection();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    };
    let actions = texts("SELECT action FROM audit_entries WHERE entity = 'technology' ORDER BY id").await;
    assert_eq!(actions, ["technology.created", "technology.updated", "technology.deleted"]);
    let kinds = texts("SELECT kind FROM outbox_events WHERE kind LIKE 'cc.technology.%' ORDER BY id").await;
    assert_eq!(kinds, ["cc.technology.created.v1", "cc.technology.updated.v1", "cc.technology.deleted.v1"]);
}

#[tokio::test]
async fn a_list_takes_two_statements_with_its_authentication() {
    let app = TestApp::start().await;
    let project = project(&app).await;
    for n in 0..25 {
        add(&project, json!({"title": format!("T{n}")})).await;
    }
    for query in ["page=1&limit=20", "status=discovery", "search=t1"] {
        let (statements, reply) = app.statements_of(project.get(&format!("{PATH}?{query}"))).await;
        reply.expect(200);
        assert!(statements <= 2, "{query}: {statements}");
    }
}
