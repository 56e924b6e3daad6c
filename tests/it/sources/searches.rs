//! Hacker News by keyword, against a search on loopback.

use commandcenter_testkit::{SitePage, TestSite};
use serde_json::json;

use super::{counters, make, run, start, titles};

#[tokio::test]
async fn stories_that_match_become_documents_once() {
    let site = TestSite::start().await;
    let base = site.url("/api/v1");
    let (_app, project) = start(&[("COMMANDCENTER_RESEARCH__HN_URL", &base)]).await;
    let hit = |id: &str, title: &str, text: &str| json!({ "objectID": id, "title": title, "url": null, "story_text": text, "author": "pg", "created_at": "2026-11-20T10:00:00Z", "points": 50 });
    let hits =
        json!({ "hits": [hit("1", "Rust is fast", "About the okapi."), hit("2", "Rust in space", "About the narwhal.")], "nbPages": 1 });
    site.put("/api/v1/search_by_date?*", SitePage::html(hits.to_string()).typed("application/json"));
    let body = json!({ "name": "HN", "type": "hacker_news", "config": { "keywords": ["rust", "actix web"], "min_score": 10 } });
    let id = make(&project, body).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [2, 0, 0, 0, 0, 0], "a story of both keywords is one: {first}");
    assert_eq!(titles(&project, "narwhal").await, ["Rust in space"]);
    let asked = site.take_asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].contains("tags=story") && asked[0].contains("points%3E%3D10"), "{asked:?}");
    assert_eq!(counters(&run(&project, id).await), [0, 0, 2, 0, 0, 0]);

    site.put("/api/v1/search_by_date?*", SitePage::html("<html>").typed("text/html"));
    let failed = run(&project, id).await;
    assert!(failed["error"].as_str().unwrap().contains("no list of stories"), "{failed}");
}
