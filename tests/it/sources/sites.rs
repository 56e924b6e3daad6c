//! Sites of documentation, well behaved and not.

use std::time::{Duration, Instant};

use commandcenter_testkit::{SitePage, TestSite};
use serde_json::{Value, json};

use super::{PATH, counters, errors, finished, make, run, start, titles};

/// A page with a title, a word of its own, and links.
fn page(title: &str, word: &str, links: &[&str]) -> SitePage {
    let links = links.iter().map(|link| format!("<li><a href=\"{link}\">go</a></li>")).collect::<Vec<_>>().concat();
    SitePage::html(format!(
        "<html><head><title>{title}</title></head><body><main><h1>{title}</h1><p>This page is about the {word}.</p></main><ul>{links}</ul></body></html>"
    ))
}

fn source(site: &TestSite, config: Value) -> Value {
    json!({ "name": "Docs", "type": "documentation", "url": site.url("/"), "config": config })
}

#[tokio::test]
async fn pages_are_found_by_links_and_read_once_however_they_are_linked() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    site.put(
        "/",
        page("Home", "lobby", &["/a", "/a#part", "/a?utm_source=home", "a?", "/b/", "http://other.example/", "/logo.png", "mailto:x@y.z"]),
    );
    site.put("/a", page("A", "aardvark", &["/", "/c"]));
    site.put("/b/", page("B", "badger", &["../old"]));
    site.put("/c", page("C", "cormorant", &["/d"]));
    site.put("/d", page("D", "dormouse", &["/e"]));
    site.put("/e", page("E", "echidna", &[]));
    site.put("/old", SitePage::redirect("/a"));
    let id = make(&project, source(&site, json!({ "max_depth": 3 }))).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [5, 0, 0, 0, 0, 1], "home, a, b, c, d; old leads to a: {first}");
    assert_eq!(titles(&project, "dormouse").await, ["D"]);
    assert!(titles(&project, "echidna").await.is_empty(), "beyond the depth");
    let asked = site.take_asked();
    assert_eq!(asked.iter().filter(|path| path.starts_with("/a")).count(), 2, "once by itself, once behind /old: {asked:?}");
    assert!(!asked.contains(&"/logo.png".to_owned()) && !asked.contains(&"/e".to_owned()));

    assert_eq!(counters(&run(&project, id).await), [0, 0, 5, 0, 0, 1], "every page answered 304");
    site.put("/c", page("C", "chameleon", &["/d"]));
    site.remove("/d");
    let third = run(&project, id).await;
    assert_eq!(counters(&third)[..5], [0, 1, 3, 1, 0], "{third}");
    assert!(titles(&project, "dormouse").await.is_empty(), "what is gone does not answer");
    assert_eq!(titles(&project, "chameleon").await, ["C"]);
    let gone = project.get(&format!("{PATH}/{id}/items?state=gone")).await.expect(200);
    assert_eq!((&gone["total"], &gone["items"][0]["item"]), (&json!(1), &json!(site.url("/d"))));
    site.put("/d", page("D", "dormouse", &[]));
    site.put("/c", page("C", "chameleon again", &["/d"]));
    assert_eq!(run(&project, id).await["added"], 1, "what comes back is read again");
}

#[tokio::test]
async fn sitemaps_and_their_indexes_are_followed() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    let xml = |text: String| SitePage::html(text).typed("application/xml");
    site.put("/", page("Home", "lobby", &[]));
    site.put("/hidden", page("Hidden", "hedgehog", &[]));
    site.put("/robots.txt", SitePage::html(format!("Sitemap: {}", site.url("/index.xml"))).typed("text/plain"));
    site.put(
        "/index.xml",
        xml(format!(
            "<sitemapindex><sitemap><loc>{}</loc></sitemap><sitemap><loc>{}</loc></sitemap></sitemapindex>",
            site.url("/one.xml"),
            site.url("/none.xml")
        )),
    );
    site.put(
        "/one.xml",
        xml(format!("<urlset><url><loc>{}</loc></url><url><loc>http://other.example/x</loc></url></urlset>", site.url("/hidden"))),
    );
    let id = make(&project, source(&site, json!({ "max_depth": 1 }))).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [2, 0, 0, 0, 0, 0], "{first}");
    assert_eq!(titles(&project, "hedgehog").await, ["Hidden"]);
}

