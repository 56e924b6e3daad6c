//! Where a question's words are in a passage.

use super::{Span, stem};

/// Spans, in code points of `content`, of the words that share a stem with one of `terms`.
#[must_use]
pub fn highlights(content: &str, terms: &[String]) -> Vec<Span> {
    let stems: Vec<String> = terms.iter().map(|term| stem(term)).collect();
    let mut found = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    for (at, c) in (0..).zip(content.chars().chain(std::iter::once(' '))) {
        if c.is_alphanumeric() {
            if word.is_empty() {
                start = at;
            }
            word.push(c);
        } else if !word.is_empty() {
            if stems.contains(&stem(&word)) {
                found.push(Span { start, end: at });
            }
            word.clear();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_code_points_and_follow_stems() {
        let content = "Über tasks: a task is cancelled";
        let spans = highlights(content, &["task".into(), "cancelling".into()]);
        let chars: Vec<char> = content.chars().collect();
        let texts: Vec<String> =
            spans.iter().map(|s| chars[usize::try_from(s.start).unwrap()..usize::try_from(s.end).unwrap()].iter().collect()).collect();
        assert_eq!(texts, ["tasks", "task", "cancelled"]);
    }
}
