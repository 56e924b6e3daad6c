//! Feeds from the world, as the parser's own package carries them.

use std::path::PathBuf;

use commandcenter_domain::source::{Body, CanonicalUrl, FeedSettings, Listed, Place, SourceReader, Validators};
use commandcenter_testkit::TestSite;

use crate::reader;

/// The folder of feeds in the package that cargo has fetched.
fn corpus() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?.flatten();
    let packages = registries.filter_map(|registry| std::fs::read_dir(registry.path()).ok()).flatten().flatten();
    let mut found: Vec<PathBuf> = packages
        .filter(|package| package.file_name().to_string_lossy().starts_with("feed-rs-3"))
        .map(|package| package.path().join("fixture"))
        .collect();
    found.sort();
    found.pop().filter(|folder| folder.is_dir())
}

#[tokio::test]
async fn feeds_from_the_world_are_read_and_none_breaks_the_reader() {
    let Some(folder) = corpus() else {
        println!("skipped: cargo has no sources of feed-rs 3 with a folder `fixture`");
        return;
    };
    let site = TestSite::of_folder(&folder).await;
    let (mut read, mut entries, mut refused) = (0, 0, Vec::new());
    let mut names: Vec<String> = Vec::new();
    collect(&folder, &folder, &mut names);
    for name in &names {
        let url = CanonicalUrl::parse(&site.url(&format!("/{name}"))).unwrap();
        let place = Place::Feed { url, settings: FeedSettings { max_entries: 1000, full_text: true } };
        let session = reader().open(&place).await.unwrap();
        match session.list(&Validators::default()).await {
            Ok(Listed::Fresh(listing)) => {
                read += 1;
                entries += listing.leads.len();
                for lead in &listing.leads {
                    assert!(!lead.key.is_empty(), "{name}");
                    let (Body::Inline(content) | Body::RemoteOr(content)) = &lead.body else { unreachable!("{name}") };
                    assert!(std::str::from_utf8(&content.bytes).is_ok(), "{name}");
                }
            }
            Ok(Listed::Unchanged) => unreachable!("{name} was never asked for"),
            Err(err) => refused.push(format!("{name}: {err}")),
        }
    }
    println!("{read} of {} files were read with {entries} entries; refused: {refused:#?}", names.len());
    assert!(names.len() >= 60, "the corpus is there");
    assert!(read * 100 >= names.len() * 90, "{refused:#?}");
}

fn collect(root: &std::path::Path, folder: &std::path::Path, into: &mut Vec<String>) {
    for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(root, &path, into);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            // The package also keeps what it makes of them, and XML that is no feed.
            if !name.ends_with(".serde.json") && !name.starts_with("xml/") && (name.ends_with(".xml") || name.ends_with(".json")) {
                into.push(name);
            }
        }
    }
}
