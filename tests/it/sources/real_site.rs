//! A real documentation site, served on loopback and crawled from its first page.

use std::path::PathBuf;

use commandcenter_testkit::TestSite;
use serde_json::json;

use super::{counters, errors, make, run, start, titles};

/// The HTML pages of the folder that the environment names.
fn documentation() -> Option<PathBuf> {
    let folder = std::env::var_os("COMMANDCENTER_TEST_DOCS").map(PathBuf::from)?;
    [folder.join("html"), folder].into_iter().find(|folder| folder.join("index.html").is_file())
}

#[tokio::test]
async fn a_part_of_a_real_documentation_site_is_crawled_whole_and_its_pages_are_found() {
    let Some(folder) = documentation() else {
        println!("skipped: COMMANDCENTER_TEST_DOCS names no folder of a documentation set with an index.html");
        return;
    };
    let (_app, project) = start(&[]).await;
    let site = TestSite::of_folder(&folder).await;
    // One book of the site: all of them together take many minutes to embed.
    let config = json!({ "max_depth": 6, "max_pages": 1000, "path_prefix": "/tutorial/" });
    let url = site.url("/tutorial/index.html");
    let id = make(&project, json!({ "name": "Docs", "type": "documentation", "url": url, "config": config })).await;
    let first = run(&project, id).await;
    let [added, updated, _, gone, failed, _] = counters(&first);
    println!("first run: {:?} (added, updated, unchanged, gone, failed, skipped), notes {}", counters(&first), first["notes"]);
    assert_eq!((&first["status"], updated, gone), (&json!("completed"), 0, 0), "{first}");
    assert!(added >= 15, "{added} pages were added");
    assert!(failed * 50 <= added, "{failed} failed: {:?}", errors(&project, &first).await);
    for (question, title) in [("whetting your appetite", "Whetting"), ("fancier output formatting", "Fancier Output")] {
        let found = titles(&project, question).await;
        assert!(found.iter().any(|one| one.contains(title)), "{question}: {found:?}");
    }
    let second = run(&project, id).await;
    println!("second run: {:?}", counters(&second));
    assert_eq!((counters(&second)[0], counters(&second)[1], counters(&second)[3]), (0, 0, 0), "nothing moved: {second}");
}
