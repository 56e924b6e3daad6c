//! Every problem that the API can answer is a page of ours: its `type` leads to `docs/src/problems.md`.

use std::collections::BTreeSet;

use crate::lint::findings;
use crate::process::Failure;
use crate::workspace::{files, read};

const PAGE: &str = "docs/src/problems.md";
/// What stands before a slug in the code.
const MARKS: [&str; 5] = ["Problem::new(", "Problem::malformed(", "Problem::not_found(", "Problem::invalid(", "(Fault::"];

/// Compares the slugs in the code with the page's rows.
pub(super) fn check() -> Result<(), Failure> {
    let mut used = BTreeSet::new();
    for path in files()?.iter().filter(|path| path.starts_with("crates/") && path.contains("/src/") && path.ends_with(".rs")) {
        if !path.contains("testkit") && !path.contains("tests") {
            used.extend(slugs(&read(path)?));
        }
    }
    let page = read(PAGE)?;
    let missing = used.iter().filter(|slug| !page.contains(&format!("| `{slug}` |")));
    findings(&missing.map(|slug| format!("{PAGE} has no row for `{slug}`")).collect::<Vec<_>>())
}

/// The slugs that a source file makes problems of.
fn slugs(text: &str) -> BTreeSet<String> {
    // Tests at a file's end make problems of their own.
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let places = MARKS.iter().flat_map(|mark| code.match_indices(mark).map(|(at, mark)| at + mark.len()));
    places.filter_map(|at| slug(code.get(at..)?)).collect()
}

/// The string literal right after the mark and at most one path, when it is a slug.
fn slug(rest: &str) -> Option<String> {
    let (before, rest) = rest.split_once('"')?;
    let path = before.trim().trim_end_matches(',');
    let (text, _) = rest.split_once('"')?;
    let direct = path.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let shaped = !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (direct && shaped).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_found_where_problems_are_made() {
        let code = r#"
            Self::Taken => (Fault::Conflict, "name-taken"),
            Problem::new(StatusCode::CONFLICT, "moved", Some("a sentence".into()));
            Problem::malformed("malformed-json", "the body is not UTF-8");
            (Fault::Invalid, code)
            let other = "not-a-problem";
        "#;
        assert_eq!(slugs(code).into_iter().collect::<Vec<_>>(), ["malformed-json", "moved", "name-taken"]);
    }
}
