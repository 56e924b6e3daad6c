//! The check fails on each kind of violation, and on nothing else.

use serde_json::{Value, json};

use crate::layers::graph;
use crate::layers::judge::judge;

/// What the check says about one crate with one dependency.
fn verdict(package: &str, dependency: &str, kind: Value) -> Vec<String> {
    let metadata = json!({"packages": [{
        "name": package,
        "manifest_path": "/nowhere/Cargo.toml",
        "dependencies": [{"name": dependency, "kind": kind}],
    }]});
    judge(&graph::packages(&metadata).unwrap())
}

#[test]
fn each_kind_of_violation_is_found() {
    let cases = [
        ("commandcenter-http", "commandcenter-repositories", "may only import domain, services"),
        ("commandcenter-services", "commandcenter-jobs", "may only import domain"),
        ("commandcenter-github", "commandcenter-events", "may only import domain"),
        ("commandcenter-domain", "commandcenter-config", "imports nothing of ours"),
        ("commandcenter-config", "commandcenter-domain", "imports nothing of ours"),
        ("commandcenter-telemetry", "commandcenter-app", "may only import config"),
        ("commandcenter-migration", "commandcenter-domain", "imports nothing of ours"),
        ("commandcenter-api", "commandcenter-http", "may only import app, config, telemetry"),
        ("commandcenter-app", "commandcenter-cli", "not part of the product's inside"),
        ("commandcenter-app", "commandcenter-testkit", "only for tests"),
        ("commandcenter-jobs", "wiremock", "only for tests"),
        ("commandcenter-xtask", "commandcenter-domain", "imports nothing of ours"),
        ("commandcenter-domain", "tokio", "may only name"),
        ("commandcenter-services", "sea-orm", "may only name"),
        ("commandcenter-http", "sea-orm", "sea-orm is not for this layer"),
        ("commandcenter-http", "sqlx-postgres", "sqlx is not for this layer"),
        ("commandcenter-repositories", "actix-web", "actix-web is not for this layer"),
        ("commandcenter-jobs", "octocrab", "octocrab is not for this layer"),
        ("commandcenter-cli", "sea-orm-migration", "sea-orm is not for this layer"),
        ("commandcenter-services", "deadpool-redis", "may only name"),
        ("commandcenter-jobs", "deadpool-redis", "redis is not for this layer"),
        ("commandcenter-common", "serde", "not in the table"),
    ];
    for (package, dependency, wanted) in cases {
        let found = verdict(package, dependency, Value::Null);
        assert!(matches!(found.as_slice(), [one] if one.contains(wanted)), "{package} -> {dependency}: {found:?}");
    }
}

#[test]
fn build_scripts_are_held_to_the_same_rule() {
    assert_eq!(verdict("commandcenter-http", "commandcenter-repositories", json!("build")).len(), 1);
}

#[test]
fn allowed_edges_pass() {
    let cases = [
        ("commandcenter-services", "commandcenter-domain", Value::Null),
        ("commandcenter-repositories", "sea-orm", Value::Null),
        ("commandcenter-app", "commandcenter-github", Value::Null),
        ("commandcenter-jobs", "commandcenter-testkit", json!("dev")),
        ("commandcenter-testkit", "wiremock", Value::Null),
        ("commandcenter-http", "serde", Value::Null),
    ];
    for (package, dependency, kind) in cases {
        assert_eq!(verdict(package, dependency, kind), Vec::<String>::new(), "{package} -> {dependency}");
    }
}

#[test]
fn the_domain_takes_nothing_of_ours_even_for_its_tests() {
    assert_eq!(verdict("commandcenter-domain", "commandcenter-testkit", json!("dev")).len(), 1);
}

#[test]
fn a_crate_without_the_workspaces_lints_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = dir.path().join("Cargo.toml");
    let metadata = json!({"packages": [{"name": "commandcenter-domain", "manifest_path": manifest, "dependencies": []}]});
    for (text, violations) in [("[lints]\nworkspace = true\n", 0), ("[lints]\n", 1), ("[package]\nname = \"x\"\n", 1)] {
        std::fs::write(&manifest, text).unwrap();
        assert_eq!(judge(&graph::packages(&metadata).unwrap()).len(), violations, "{text}");
    }
}
