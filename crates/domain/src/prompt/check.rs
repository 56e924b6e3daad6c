//! What the words of a prompt tell without a model: whether it says who speaks, what the answer looks like and what binds it, and which of its
//! demands pull in different directions. Rules of English words: they miss what is said otherwise, and they never guess.

use super::PromptText;
use super::words::Words;

/// Fewer words than this rarely say what is wanted.
const SHORT: usize = 15;
/// More words than this are rarely all followed.
const LONG: usize = 1_500;

const ROLE: [&str; 14] = [
    "you are a",
    "you are an",
    "you are the",
    "you're a",
    "you're an",
    "act as",
    "your role",
    "your job is",
    "take the role",
    "play the role",
    "play the part",
    "assume the role",
    "as an expert",
    "in the voice of",
];

const FORMAT: [&str; 26] = [
    "json",
    "yaml",
    "xml",
    "csv",
    "html",
    "markdown",
    "table",
    "bullet",
    "bullets",
    "bulleted",
    "numbered list",
    "a list of",
    "code block",
    "format",
    "schema",
    "template",
    "headings",
    "paragraph",
    "paragraphs",
    "one sentence",
    "plain text",
    "respond with",
    "reply with",
    "answer with",
    "return only",
    "output",
];

const CONSTRAINTS: [&str; 22] = [
    "must",
    "must not",
    "never",
    "always",
    "only",
    "do not",
    "don't",
    "avoid",
    "exactly",
    "at most",
    "at least",
    "no more than",
    "no less than",
    "no longer than",
    "fewer than",
    "less than",
    "up to",
    "limit",
    "within",
    "without",
    "required",
    "words or less",
];

/// Demands that cannot both be met, each as phrases of one side and of the other.
const CONFLICTS: [(&[&str], &[&str]); 8] = [
    (
        &["brief", "briefly", "concise", "concisely", "short", "one sentence", "terse"],
        &["detailed", "in detail", "comprehensive", "exhaustive", "thorough", "thoroughly", "in depth", "as long as possible"],
    ),
    (&["formal", "formally"], &["casual", "casually", "informal", "informally", "slang"]),
    (
        &["for beginners", "simple words", "simple language", "plain language", "layperson"],
        &["for experts", "technical language", "expert level", "highly technical", "jargon"],
    ),
    (
        &["creative", "creatively", "imaginative", "be inventive"],
        &["only facts", "facts only", "strictly factual", "only the facts", "do not invent"],
    ),
    (
        &["step by step", "show your work", "explain your reasoning", "show your reasoning"],
        &["only the answer", "answer only", "no explanation", "no explanations", "without explanation", "do not explain"],
    ),
    (&["json", "only json", "yaml", "xml"], &["plain text", "prose", "markdown", "essay"]),
    (&["bullet points", "bullets", "bulleted list"], &["full paragraphs", "flowing text", "no lists", "without lists"]),
    (
        &["ask questions", "ask me questions", "ask for clarification", "ask clarifying questions"],
        &["do not ask", "don't ask", "without asking", "no questions", "never ask"],
    ),
];

/// What the words alone tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickCheck {
    /// Whether it says as whom the model speaks.
    pub has_role: bool,
    /// Whether it says what the answer looks like.
    pub has_output_format: bool,
    /// Whether something binds the answer.
    pub has_constraints: bool,
    /// Words.
    pub word_count: usize,
    /// What would help, as sentences.
    pub suggestions: Vec<String>,
    /// Demands that cannot both be met, as sentences.
    pub potential_conflicts: Vec<String>,
}

/// Looks at the words.
#[must_use]
pub fn quick_check(prompt: &PromptText) -> QuickCheck {
    let words = Words::of(prompt.as_str());
    let potential_conflicts = CONFLICTS.iter().filter_map(|&(one, other)| conflict(&words, (one, other))).collect();
    let mut check = QuickCheck {
        has_role: words.any(&ROLE).is_some(),
        has_output_format: words.any(&FORMAT).is_some(),
        has_constraints: words.any(&CONSTRAINTS).is_some(),
        word_count: words.count(),
        suggestions: Vec::new(),
        potential_conflicts,
    };
    check.suggestions = suggestions(&check);
    check
}

fn conflict(words: &Words, (one, other): (&[&'static str], &[&'static str])) -> Option<String> {
    let (one, other) = (words.meant(one)?, words.meant(other)?);
    Some(format!("`{one}` and `{other}` ask for opposite things: keep one of them, or say where each holds"))
}

fn suggestions(check: &QuickCheck) -> Vec<String> {
    let rules = [
        (!check.has_role, "Say as whom the model is to speak, such as `You are a reviewer of contracts`."),
        (!check.has_output_format, "Say what the answer has to look like: JSON with these fields, a table, three paragraphs."),
        (!check.has_constraints, "Say what binds the answer: how long it may be, what it must have and what it must not do."),
        (check.word_count < SHORT, "Say more: what it is for, what is known already, and an example of a good answer."),
        (check.word_count > LONG, "Say less, or divide it: of a long list of demands some are not followed."),
        (!check.potential_conflicts.is_empty(), "Decide between the demands that ask for opposite things."),
    ];
    rules.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> QuickCheck {
        quick_check(&PromptText::parse(text).unwrap())
    }

    #[test]
    fn a_bare_wish_lacks_everything() {
        let bare = check("Tell me about whales");
        assert_eq!((bare.has_role, bare.has_output_format, bare.has_constraints, bare.word_count), (false, false, false, 4));
        assert_eq!((bare.suggestions.len(), bare.potential_conflicts.len()), (4, 0));
    }

    #[test]
    fn a_whole_prompt_needs_nothing() {
        let whole = check(
            "You are a marine biologist. Explain to a visitor of a museum how whales sleep. Answer in two paragraphs of at most eighty words \
             each, and do not mention other animals.",
        );
        assert!(whole.has_role && whole.has_output_format && whole.has_constraints, "{whole:?}");
        assert_eq!((whole.suggestions, whole.potential_conflicts), (vec![], vec![]));
    }

    #[test]
    fn each_pair_of_opposites_is_found_and_a_negated_one_is_not() {
        for (one, other) in CONFLICTS {
            for (one, other) in [(one[0], other[0]), (other[other.len() - 1], one[one.len() - 1])] {
                let found = check(&format!("Please be so kind: {one}. Then again {other}."));
                assert_eq!(found.potential_conflicts.len(), 1, "{one}, {other}: {found:?}");
                assert!(found.potential_conflicts[0].contains(one) && found.potential_conflicts[0].contains(other), "{found:?}");
            }
        }
        assert!(check("Be brief and not too detailed, please.").potential_conflicts.is_empty());
        assert!(check("A shortlist of comprehensive schools").potential_conflicts.is_empty());
    }
}
