//! Providers: set up, changed and deleted; whose they are; and that no key comes out.

use commandcenter_testkit::TestApp;
use reqwest::Method;
use serde_json::json;

use super::{KEY, PROVIDERS, local, start, with_role};

#[tokio::test]
async fn a_provider_is_shown_whole_and_its_key_nowhere() {
    let (app, _, project) = start().await;
    let reply = project.post(PROVIDERS, local("local")).await;
    assert!(!reply.text.contains(KEY), "{}", reply.text);
    let location = reply.header("location").unwrap().to_owned();
    let made = reply.expect(201);
    assert_eq!(location, format!("{PROVIDERS}/{}", made["id"]));
    assert_eq!(
        (&made["base_url"], &made["scope"], &made["origin"]),
        (&json!("https://models.example.com/v1"), &json!("project"), &json!("settings"))
    );
    assert_eq!((&made["has_api_key"], &made["api_key_hint"], &made["enabled"]), (&json!(true), &json!("…4711"), &json!(true)));
    let model = json!({
        "name": "small", "input_nano_per_million": 150_000_000, "cached_nano_per_million": null, "output_nano_per_million": 600_000_000,
        "context_window": 8192, "max_output_tokens": 4096, "capabilities": [],
    });
    assert_eq!(made["models"], json!([model]));
    assert_eq!(project.get(&location).await.expect(200), made);
    assert_eq!(project.post(PROVIDERS, local("local")).await.problem(409), "provider-exists");
    for path in [PROVIDERS, "/api/v1/settings/models", "/api/v1/settings/api-keys", "/api/v1/llm/prices"] {
        let reply = project.get(path).await;
        assert!(!reply.text.contains(KEY), "{path}: {}", reply.text);
        assert_eq!(reply.expect(200)["total"], 1, "{path}");
    }
    let listed = project.get("/api/v1/settings/models").await.expect(200)["items"][0].clone();
    assert_eq!((&listed["id"], &listed["provider"], &listed["configured"]), (&json!("local/small"), &json!("local"), &json!(true)));
    let key = project.get("/api/v1/settings/api-keys").await.expect(200)["items"][0].clone();
    assert_eq!(key, json!({ "provider": "local", "scope": "project", "configured": true, "masked_value": "…4711" }));
    for entry in std::fs::read_dir(app.data.path()).unwrap() {
        let path = entry.unwrap().path();
        let holds = path.is_file() && std::fs::read(&path).unwrap().windows(KEY.len()).any(|part| part == KEY.as_bytes());
        assert!(!holds, "{} holds the key in clear", path.display());
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field_and_nothing_is_written() {
    let (_app, _, project) = start().await;
    let with = |field: &str, value: serde_json::Value| {
        let mut body = local("local");
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("alias", json!("a/b")), "alias"),
        (with("dialect", json!("klingon")), "dialect"),
        (with("base_url", json!("http://10.0.0.1/v1")), "base_url"),
        (with("base_url", json!("http://[::ffff:169.254.169.254]/")), "base_url"),
        (with("base_url", json!("https://user:pass@example.com/")), "base_url"),
        (with("models", json!([{ "name": "a" }, { "name": "a" }])), "models.1.name"),
        (with("models", json!([{ "name": "a", "context_window": 0 }])), "models.0.context_window"),
        (with("models", json!([{ "name": "a", "input_nano_per_million": 1.5 }])), "models[0].input_nano_per_million"),
        (with("project_id", json!(1)), "project_id"),
    ] {
        let reply = project.post(PROVIDERS, body.clone()).await;
        assert_eq!(reply.problem(422), "validation", "{body}");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
        assert!(!reply.text.contains(KEY), "{}", reply.text);
    }
    assert_eq!(project.get(PROVIDERS).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name_and_writes_new_prices_down() {
    let (_app, _, project) = start().await;
    let made = project.post(PROVIDERS, local("local")).await.expect(201);
    let path = format!("{PROVIDERS}/{}", made["id"]);
    let off = project.patch(&path, json!({ "enabled": false })).await.expect(200);
    assert_eq!(
        (&off["enabled"], &off["has_api_key"], &off["models"], &off["version"]),
        (&json!(false), &json!(true), &made["models"], &json!(2))
    );
    let prices = project.get("/api/v1/llm/prices").await.expect(200);
    assert_eq!(
        (&prices["total"], &prices["items"][0]["source"], &prices["items"][0]["currency"]),
        (&json!(1), &json!("settings"), &json!("USD"))
    );

    let dearer = json!({ "models": [{ "name": "small", "input_nano_per_million": 200_000_000 }, { "name": "big" }], "api_key": null });
    let dearer = project.patch(&path, dearer).await.expect(200);
    assert_eq!((&dearer["has_api_key"], &dearer["api_key_hint"]), (&json!(false), &json!(null)));
    assert_eq!(dearer["models"][0]["input_nano_per_million"], 200_000_000);
    assert_eq!(project.get("/api/v1/llm/prices?model=small").await.expect(200)["total"], 2);

    let stale = project.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({ "enabled": true }));
    assert_eq!(project.send(stale).await.problem(412), "precondition-failed");
    assert_eq!(project.patch(&path, json!({ "alias": null })).await.problem(422), "validation");
    assert_eq!(project.delete(&path).await.status, 204);
    assert_eq!(project.get(&path).await.problem(404), "provider-not-found");
    assert_eq!(project.get("/api/v1/llm/prices").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn the_instances_providers_are_the_administrators_and_everybody_sees_them() {
    let (app, ann, project) = start().await;
    let admin = app.admin().await;
    let made = admin.post(PROVIDERS, local("shared")).await.expect(201);
    assert_eq!(made["scope"], "instance");
    let path = format!("{PROVIDERS}/{}", made["id"]);
    assert_eq!(ann.post(PROVIDERS, local("mine")).await.problem(403), "admin-required");
    assert_eq!(ann.get(PROVIDERS).await.problem(403), "admin-required");
    assert_eq!(project.get(&path).await.expect(200)["alias"], "shared");
    assert_eq!(project.patch(&path, json!({ "enabled": false })).await.problem(403), "admin-required");
    assert_eq!(project.delete(&path).await.problem(403), "admin-required");
    let own = project.post(PROVIDERS, local("shared")).await.expect(201);
    let scopes: Vec<_> =
        project.get(PROVIDERS).await.expect(200)["items"].as_array().unwrap().iter().map(|one| one["scope"].clone()).collect();
    assert_eq!(scopes, ["project", "instance"], "a project may have one of the same name");
    assert_eq!(
        admin.get(&format!("{PROVIDERS}/{}", own["id"])).await.problem(404),
        "provider-not-found",
        "an administrator sees no project's"
    );
    assert_eq!(admin.patch(&path, json!({ "enabled": false })).await.expect(200)["enabled"], false);
    assert_eq!(admin.post(&format!("{path}/test"), json!({})).await.problem(400), "project-required");

    let (viewer, member) = (with_role(&app, &project, "viewer").await, with_role(&app, &project, "member").await);
    viewer.get(PROVIDERS).await.expect(200);
    for below in [viewer, member] {
        assert_eq!(below.post(PROVIDERS, local("more")).await.problem(403), "role-too-low");
        assert_eq!(below.post(&format!("{PROVIDERS}/{}/test", own["id"]), json!({})).await.problem(403), "role-too-low");
        assert_eq!(below.delete(&format!("{PROVIDERS}/{}", own["id"])).await.problem(403), "role-too-low");
    }
    let maintainer = with_role(&app, &project, "maintainer").await;
    maintainer.post(PROVIDERS, local("more")).await.expect(201);
}

#[tokio::test]
async fn prices_are_written_down_from_a_moment_on() {
    let (_app, _, project) = start().await;
    project.post(PROVIDERS, local("local")).await.expect(201);
    let prices = "/api/v1/llm/prices";
    let body = json!({ "provider": "local", "model": "small", "input_nano_per_million": 1, "output_nano_per_million": 2 });
    let with = |field: &str, value: serde_json::Value| {
        let mut body = body.clone();
        body[field] = value;
        body
    };
    let row = project.post(prices, with("source", json!("the vendor's page"))).await.expect(201);
    assert_eq!(
        (&row["provider"], &row["source"], &row["input_nano_per_million"]),
        (&json!("local"), &json!("the vendor's page"), &json!(1))
    );
    project.post(prices, with("valid_from", json!("2999-01-01T00:00:00Z"))).await.expect(201);
    let now = project.get("/api/v1/settings/models").await.expect(200)["items"][0].clone();
    assert_eq!((&now["input_nano_per_million"], &now["output_nano_per_million"]), (&json!(1), &json!(2)));
    assert_eq!(project.get(&format!("{prices}?provider=local&model=small")).await.expect(200)["total"], 3);
    for (body, field) in [
        (with("valid_from", json!("2020-01-01T00:00:00Z")), "valid_from"),
        (with("currency", json!("EUR")), "currency"),
        (with("provider", json!("other")), "provider"),
        (with("model", json!("other")), "model"),
    ] {
        let reply = project.post(prices, body).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
    }
}

#[tokio::test]
async fn the_configuration_sets_providers_up_that_only_it_can_move() {
    let settings = [
        ("ANTHROPIC_API_KEY", KEY),
        ("COMMANDCENTER_LLM__PROVIDERS__LOCAL__BASE_URL", "http://127.0.0.1:11434/v1"),
        ("COMMANDCENTER_LLM__PROVIDERS__LOCAL__MODELS", "llama3.2:1b,phi=1/2/4096"),
    ];
    let app = TestApp::start_with(&settings).await;
    let admin = app.admin().await;
    let listed = admin.get(PROVIDERS).await.expect(200);
    let [anthropic, local] = [&listed["items"][0], &listed["items"][1]];
    assert_eq!(
        (&anthropic["alias"], &anthropic["dialect"], &anthropic["origin"]),
        (&json!("anthropic"), &json!("anthropic"), &json!("environment"))
    );
    assert_eq!((&anthropic["has_api_key"], &anthropic["models"]), (&json!(true), &json!([])));
    assert_eq!((&local["dialect"], &local["models"][1]["context_window"]), (&json!("openai"), &json!(4096)));
    assert_eq!(local["models"][1]["output_nano_per_million"], 2);
    let path = format!("{PROVIDERS}/{}", anthropic["id"]);
    assert_eq!(admin.patch(&path, json!({ "api_key": "another" })).await.problem(409), "provider-read-only");
    assert_eq!(admin.delete(&path).await.problem(409), "provider-read-only");
    let models = json!({ "models": [{ "name": "claude", "input_nano_per_million": 3 }] });
    let changed = admin.patch(&path, models).await.expect(200);
    assert_eq!(
        (&changed["models"][0]["name"], &changed["origin"], &changed["has_api_key"]),
        (&json!("claude"), &json!("environment"), &json!(true))
    );
}
