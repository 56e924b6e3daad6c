//! The judgement: what a workspace does against the table, one sentence each.

use std::path::Path;

use crate::layers::graph::{Dependency, Kind, Package};
use crate::layers::table::{ANY, CLOSED, FRAMEWORKS, Ours, RULES, Rule, TEST_ONLY};

const PREFIX: &str = "commandcenter-";
/// What `app` may not import: the programs made of it, and what exists for tests.
const NOT_PRODUCT: [&str; 6] = ["api", "worker", "cli", "testkit", "tests", "xtask"];

/// Every violation; none is the good case.
pub(super) fn judge(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(one).collect()
}

fn one(package: &Package) -> Vec<String> {
    let mut violations = Vec::new();
    let Some(rule) = package.name.strip_prefix(PREFIX).and_then(|name| RULES.iter().find(|rule| rule.name == name)) else {
        return vec![format!("{} is not in the table of layers", package.name)];
    };
    if !inherits_lints(Path::new(&package.manifest_path)) {
        violations.push(format!("{} does not say `[lints] workspace = true`", package.name));
    }
    for dependency in &package.dependencies {
        violations.extend(edge(rule, dependency).map(|why| format!("{} must not depend on {}: {why}", package.name, dependency.name)));
    }
    violations
}

/// Why a dependency is against the rule, if it is.
fn edge(rule: &Rule, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    if dependency.kind == Some(Kind::Dev) {
        // Tests join what the product keeps apart, but nothing pulls a framework into the domain, not even for a test.
        let ours = name.starts_with(PREFIX) && rule.name == "domain";
        return ours.then(|| "the domain's tests need nothing of ours".to_owned());
    }
    if let Some(ours) = name.strip_prefix(PREFIX) {
        return import(rule, ours);
    }
    if TEST_ONLY.contains(&name) && !matches!(rule.ours, Ours::Any) {
        return Some("it is only for tests; put it under [dev-dependencies]".to_owned());
    }
    if let Some((_, allowed)) = CLOSED.iter().find(|(closed, _)| *closed == rule.name) {
        return (!allowed.contains(&name)).then(|| format!("{} may only name {}", rule.name, allowed.join(", ")));
    }
    framework(rule, name)
}

fn import(rule: &Rule, ours: &str) -> Option<String> {
    let full = format!("{PREFIX}{ours}");
    let any = matches!(rule.ours, Ours::Any);
    if TEST_ONLY.contains(&full.as_str()) && !any {
        return Some("it is only for tests; put it under [dev-dependencies]".to_owned());
    }
    match rule.ours {
        Ours::Any => None,
        Ours::Product => NOT_PRODUCT.contains(&ours).then(|| "it is not part of the product's inside".to_owned()),
        Ours::Only(allowed) if allowed.contains(&ours) => None,
        Ours::Only([]) => Some(format!("{} imports nothing of ours", rule.name)),
        Ours::Only(allowed) => Some(format!("{} may only import {}", rule.name, allowed.join(", "))),
    }
}

fn framework(rule: &Rule, name: &str) -> Option<String> {
    let (framework, _) = FRAMEWORKS.iter().find(|(_, packages)| packages.iter().any(|pattern| matches(pattern, name)))?;
    let allowed = rule.frameworks == ANY || rule.frameworks.contains(framework);
    (!allowed).then(|| format!("{framework} is not for this layer"))
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// Whether a crate takes the workspace's lints. A manifest that cannot be read is none of ours to judge here: cargo would have failed.
fn inherits_lints(manifest: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(manifest) else { return true };
    let Ok(manifest) = text.parse::<toml::Table>() else { return false };
    manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