#[tokio::test]
async fn a_site_that_misbehaves_costs_its_own_pages_only() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    let links = ["/good", "/busy", "/down", "/private/x", "/inside", "/broken", "/zip", "/away", "/latin", "/quiet", "/calendar?day=0"];
    site.put("/robots.txt", SitePage::html("User-agent: *\nDisallow: /private/").typed("text/plain"));
    site.put("/", page("Home", "lobby", &links));
    site.put("/good", page("Good", "gazelle", &[]));
    site.put_in_turn("/busy", vec![SitePage::status(429).with("retry-after", "1"), page("Busy", "beaver", &[])]);
    site.put("/down", SitePage::status(503).with("retry-after", "0"));
    site.put("/private/x", page("Private", "puma", &[]));
    site.put("/inside", SitePage::redirect("http://127.0.0.1.nip.invalid/"));
    site.put("/away", SitePage::redirect("http://192.168.1.1/admin"));
    site.put("/zip", SitePage::html("PK").typed("application/zip"));
    site.put("/latin", SitePage { body: b"<p>caf\xe9</p>".to_vec(), ..page("L", "l", &[]) });
    site.put("/quiet", SitePage::html("<html><head><meta name=\"robots\" content=\"noindex\"></head><body>quetzal</body></html>"));
    // Every page of the calendar links to the next: without a bound the crawl would not end.
    site.put(
        "/calendar?*",
        page(
            "Calendar",
            "calendar",
            &[
                "?day=1",
                "?day=2",
                "?day=3&x=1",
                "?day=4&x=2",
                "?n=5",
                "?n=6",
                "?n=7",
                "?n=8",
                "?n=9",
                "?n=10",
                "?n=11",
                "?n=12",
                "?n=13",
                "?n=14",
                "?n=15",
                "?n=16",
                "?n=17",
                "?n=18",
                "?n=19",
            ],
        ),
    );
    let id = make(&project, source(&site, json!({ "max_depth": 10, "max_pages": 200 }))).await;
    let first = run(&project, id).await;
    assert_eq!(first["status"], "completed", "{first}");
    for (word, title) in [("gazelle", "Good"), ("beaver", "Busy"), ("lobby", "Home")] {
        assert_eq!(titles(&project, word).await, [title], "{word}");
    }
    assert!(titles(&project, "puma").await.is_empty() && titles(&project, "quetzal").await.is_empty());
    let found = errors(&project, &first).await;
    let reason = |path: &str| found.iter().find(|(item, _)| *item == site.url(path)).map(|(_, reason)| reason.as_str()).unwrap_or_default();
    for (path, part) in [
        ("/down", "503"),
        ("/private/x", "robots.txt"),
        ("/away", "192.168.1.1"),
        ("/broken", "404"),
        ("/zip", "application/zip"),
        ("/quiet", "not to be indexed"),
    ] {
        assert!(reason(path).contains(part), "{path}: {found:?}");
    }
    assert!(!reason("/inside").is_empty());
    let asked = site.take_asked();
    assert!(!asked.contains(&"/private/x".to_owned()), "what is forbidden is not asked for");
    let calendar = asked.iter().filter(|path| path.starts_with("/calendar")).count();
    assert!((2..=20).contains(&calendar), "{calendar} pages of the calendar were read");
    assert_eq!(asked.iter().filter(|path| *path == "/down").count(), 3, "tried three times");
}

#[tokio::test]
async fn the_limit_of_pages_ends_a_run_and_is_told() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    let names: Vec<String> = (0..20).map(|n| format!("/p{n}")).collect();
    site.put("/", page("Home", "lobby", &names.iter().map(String::as_str).collect::<Vec<_>>()));
    for name in &names {
        site.put(name, page(name, &format!("word of {name}"), &[]));
    }
    let id = make(&project, source(&site, json!({ "max_pages": 10 }))).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [10, 0, 0, 0, 0, 0]);
    assert!(first["notes"][0].as_str().unwrap().contains("11 pages"), "{first}");
}

#[tokio::test]
async fn a_site_that_forbids_everything_or_is_not_there_fails_with_its_reason() {
    let (_app, project) = start(&[]).await;
    let (closed, broken) = (TestSite::start().await, TestSite::start().await);
    closed.put("/robots.txt", SitePage::html("User-agent: *\nDisallow: /").typed("text/plain"));
    closed.put("/", page("Home", "lobby", &[]));
    broken.put("/", SitePage::status(404));
    for (site, reason) in [(&closed, "robots.txt"), (&broken, "404")] {
        let mut body = source(site, json!({}));
        body["name"] = json!(reason);
        let id = make(&project, body).await;
        let failed = run(&project, id).await;
        assert_eq!(failed["status"], "failed", "{failed}");
        assert!(failed["error"].as_str().unwrap().contains(reason), "{failed}");
    }
    assert!(!closed.take_asked().contains(&"/".to_owned()));
}

#[tokio::test]
async fn a_run_stops_within_two_seconds_and_what_it_read_stays() {
    let (_app, project) = start(&[]).await;
    let site = TestSite::start().await;
    site.put("/", page("Home", "lobby", &["/a", "/b"]));
    site.put("/a", page("A", "aardvark", &[]));
    let id = make(&project, source(&site, json!({ "delay_ms": 60_000, "use_sitemap": false }))).await;
    let accepted = project.post(&format!("{PATH}/{id}/run"), json!({})).await.expect(202);
    let deadline = Instant::now() + Duration::from_mins(1);
    while titles(&project, "lobby").await.is_empty() {
        assert!(Instant::now() < deadline, "the first page is read");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let asked = Instant::now();
    project.post(&format!("/api/v1/jobs/{}/cancel", accepted["job_id"]), json!({})).await.expect(200);
    let job = finished(&project, &accepted["job_id"]).await;
    assert_eq!(job["status"], "cancelled", "{job}");
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    let stopped = project.get(&format!("{PATH}/{id}/runs")).await.expect(200)["items"][0].clone();
    assert_eq!((&stopped["status"], &stopped["added"]), (&json!("cancelled"), &json!(1)));
    assert_eq!(titles(&project, "lobby").await, ["Home"]);
}
