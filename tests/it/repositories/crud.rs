//! The happy paths, and conflicts.

use serde_json::json;

use super::{PATH, TOKEN, path_of, start, track};

#[tokio::test]
async fn a_tracked_repository_is_shown_whole_and_its_token_never() {
    let (_app, project) = start().await;
    let body =
        json!({ "owner": "octocat", "name": "Hello.World_x", "description": " says hello ", "access_token": TOKEN, "is_private": true });
    let reply = project.post(PATH, body).await;
    assert!(!reply.text.contains("github_pat_"), "{}", reply.text);
    let location = reply.header("location").map(str::to_owned);
    let created = reply.expect(201);
    assert_eq!(location, Some(path_of(&created)));
    assert_eq!((&created["full_name"], &created["description"]), (&json!("octocat/Hello.World_x"), &json!("says hello")));
    assert_eq!((&created["has_token"], &created["is_private"], &created["sync_status"]), (&json!(true), &json!(true), &json!("never")));
    for absent in
        ["github_id", "url", "clone_url", "default_branch", "last_commit_sha", "last_synced_at", "sync_error", "language", "metadata"]
    {
        assert!(created[absent].is_null() && created.get(absent).is_some(), "{absent}: {created}");
    }
    assert!(created["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(project.get(&path_of(&created)).await.expect(200), created);
}

#[tokio::test]
async fn names_that_github_gives_out_are_accepted() {
    let (_app, project) = start().await;
    for name in ["a", "next.js", "my_repo", ".github", "-", "x".repeat(100).as_str()] {
        project.post(PATH, json!({ "owner": "o", "name": name })).await.expect(201);
    }
}

#[tokio::test]
async fn the_same_repository_twice_is_a_conflict_whatever_the_case() {
    let (app, project) = start().await;
    track(&project, "Hello-World").await;
    let again = project.post(PATH, json!({ "owner": "OCTOCAT", "name": "hello-world" })).await;
    assert_eq!(again.problem(409), "repository-exists");
    let other = app.user("bob").await.project("beta").await;
    track(&other, "Hello-World").await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_empties() {
    let (_app, project) = start().await;
    let body = json!({ "owner": "octocat", "name": "a", "description": "old", "access_token": TOKEN });
    let path = path_of(&project.post(PATH, body).await.expect(201));
    let patched = project.patch(&path, json!({ "metadata": { "team": "dsp" }, "is_private": true })).await.expect(200);
    assert_eq!(
        (&patched["description"], &patched["has_token"], &patched["metadata"]["team"]),
        (&json!("old"), &json!(true), &json!("dsp"))
    );
    let emptied = project.patch(&path, json!({ "description": null, "access_token": null, "metadata": null })).await.expect(200);
    assert_eq!((&emptied["description"], &emptied["has_token"], &emptied["metadata"]), (&json!(null), &json!(false), &json!(null)));
    assert_eq!(emptied["is_private"], true);
    assert!(!project.patch(&path, json!({ "access_token": TOKEN })).await.text.contains("github_pat_"));
}

#[tokio::test]
async fn a_deleted_repository_is_gone() {
    let (_app, project) = start().await;
    let path = path_of(&track(&project, "a").await);
    assert_eq!(project.delete(&path).await.status, 204);
    assert_eq!(project.get(&path).await.problem(404), "repository-not-found");
    assert_eq!(project.delete(&path).await.problem(404), "repository-not-found");
}

#[tokio::test]
async fn lists_are_paged_sorted_and_filtered_together() {
    let (app, project) = start().await;
    for name in ["delta", "alpha", "charlie", "bravo"] {
        track(&project, name).await;
    }
    project.post(PATH, json!({ "owner": "hubot", "name": "alpha", "description": "The FIRST one" })).await.expect(201);
    let names = async |query: &str| {
        let body = project.get(&format!("{PATH}?{query}")).await.expect(200);
        body["items"].as_array().unwrap().iter().map(|one| one["full_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort=full_name&limit=2&page=2").await, ["octocat/bravo", "octocat/charlie"]);
    assert_eq!(names("sort=-full_name&limit=1").await, ["octocat/delta"]);
    assert_eq!(names("owner=OctoCat&search=alph").await, ["octocat/alpha"]);
    assert_eq!(names("search=first").await, ["hubot/alpha"]);
    assert_eq!(names("language=Rust").await, Vec::<String>::new());
    assert_eq!(names("limit=1").await, ["hubot/alpha"], "newest first without a sort");
    let (statements, page) = app.statements_of(project.get(&format!("{PATH}?limit=2&page=3&sort=created_at"))).await;
    let page = page.expect(200);
    assert_eq!((&page["total"], &page["page"], &page["page_size"]), (&json!(5), &json!(3), &json!(2)));
    assert_eq!((&page["has_next"], &page["has_prev"]), (&json!(false), &json!(true)));
    assert!(statements <= 3, "{statements} statements, whatever the number of rows");
}
