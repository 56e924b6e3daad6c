//! The published types: all that the code publishes, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use commandcenter_domain::event::EventType;
use commandcenter_testkit::TestApp;

#[tokio::test]
async fn every_type_has_its_schema() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    let list = ann.get("/api/v1/events/schemas").await.expect(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), EventType::all().count());
    for item in items {
        assert_eq!(item["schema"]["title"], item["type"]);
        assert_eq!(item["schema"]["type"], "object");
        assert!(item["description"].as_str().unwrap().ends_with('.'));
    }
    assert_eq!(app.anonymous().get("/api/v1/events/schemas").await.problem(401), "unauthenticated");
}

/// A type is added to the catalogue before it is published: readers learn its shape there.
#[test]
fn the_catalogue_is_what_the_code_publishes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut sources = Vec::new();
    collect(&root, &mut sources);
    let mut published = BTreeSet::new();
    for path in &sources {
        let text = std::fs::read_to_string(path).unwrap();
        // Tests at a file's end publish types of their own.
        published.extend(types(text.split("#[cfg(test)]").next().unwrap()));
    }
    let listed: BTreeSet<String> = EventType::all().map(|one| one.name.to_owned()).collect();
    assert!(sources.len() > 100 && published.len() > 20, "the sources are found");
    assert_eq!(published, listed, "left: published by the code; right: crates/domain/src/event/catalogue/types.rs");
}

/// Sources of the product, without the catalogue itself and without tests.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["tests", "testkit", "catalogue", "node_modules", "ui"].contains(&name) {
                collect(&path, found);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// String literals that are the name of a type.
fn types(text: &str) -> impl Iterator<Item = String> + '_ {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|literal| is_type(literal)).map(str::to_owned)
}

fn is_type(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '{' || c == '}');
    matches!(parts[..], ["cc", context, what, version] if word(context) && word(what) && version.starts_with('v'))
}
