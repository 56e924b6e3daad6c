//! Feeds.

use commandcenter_testkit::{SitePage, TestSite};
use serde_json::json;

use super::{counters, errors, make, run, start, titles};

fn feed(items: &[(&str, &str, &str)]) -> SitePage {
    let item = |(title, link, body): &(&str, &str, &str)| {
        format!("<item><title>{title}</title><link>{link}</link><description>{body}</description></item>")
    };
    let items = items.iter().map(item).collect::<Vec<_>>().concat();
    let text = format!(
        "<?xml version='1.0'?><rss version='2.0'><channel><title>Blog</title><link>http://e.org/</link><description>d</description>{items}</channel></rss>"
    );
    SitePage::html(text).typed("application/rss+xml")
}

fn article(text: &str) -> SitePage {
    SitePage::html(format!("<html><head><title>Page</title></head><body><article><h1>Page</h1><p>{text}</p></article></body></html>"))
}

#[tokio::test]
async fn entries_become_documents_and_the_next_run_asks_whether_anything_is_new() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    site.put("/feed.xml", feed(&[("Zebras", "/zebra", "Zebras graze at dawn."), ("Herons", "/heron?utm_source=feed", "Herons wait.")]));
    let body = json!({ "name": "Blog", "type": "rss", "url": site.url("/feed.xml"), "config": { "full_text": false, "tags": ["news"] } });
    let id = make(&project, body).await;

    let first = run(&project, id).await;
    assert_eq!((counters(&first), &first["status"]), ([2, 0, 0, 0, 0, 0], &json!("completed")), "{first}");
    assert_eq!(titles(&project, "graze").await, ["Zebras"]);
    let documents = project.get("/api/v1/knowledge/documents?origin=source&sort=title").await.expect(200);
    let heron = &documents["items"][0];
    assert_eq!((&heron["category"], &heron["tags"], &heron["source_url"]), (&json!("Blog"), &json!(["news"]), &json!(site.url("/heron"))));

    assert_eq!(counters(&run(&project, id).await), [0, 0, 2, 0, 0, 0], "the feed answered 304");
    site.put("/feed.xml", feed(&[("Zebras", "/zebra", "Zebras sleep at noon."), ("Herons", "/heron", "Herons wait.")]));
    assert_eq!(counters(&run(&project, id).await), [0, 1, 1, 0, 0, 0]);
    assert!(titles(&project, "graze").await.is_empty());
    assert_eq!(titles(&project, "noon").await, ["Zebras"]);

    site.put("/feed.xml", feed(&[("Storks", "/stork", "Storks nest.")]));
    assert_eq!(counters(&run(&project, id).await), [1, 0, 0, 0, 0, 0], "what left the feed is not gone");
    assert_eq!(titles(&project, "noon").await, ["Zebras"]);
    let source = project.get(&format!("{}/{id}", super::PATH)).await.expect(200);
    assert_eq!((&source["status"], &source["documents_ingested"], &source["last_error"]), (&json!("success"), &json!(3), &json!(null)));
}

#[tokio::test]
async fn the_page_behind_an_entry_is_read_and_one_that_fails_does_not_stop_the_others() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    site.put("/robots.txt", SitePage::html("User-agent: *\nDisallow: /private").typed("text/plain"));
    site.put("/good", article("The whole story of the platypus."));
    site.put("/private", article("A secret about the wombat."));
    site.put("/inside", SitePage::redirect("http://169.254.169.254/latest/meta-data/"));
    let items = [
        ("Good", "/good", "Beginning of good."),
        ("Private", "/private", "Beginning of private."),
        ("Missing", "/missing", "Beginning of missing."),
        ("Inside", "/inside", "Beginning of inside."),
    ];
    site.put("/feed.xml", feed(&items));
    let id = make(&project, json!({ "name": "Blog", "type": "rss", "url": site.url("/feed.xml") })).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [4, 0, 0, 0, 0, 0], "{first}");
    assert_eq!(titles(&project, "platypus").await, ["Page"]);
    assert!(titles(&project, "wombat").await.is_empty(), "robots.txt is obeyed");
    for word in ["private", "missing", "inside"] {
        assert!(!titles(&project, word).await.is_empty(), "what the feed says of {word} is kept");
    }
    let errors = errors(&project, &first).await;
    assert_eq!(errors.len(), 1);
    assert!(errors[0].1.contains("169.254.169.254"), "{errors:?}");
}

#[tokio::test]
async fn a_feed_of_fifty_thousand_entries_is_bounded_and_that_is_told() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    let items = (0..50_000)
        .map(|n| format!("<item><title>Entry {n}</title><link>/e/{n}</link><description>Number {n}.</description></item>"))
        .collect::<Vec<_>>()
        .concat();
    let text = format!(
        "<rss version='2.0'><channel><title>B</title><link>http://e.org/</link><description>d</description>{items}</channel></rss>"
    );
    site.put("/feed.xml", SitePage::html(text).typed("application/rss+xml"));
    let body = json!({ "name": "Big", "type": "rss", "url": site.url("/feed.xml"), "config": { "max_entries": 20, "full_text": false } });
    let id = make(&project, body).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [20, 0, 0, 0, 0, 0]);
    assert_eq!(first["notes"], json!(["the feed has 50000 entries: the newest 20 were taken"]));
}

#[tokio::test]
async fn what_is_no_feed_fails_with_its_reason() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    site.put("/page", article("No feed."));
    site.put("/inside", SitePage::redirect("http://10.0.0.1/feed.xml"));
    site.put("/loop", SitePage::redirect("/loop"));
    for (path, reason) in [("/page", "no feed"), ("/missing", "404"), ("/inside", "10.0.0.1"), ("/loop", "redirected")] {
        let id = make(&project, json!({ "name": path, "type": "rss", "url": site.url(path) })).await;
        let failed = run(&project, id).await;
        assert_eq!(failed["status"], "failed", "{failed}");
        assert!(failed["error"].as_str().unwrap().contains(reason), "{path}: {failed}");
        let source = project.get(&format!("{}/{id}", super::PATH)).await.expect(200);
        assert_eq!((&source["status"], &source["last_error"]), (&json!("error"), &failed["error"]));
    }
}
