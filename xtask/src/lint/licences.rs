//! The licence of every crate in the graph, against the list in `deny.toml`: the same rule as cargo-deny's, checked on every machine.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::lint::{findings, spdx};
use crate::process::{Failure, note};
use crate::workspace::{metadata, read};

/// The part of `deny.toml` that is about licences.
#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Accepted,
}

#[derive(Debug, Deserialize)]
struct Accepted {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
    #[serde(default)]
    clarify: Vec<Clarification>,
}

/// A licence that one crate may have.
#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

/// What a crate's licence is, where its manifest does not say.
#[derive(Debug, Deserialize)]
struct Clarification {
    #[serde(rename = "crate")]
    name: String,
    expression: String,
}

/// A package as `cargo metadata` shows it.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// Looks at every package.
pub(super) fn check() -> Result<(), Failure> {
    let deny: Deny = toml::from_str(&read("deny.toml")?).map_err(|e| Failure::of("deny.toml", e))?;
    let mut metadata = metadata(&["--locked"])?;
    let packages: Vec<Package> = serde_json::from_value(metadata["packages"].take()).map_err(|e| Failure::of("cargo metadata", e))?;
    note(format_args!("{} packages", packages.len()));
    findings(&packages.iter().filter_map(|package| deny.licenses.refusal(package)).collect::<Vec<_>>())
}

impl Accepted {
    /// Why a package may not be linked, if so.
    fn refusal(&self, package: &Package) -> Option<String> {
        let clarified: BTreeMap<&str, &str> = self.clarify.iter().map(|one| (one.name.as_str(), one.expression.as_str())).collect();
        let stated = package.license.as_deref().or_else(|| clarified.get(package.name.as_str()).copied());
        let Some(expression) = stated else { return Some(format!("{} {} does not state its licence", package.name, package.version)) };
        let excepted = |licence: &str| self.exceptions.iter().any(|one| one.name == package.name && one.allow.contains(licence));
        let met = spdx::satisfied(expression, &|licence| self.allow.contains(licence) || excepted(licence));
        (!met).then(|| format!("{} {} is under {expression}, which deny.toml does not allow", package.name, package.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_for_its_crate_only() {
        let deny: Deny = toml::from_str(
            "[licenses]\nallow = [\"MIT\"]\n[[licenses.exceptions]]\ncrate = \"notify\"\nallow = [\"CC0-1.0\"]\n\
             [[licenses.clarify]]\ncrate = \"silent\"\nexpression = \"MIT\"\nlicense-files = []\n",
        )
        .unwrap();
        let refused = |name: &str, license: Option<&str>| {
            let package = Package { name: name.to_owned(), version: "1.0.0".to_owned(), license: license.map(str::to_owned) };
            deny.licenses.refusal(&package).is_some()
        };
        assert!(!refused("notify", Some("CC0-1.0")));
        assert!(refused("other", Some("CC0-1.0")));
        assert!(refused("other", None));
        assert!(!refused("silent", None));
    }
}
