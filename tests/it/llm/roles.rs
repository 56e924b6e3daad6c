//! Which models fill roles.

use serde_json::json;

use super::{PROVIDERS, local, start, with_role};

const AGENTS: &str = "/api/v1/settings/agents";

#[tokio::test]
async fn a_role_is_filled_by_models_that_are_known() {
    let (_app, _, project) = start().await;
    let critic = format!("{AGENTS}/critic");
    let body = json!({ "provider": "local", "model_id": "small", "fallbacks": [{ "provider": "spare", "model_id": "small" }] });
    let refused = project.put(&critic, body.clone()).await;
    assert_eq!(refused.problem(422), "unknown-model");
    project.post(PROVIDERS, local("local")).await.expect(201);
    let refused = project.put(&critic, body.clone()).await;
    assert_eq!(refused.problem(422), "unknown-model");
    assert!(refused.text.contains("local/small") && refused.text.contains("spare/small"), "{}", refused.text);
    project.post(PROVIDERS, local("spare")).await.expect(201);
    let set = project.put(&critic, body.clone()).await.expect(200);
    assert_eq!(
        (&set["role"], &set["provider"], &set["model_id"], &set["fallbacks"]),
        (&json!("critic"), &json!("local"), &json!("small"), &body["fallbacks"])
    );
    assert_eq!(project.get(AGENTS).await.expect(200)["items"], json!([set]));
    assert_eq!(project.put(&format!("{AGENTS}/Critic"), body.clone()).await.problem(422), "validation");
    assert_eq!(project.put(&critic, json!({ "provider": "local" })).await.problem(422), "validation");
    assert_eq!(project.delete(&critic).await.status, 204);
    assert_eq!(project.delete(&critic).await.problem(404), "agent-not-found");
    assert_eq!(project.get(AGENTS).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_projects_setting_stands_before_the_instances_and_no_other_project_sees_it() {
    let (app, ann, project) = start().await;
    let other = ann.project("beta").await;
    let admin = app.admin().await;
    admin.post(PROVIDERS, local("shared")).await.expect(201);
    project.post(PROVIDERS, local("own")).await.expect(201);
    let path = format!("{AGENTS}/answer");
    admin.put(&path, json!({ "provider": "shared", "model_id": "small" })).await.expect(200);
    project.put(&path, json!({ "provider": "own", "model_id": "small" })).await.expect(200);
    assert_eq!(other.put(&path, json!({ "provider": "own", "model_id": "small" })).await.problem(422), "unknown-model");
    let seen = async |client: &commandcenter_testkit::Client| {
        let items = client.get(AGENTS).await.expect(200)["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), 1);
        (items[0]["provider"].as_str().unwrap().to_owned(), items[0]["scope"].as_str().unwrap().to_owned())
    };
    assert_eq!(seen(&project).await, ("own".to_owned(), "project".to_owned()));
    assert_eq!(seen(&other).await, ("shared".to_owned(), "instance".to_owned()));
    assert_eq!(ann.put(&path, json!({ "provider": "shared", "model_id": "small" })).await.problem(403), "admin-required");
    let member = with_role(&app, &project, "member").await;
    assert_eq!(member.put(&path, json!({ "provider": "own", "model_id": "small" })).await.problem(403), "role-too-low");
    assert_eq!(other.delete(&path).await.problem(404), "agent-not-found");
    assert_eq!(project.delete(&path).await.status, 204);
    assert_eq!(seen(&project).await.0, "shared");
}
