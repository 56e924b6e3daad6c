//! The knowledge base as an archive, out of one project and into another.

use commandcenter_testkit::{Project, Reply};
use serde_json::{Value, json};

use crate::knowledge::{ask, start, taken_in};

const EXPORT: &str = "/api/v1/knowledge/export";
const IMPORT: &str = "/api/v1/knowledge/import";
const DOCUMENTS: &str = "/api/v1/knowledge/documents";

async fn exported(project: &Project) -> Vec<u8> {
    let response = project.request(reqwest::Method::GET, EXPORT).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    assert!(response.headers()["content-disposition"].to_str().unwrap().contains(".zip"));
    response.bytes().await.unwrap().to_vec()
}

async fn imported(project: &Project, archive: &[u8], strategy: &str) -> Reply {
    project.upload(IMPORT, ("knowledge.zip", archive.to_vec()), &[("strategy", strategy)]).await
}

/// The data of the last event.
fn end(reply: &Reply) -> Value {
    let block = reply.text.trim_end().rsplit("\n\n").next().unwrap();
    assert!(block.starts_with("event: end\n"), "{}", reply.text);
    serde_json::from_str(block.split_once("data: ").unwrap().1).unwrap()
}

fn counts(reply: &Reply) -> [u64; 5] {
    let end = end(reply);
    ["documents", "added", "updated", "unchanged", "skipped"].map(|name| end[name].as_u64().unwrap())
}

#[tokio::test]
async fn a_knowledge_base_moves_to_another_project_with_its_vectors() {
    let (app, project) = start().await;
    taken_in(&project, "a.md", "# Herons\n\nA heron fishes alone.\n").await;
    taken_in(&project, "b.md", "# Stones\n\nStones do nothing at all.\n").await;
    let archive = exported(&project).await;

    let other = app.user("bob").await.project("beta").await;
    let reply = imported(&other, &archive, "skip").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(counts(&reply), [2, 2, 0, 0, 0]);
    let vectors = project.get("/api/v1/knowledge/statistics").await.expect(200);
    let there = other.get("/api/v1/knowledge/statistics").await.expect(200);
    assert_eq!((&there["chunks"], &there["embedded_chunks"]), (&vectors["chunks"], &vectors["embedded_chunks"]));
    for query in ["heron", "what do stones do?"] {
        let texts = |answer: &Value| answer["items"].as_array().unwrap().iter().map(|hit| hit["content"].clone()).collect::<Vec<_>>();
        let (here, there) = (ask(&project, json!({ "query": query })).await, ask(&other, json!({ "query": query })).await);
        assert!(!texts(&here).is_empty());
        assert_eq!(texts(&there), texts(&here), "{query}");
        assert_eq!(there["items"][0]["span"], here["items"][0]["span"]);
    }
    assert_eq!(counts(&imported(&other, &archive, "overwrite").await), [2, 0, 0, 2, 0], "the same again changes nothing");
    // An upload of the same name is a new version of the document that came in.
    taken_in(&other, "a.md", "# Herons\n\nA heron sleeps.\n").await;
    assert_eq!(other.get(DOCUMENTS).await.expect(200)["total"], 2);
    assert_eq!(counts(&imported(&other, &archive, "skip").await), [2, 0, 0, 1, 1]);
    assert_eq!(counts(&imported(&other, &archive, "overwrite").await), [2, 0, 1, 1, 0]);
    assert_eq!(ask(&other, json!({ "query": "heron" })).await["items"][0]["content"], "# Herons\n\nA heron fishes alone.");
    assert!(exported(&app.user("eve").await.project("gamma").await).await.starts_with(b"PK"), "an empty base has an archive too");
}

#[tokio::test]
async fn what_is_not_an_archive_is_refused_whole() {
    let (app, project) = start().await;
    taken_in(&project, "a.md", "# Herons\n\nA heron fishes alone.\n").await;
    let archive = exported(&project).await;
    let other = app.user("bob").await.project("beta").await;
    let cut = imported(&other, &archive[..archive.len() / 2], "skip").await;
    assert_eq!(cut.problem(422), "archive-invalid");
    assert_eq!(imported(&other, b"no archive", "skip").await.problem(422), "archive-invalid");
    assert_eq!(imported(&other, &archive, "invent").await.problem(422), "validation");
    let nothing = other.upload(IMPORT, ("x.zip", archive.clone()), &[("colour", "red")]).await;
    assert_eq!(nothing.problem(422), "validation");
    assert_eq!(other.post(IMPORT, json!({})).await.problem(415), "unsupported-media-type");
    assert_eq!(other.get(DOCUMENTS).await.expect(200)["total"], 0, "nothing was written");

    let viewer = app.user("vic").await;
    project.post(&format!("/api/v1/projects/{}/members", project.id), json!({ "user_id": viewer.id, "role": "viewer" })).await.expect(201);
    let viewer = viewer.in_project(project.id);
    assert_eq!(viewer.upload(IMPORT, ("x.zip", archive.clone()), &[]).await.problem(403), "role-too-low");
    let eve = app.user("eve").await.in_project(project.id);
    assert_eq!(eve.get(EXPORT).await.problem(404), "project-not-found");
    assert_eq!(eve.upload(IMPORT, ("x.zip", archive), &[]).await.problem(404), "project-not-found");
}
