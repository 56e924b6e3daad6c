//! A question as it is looked for by words.

use super::terms::{is_stop_word, search_terms};
use super::tokens::each_token;

/// Most words of a question that are looked for.
const MOST: usize = 64;
/// Most phrases of a question.
const MOST_PHRASES: usize = 8;

/// A word that a question asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// As the index holds it.
    pub stem: String,
    /// How often the question says it.
    pub weight: f32,
}

/// A question's words. Nothing in it is ever read as query syntax but the quotation marks around phrases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wording {
    /// The words to look for. Stop words are left out as long as any other word is there.
    pub terms: Vec<Term>,
    /// The same words as the question writes them, in lower case, each once.
    pub words: Vec<String>,
    /// What stands between quotation marks and must be found as it is: in lower case, with single blanks.
    pub phrases: Vec<String>,
}

impl Wording {
    /// The wording of a question.
    #[must_use]
    pub fn of(question: &str) -> Self {
        let mut all = counted(question, |word| !is_stop_word(word));
        if all.is_empty() {
            all = counted(question, |_| true);
        }
        all.truncate(MOST);
        Self { terms: all, words: search_terms(question), phrases: phrases(question) }
    }
}

fn counted(question: &str, wanted: impl Fn(&str) -> bool) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for name in question.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| wanted(&name.to_lowercase())) {
        each_token(name, |token| match terms.iter_mut().find(|term| term.stem == token) {
            Some(term) => term.weight += 1.0,
            None => terms.push(Term { stem: token.to_owned(), weight: 1.0 }),
        });
    }
    terms
}

/// What stands between pairs of quotation marks; a mark without its partner means nothing.
fn phrases(question: &str) -> Vec<String> {
    let plain = question.replace(['\u{201C}', '\u{201D}', '\u{201E}'], "\"");
    let parts: Vec<&str> = plain.split('"').collect();
    let closed = parts.len().saturating_sub(1) / 2;
    let quoted = parts.iter().skip(1).step_by(2).take(closed).map(|part| plain_phrase(part));
    quoted.filter(|phrase| phrase.chars().any(char::is_alphanumeric)).take(MOST_PHRASES).collect()
}

/// A text as phrases are compared: in lower case, every run of blanks one blank.
#[must_use]
pub fn plain_phrase(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(question: &str) -> Vec<String> {
        Wording::of(question).terms.into_iter().map(|term| term.stem).collect()
    }

    #[test]
    fn stop_words_go_unless_they_are_all_there_is() {
        assert_eq!(stems("How do I cancel a running task?"), ["cancel", "run", "task"]);
        assert_eq!(stems("what is it"), ["what", "is", "it"]);
        assert!(stems("\"'()*:^-").is_empty());
    }

    #[test]
    fn repeated_words_weigh_more() {
        let wording = Wording::of("task after task");
        assert_eq!((wording.terms[0].stem.as_str(), wording.terms[0].weight), ("task", 2.0));
    }

    #[test]
    fn phrases_stand_between_marks() {
        assert_eq!(Wording::of(r#"why "Event  Loop" and "" and "closed"#).phrases, ["event loop"]);
        assert_eq!(Wording::of("say \u{201C}is closed\u{201D} twice").phrases, ["is closed"]);
        assert!(Wording::of(r#"a 5" disk"#).phrases.is_empty());
        assert!(Wording::of(r#""...""#).phrases.is_empty());
    }
}
