//! Where a question's words are in a passage.

use super::tokens::parts_of;
use super::{Span, Wording, stem};

/// Spans, in code points of `content` and in order, of the words that share a stem with one the question asks for. Of a name in code the
/// parts that were asked for are marked, or all of it when it was asked for by its whole.
#[must_use]
pub fn highlights(content: &str, wording: &Wording) -> Vec<Span> {
    let mut found = Vec::new();
    let mut name = String::new();
    let mut start = 0;
    for (at, c) in (0..).zip(content.chars().chain(std::iter::once(' '))) {
        if c.is_alphanumeric() || c == '_' {
            if name.is_empty() {
                start = at;
            }
            name.push(c);
        } else if !name.is_empty() {
            mark(&name, start, wording, &mut found);
            name.clear();
        }
    }
    found
}

fn mark(name: &str, start: u64, wording: &Wording, found: &mut Vec<Span>) {
    let asked = |word: &str| wording.terms.iter().any(|term| term.stem == word);
    let length = |text: &str| u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    if asked(&name.replace('_', "").to_lowercase()) {
        found.push(Span { start, end: start + length(name) });
        return;
    }
    for part in parts_of(name).filter(|part| asked(&stem(part))) {
        // A part is a piece of the name: where it lies tells where it begins.
        let before = part.as_ptr() as usize - name.as_ptr() as usize;
        let start = start + length(&name[..before]);
        found.push(Span { start, end: start + length(part) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(content: &str, question: &str) -> Vec<String> {
        let chars: Vec<char> = content.chars().collect();
        let at = |place: u64| usize::try_from(place).unwrap();
        highlights(content, &Wording::of(question)).iter().map(|s| chars[at(s.start)..at(s.end)].iter().collect()).collect()
    }

    #[test]
    fn spans_count_code_points_and_follow_stems() {
        assert_eq!(marked("\u{DC}ber tasks: a task is cancelled", "cancelling a task"), ["tasks", "task", "cancelled"]);
    }

    #[test]
    fn names_in_code_are_marked_by_part_or_as_a_whole() {
        assert_eq!(marked("x = get_user_name()", "user of it"), ["user"]);
        assert_eq!(marked("x = getUserName()", "getUserName"), ["getUserName"]);
        assert_eq!(marked("x = get_user_name()", "getUserName"), ["get_user_name"]);
    }
}
