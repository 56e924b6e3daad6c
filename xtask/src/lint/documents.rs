//! Paths and crates that the documentation names must exist: a page that leads nowhere is worse than none.

use std::collections::BTreeSet;

use crate::layers;
use crate::lint::findings;
use crate::process::Failure;
use crate::workspace::{files, read, root};

/// Where a path of this repository begins.
const TOPS: [&str; 9] = ["crates/", "bins/", "migration/", "xtask/", "tests/", "docs/", "deploy/", ".ci/", ".cargo/"];
/// Programs of ours, beside the packages.
const PROGRAMS: [&str; 2] = ["commandcenter-api", "commandcenter-worker"];

/// Looks at every page.
pub(super) fn check() -> Result<(), Failure> {
    let packages: BTreeSet<String> = layers::packages()?.into_iter().map(|package| package.name).collect();
    let mut found = Vec::new();
    for page in files()?.iter().filter(|path| path.ends_with(".md")) {
        for code in inline_code(&read(page)?) {
            if let Some(path) = path_in(&code)
                && !exists(path)
            {
                found.push(format!("{page}: there is no {path}"));
            }
            if is_crate(&code) && !packages.contains(&code) && !PROGRAMS.contains(&code.as_str()) {
                found.push(format!("{page}: there is no crate {code}"));
            }
        }
    }
    findings(&found)
}

/// What stands between backticks on one line, outside of code blocks.
fn inline_code(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// The path of this repository that a piece of code is; patterns and examples are not.
fn path_in(code: &str) -> Option<&str> {
    let literal = !code.contains(['<', '{', '*', ' ', '…', '$']) && !code.contains("widget") && !code.contains("NNNN");
    let ours = TOPS.iter().any(|top| code.starts_with(top));
    (literal && ours).then_some(code)
}

fn exists(path: &str) -> bool {
    root().join(path.trim_end_matches('/')).exists()
}

fn is_crate(code: &str) -> bool {
    code.strip_prefix("commandcenter-").is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literal_paths_of_ours_are_followed() {
        let text =
            "See `crates/http/src`, `crates/<name>`, `/api/v1/jobs`, `tests/it/widgets.rs`.\n```\n`crates/none`\n```\nand `xtask/gone.rs`";
        let paths: Vec<String> = inline_code(text).iter().filter_map(|code| path_in(code)).map(str::to_owned).collect();
        assert_eq!(paths, ["crates/http/src", "xtask/gone.rs"]);
    }

    #[test]
    fn a_crate_is_told_from_a_command() {
        assert!(is_crate("commandcenter-http"));
        assert!(!is_crate("commandcenter-api --bind 0.0.0.0:8000"));
        assert!(!is_crate("commandcenter"));
    }
}
