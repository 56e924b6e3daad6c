//! Everything a client may get wrong.

use commandcenter_testkit::Project;
use reqwest::Method;
use serde_json::{Value, json};

use super::{PATH, TOKEN, path_of, start, track};

async fn refused(project: &Project, body: Value) -> Vec<String> {
    let reply = project.post(PATH, body).await;
    assert_eq!(reply.problem(422), "validation");
    reply.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn broken_rules_are_named_by_field() {
    let (_app, project) = start().await;
    let long = "x".repeat(10_000);
    for (body, field) in [
        (json!({ "owner": "", "name": "a" }), "owner"),
        (json!({ "owner": "a/b", "name": "a" }), "owner"),
        (json!({ "owner": "-x", "name": "a" }), "owner"),
        (json!({ "owner": "o", "name": "." }), "name"),
        (json!({ "owner": "o", "name": ".." }), "name"),
        (json!({ "owner": "o", "name": "a b" }), "name"),
        (json!({ "owner": "o", "name": "a\u{0}b" }), "name"),
        (json!({ "owner": "o", "name": "a.git" }), "name"),
        (json!({ "owner": "o", "name": long }), "name"),
        (json!({ "owner": "o", "name": "a", "description": "x\u{0}" }), "description"),
        (json!({ "owner": "o", "name": "a", "description": "x".repeat(10_001) }), "description"),
        (json!({ "owner": "o", "name": "a", "access_token": "short" }), "access_token"),
        (json!({ "owner": "o", "name": "a", "access_token": "with spaces in the middle of it" }), "access_token"),
        (json!({ "owner": "o", "name": "a", "access_token": long }), "access_token"),
        (json!({ "owner": "o", "name": "a", "is_private": "yes" }), "is_private"),
        (json!({ "owner": 1, "name": "a" }), "owner"),
        (json!({ "name": "a" }), "owner"),
        (json!({ "owner": "o", "name": "a", "project_id": 1 }), "project_id"),
        (json!({ "owner": "o", "name": "a", "stars": 5 }), "stars"),
    ] {
        let fields = refused(&project, body.clone()).await;
        assert!(fields.contains(&field.to_owned()), "{field}: {fields:?}");
    }
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_refused_token_is_not_echoed() {
    let (_app, project) = start().await;
    let secret = format!("{TOKEN} with a space");
    let reply = project.post(PATH, json!({ "owner": "o", "name": "a", "access_token": secret })).await;
    assert_eq!(reply.problem(422), "validation");
    assert!(!reply.text.contains("github_pat_"), "{}", reply.text);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_apart() {
    let (_app, project) = start().await;
    assert_eq!(project.post_raw(PATH, "application/json", "{").await.problem(400), "malformed-json");
    assert_eq!(project.post_raw(PATH, "application/json", vec![b'"', 0xff, b'"']).await.problem(400), "malformed-json");
    assert_eq!(project.post_raw(PATH, "text/plain", "{}").await.problem(415), "unsupported-media-type");
    let huge = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(project.post_raw(PATH, "application/json", huge).await.problem(413), "body-too-large");
}

#[tokio::test]
async fn pages_and_sorts_outside_the_contract_are_refused() {
    let (_app, project) = start().await;
    for query in [
        "page=0",
        "page=-1",
        "page=99999999999",
        "limit=0",
        "limit=101",
        "limit=-5",
        "limit=x",
        "sort=secret",
        "sort=--stars",
        "search=%00",
    ] {
        assert_eq!(project.get(&format!("{PATH}?{query}")).await.problem(422), "validation", "{query}");
    }
    let id = track(&project, "a").await["id"].clone();
    assert_eq!(project.get(&format!("{PATH}/{id}/commits?limit=101")).await.problem(422), "validation");
}

#[tokio::test]
async fn ids_that_name_nothing_are_not_found() {
    let (_app, project) = start().await;
    for id in ["0", "-1", "999999", "9223372036854775807", "9223372036854775808", "abc", "1.5", "%00"] {
        for (method, path, body) in [
            (Method::GET, format!("{PATH}/{id}"), None),
            (Method::PATCH, format!("{PATH}/{id}"), Some(json!({ "description": "x" }))),
            (Method::DELETE, format!("{PATH}/{id}"), None),
            (Method::POST, format!("{PATH}/{id}/sync"), None),
            (Method::GET, format!("{PATH}/{id}/commits"), None),
        ] {
            let request = project.request(method.clone(), &path);
            let reply = project.send(if let Some(body) = body { request.json(&body) } else { request }).await;
            assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text);
            assert_eq!(reply.content_type, "application/problem+json");
        }
    }
}

#[tokio::test]
async fn a_patch_is_checked_like_a_new_one() {
    let (_app, project) = start().await;
    let path = path_of(&track(&project, "a").await);
    for body in [
        json!({ "is_private": null }),
        json!({ "metadata": [1] }),
        json!({ "metadata": { "a": "b\u{0}" } }),
        json!({ "access_token": "short" }),
        json!({ "name": "other" }),
        json!({ "sync_status": "synced" }),
    ] {
        assert_eq!(project.patch(&path, body.clone()).await.problem(422), "validation", "{body}");
    }
    assert_eq!(project.post(&format!("{path}/sync"), json!({ "force": "yes" })).await.problem(422), "validation");
    assert_eq!(project.post(&format!("{path}/sync"), json!({ "unknown": 1 })).await.problem(422), "validation");
}
