//! House rules that no other tool checks: what a file starts with, how long it may be, what must not be in it.

use crate::lint::findings;
use crate::process::Failure;
use crate::workspace::{files, read};

/// A file longer than this is two files.
const LINES: usize = 500;

/// Looks at every file that git knows.
pub(super) fn check() -> Result<(), Failure> {
    let mut found = Vec::new();
    for path in files()? {
        let ending = path.rsplit('.').next().unwrap_or_default();
        if ending == "rs" {
            found.extend(source(&read(&path)?).into_iter().map(|why| format!("{path}: {why}")));
        } else if path.ends_with("package-lock.json") || path == "Cargo.lock" {
            found.extend(lock(&read(&path)?).into_iter().map(|why| format!("{path}: {why}")));
        }
    }
    findings(&found)
}

/// What a source file does against the rules.
fn source(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push("does not start with `//!` and what it is for".to_owned());
    }
    let lines = text.lines().count();
    if lines > LINES {
        found.push(format!("has {lines} lines; {LINES} are the limit"));
    }
    // Written in two halves, so that this file does not accuse itself.
    for start in [concat!("#[al", "low("), concat!("#![al", "low(")] {
        if text.lines().any(|line| line.trim_start().starts_with(start)) {
            found.push(format!("says `{start}`; write `#[expect(…, reason = \"…\")]`"));
        }
    }
    found
}

/// Lock files name packages and digests; a host of a registry in them works for one machine only.
fn lock(text: &str) -> Vec<String> {
    let ours = |line: &str| line.contains("github.com/rust-lang/crates.io-index");
    let hosts = text.lines().filter(|line| {
        let line = line.trim_start();
        (line.starts_with("\"resolved\": \"http") || line.starts_with("source = ")) && !ours(line)
    });
    hosts.take(3).map(|line| format!("names a host: {}", line.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_file_is_left_alone() {
        assert!(source("//! What it is for.\n\nfn main() {}\n").is_empty());
    }

    #[test]
    fn each_rule_finds_its_violation() {
        let long = format!("//! Long.\n{}", "\n".repeat(LINES));
        let cases = [("fn main() {}", "does not start"), (long.as_str(), "501 lines"), ("//! A.\n    #[allow(dead_code)]\n", "#[expect")];
        for (text, wanted) in cases {
            let found = source(text);
            assert!(matches!(found.as_slice(), [one] if one.contains(wanted)), "{found:?}");
        }
    }

    #[test]
    fn a_registry_of_ones_own_in_a_lock_file_is_found() {
        assert_eq!(lock("  \"resolved\": \"https://mirror.example/a.tgz\",").len(), 1);
        assert_eq!(lock("source = \"registry+https://mirror.example/index\"").len(), 1);
        assert!(lock("source = \"registry+https://github.com/rust-lang/crates.io-index\"\n  \"integrity\": \"sha512-\"").is_empty());
    }
}
