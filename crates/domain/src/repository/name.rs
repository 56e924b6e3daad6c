//! Names as GitHub allows them.

use crate::shared::{Checker, Limits};

const MAX: usize = 100;

/// The account a repository belongs to. **Invariant:** 1 to 100 ASCII letters, digits, `-`, `_` or `.`, not starting with `-` or `.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryOwner(String);

impl RepositoryOwner {
    /// Reads an owner, noting broken rules under `field`.
    pub fn check(check: &mut Checker, field: &str, text: &str) -> Self {
        let text = segment(check, field, text);
        if text.starts_with(['-', '.']) {
            check.note(field, "invalid_name", "must start with a letter, a digit or `_`");
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A repository's name. **Invariant:** 1 to 100 ASCII letters, digits, `-`, `_` or `.`; neither `.` nor `..`, and not ending in `.git`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName(String);

impl RepositoryName {
    /// Reads a name, noting broken rules under `field`.
    pub fn check(check: &mut Checker, field: &str, text: &str) -> Self {
        let text = segment(check, field, text);
        if text == "." || text == ".." {
            check.note(field, "invalid_name", "must not be `.` or `..`");
        }
        if text.to_ascii_lowercase().ends_with(".git") {
            check.note(field, "invalid_name", "must be given without the ending `.git`");
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One segment of a path on the host. Anything else than these characters could leave the segment once it is put in a URL.
fn segment(check: &mut Checker, field: &str, text: &str) -> String {
    let text = check.line(field, text, Limits { min: 1, max: MAX });
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        check.note(field, "invalid_name", "may hold only letters, digits, `-`, `_` and `.`");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> bool {
        let mut check = Checker::new();
        RepositoryName::check(&mut check, "name", text);
        check.finish(()).is_ok()
    }

    fn owner(text: &str) -> bool {
        let mut check = Checker::new();
        RepositoryOwner::check(&mut check, "owner", text);
        check.finish(()).is_ok()
    }

    #[test]
    fn every_name_that_github_gives_out_is_accepted() {
        for text in ["a", "R", "next.js", "vim-airline", "my_repo", ".github", "-", "_", "socket.io", "a..b", " trimmed ", &"x".repeat(100)]
        {
            assert!(name(text), "{text}");
        }
        for text in ["a", "rust-lang", "octo_corp", "0x", "X"] {
            assert!(owner(text), "{text}");
        }
    }

    #[test]
    fn what_could_leave_its_place_in_a_url_is_refused() {
        for text in
            ["", " ", ".", "..", "a/b", "../etc", "a b", "a?b", "a#b", "a%2Fb", "ünder", "a\0b", "a\nb", "repo.git", &"x".repeat(101)]
        {
            assert!(!name(text), "{text:?}");
        }
        for text in ["", ".", "..", "-x", ".x", "a/b", "ä", &"x".repeat(10_000)] {
            assert!(!owner(text), "{text:?}");
        }
    }
}
