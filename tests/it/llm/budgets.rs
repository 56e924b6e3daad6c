//! Budgets: made, changed and deleted, and shown with what counts against them.

use reqwest::Method;
use serde_json::json;

use super::ledger::spend;
use super::{BUDGETS, start, with_role};

#[tokio::test]
async fn a_budget_is_shown_with_what_was_spent_of_it() {
    let (app, _, project) = start().await;
    let reply = project.post(BUDGETS, json!({ "name": "May", "scope": "project", "period": "month", "limit_nano": 1000 })).await;
    let location = reply.header("location").unwrap().to_owned();
    let made = reply.expect(201);
    assert_eq!(location, format!("{BUDGETS}/{}", made["id"]));
    assert_eq!((&made["mode"], &made["spent_nano"], &made["reserved_nano"]), (&json!("hard"), &json!(0), &json!(0)));
    assert!(made["resets_at"].as_str().unwrap().ends_with("-01T00:00:00Z"), "{made}");
    assert_eq!(project.get(&location).await.expect(200), made);
    spend(&app, project.id, ("small", 300)).await;
    let after = project.get(&location).await.expect(200);
    assert_eq!((&after["spent_nano"], &after["reserved_nano"]), (&json!(300), &json!(0)));
    assert_eq!(project.get(BUDGETS).await.expect(200)["items"], json!([after]));

    let same = json!({ "name": "May", "scope": "cause", "cause": "ask", "period": "total", "limit_nano": 1 });
    assert_eq!(project.post(BUDGETS, same).await.problem(409), "budget-exists");
    let total = json!({ "name": "asks", "scope": "cause", "cause": "ask", "period": "total", "limit_nano": 1, "mode": "soft" });
    let total = project.post(BUDGETS, total).await.expect(201);
    assert_eq!((&total["resets_at"], &total["cause"], &total["mode"]), (&json!(null), &json!("ask"), &json!("soft")));
}

#[tokio::test]
async fn a_change_keeps_what_was_counted() {
    let (app, _, project) = start().await;
    let made = project.post(BUDGETS, json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 500 })).await.expect(201);
    let path = format!("{BUDGETS}/{}", made["id"]);
    spend(&app, project.id, ("small", 100)).await;
    let changed = project.patch(&path, json!({ "limit_nano": 900, "mode": "soft" })).await.expect(200);
    assert_eq!((&changed["limit_nano"], &changed["mode"], &changed["spent_nano"]), (&json!(900), &json!("soft"), &json!(100)));
    assert_eq!((&changed["name"], &changed["version"]), (&json!("b"), &json!(2)));
    let stale = project.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({ "limit_nano": 1 }));
    assert_eq!(project.send(stale).await.problem(412), "precondition-failed");
    assert_eq!(project.patch(&path, json!({ "period": "month" })).await.problem(422), "validation");
    assert_eq!(project.patch(&path, json!({ "limit_nano": null })).await.problem(422), "validation");
    assert_eq!(project.delete(&path).await.status, 204);
    assert_eq!(project.get(&path).await.problem(404), "budget-not-found");
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field() {
    let (_app, _, project) = start().await;
    for (body, field) in [
        (json!({ "name": "b" }), "scope"),
        (json!({ "name": "", "scope": "project", "period": "day", "limit_nano": 1 }), "name"),
        (json!({ "name": "b", "scope": "user", "period": "day", "limit_nano": 1 }), "user_id"),
        (json!({ "name": "b", "scope": "project", "api_key_id": 1, "period": "day", "limit_nano": 1 }), "api_key_id"),
        (json!({ "name": "b", "scope": "cause", "cause": "fun", "period": "day", "limit_nano": 1 }), "cause"),
        (json!({ "name": "b", "scope": "project", "period": "year", "limit_nano": 1 }), "period"),
        (json!({ "name": "b", "scope": "project", "period": "day" }), "limit_nano"),
        (json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": -1 }), "limit_nano"),
        (json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 1, "mode": "firm" }), "mode"),
        (json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 1, "spent_nano": 0 }), "spent_nano"),
    ] {
        let reply = project.post(BUDGETS, body.clone()).await;
        assert_eq!(reply.problem(422), "validation", "{body}");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
    }
    assert_eq!(project.get(BUDGETS).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn budgets_are_a_maintainers_to_make_and_a_members_to_see() {
    let (app, _, project) = start().await;
    let body = json!({ "name": "b", "scope": "project", "period": "day", "limit_nano": 1 });
    let made = project.post(BUDGETS, body.clone()).await.expect(201);
    let path = format!("{BUDGETS}/{}", made["id"]);
    for role in ["viewer", "member"] {
        let below = with_role(&app, &project, role).await;
        below.get(&path).await.expect(200);
        assert_eq!(below.post(BUDGETS, body.clone()).await.problem(403), "role-too-low");
        assert_eq!(below.patch(&path, json!({ "limit_nano": 2 })).await.problem(403), "role-too-low");
        assert_eq!(below.delete(&path).await.problem(403), "role-too-low");
    }
}
