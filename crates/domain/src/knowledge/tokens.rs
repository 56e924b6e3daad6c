//! How text becomes the words that an index holds and a question asks for.

use super::porter::stem_in_place;

/// Longer words are no words: encoded data, hashes, rules of dashes.
const LONGEST: usize = 64;

/// Calls `take` with every index word of a text, in order: the stems of its words in lower case. A name in code (`getUserName`,
/// `max_retries`, `utf8`) gives its parts and, behind them, itself in one word, so that it is found by either.
pub fn each_token(text: &str, mut take: impl FnMut(&str)) {
    let mut word = String::new();
    for name in text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty()) {
        let mut parts = 0;
        let mut whole = 0;
        for part in parts_of(name) {
            parts += 1;
            whole += part.len();
            hand_over(part, &mut word, &mut take);
        }
        if parts > 1 && whole <= LONGEST {
            word.clear();
            word.extend(name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase));
            take(&word);
        }
    }
}

fn hand_over(part: &str, word: &mut String, take: &mut impl FnMut(&str)) {
    if part.len() > LONGEST {
        return;
    }
    word.clear();
    if part.is_ascii() {
        word.push_str(part);
        word.make_ascii_lowercase();
    } else {
        word.extend(part.chars().flat_map(char::to_lowercase));
    }
    stem_in_place(word);
    take(word);
}

/// The parts of a name: cut at `_`, where a small letter meets a capital (`userName`), before the last of several capitals (`HTTPServer`),
/// and between letters and digits.
pub(super) fn parts_of(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches('_');
        if rest.is_empty() {
            return None;
        }
        let (part, after) = rest.split_at(end_of_part(rest));
        rest = after;
        Some(part)
    })
}

/// Where the first part of a name that begins with no `_` ends.
fn end_of_part(name: &str) -> usize {
    let mut chars = name.char_indices().peekable();
    let Some((_, mut before)) = chars.next() else { return 0 };
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let rises = before.is_lowercase() && c.is_uppercase();
        let last_capital = before.is_uppercase() && c.is_uppercase() && next.is_some_and(char::is_lowercase);
        if c == '_' || rises || last_capital || before.is_numeric() != c.is_numeric() {
            return at;
        }
        before = c;
    }
    name.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_token(text, |token| found.push(token.to_owned()));
        found
    }

    #[test]
    fn names_in_code_give_their_parts_and_themselves() {
        assert_eq!(tokens("getUserName(max_retries)"), ["get", "user", "name", "getusername", "max", "retri", "maxretries"]);
        assert_eq!(tokens("HTTPServer"), ["http", "server", "httpserver"]);
        assert_eq!(tokens("utf8 asyncio.gather __init__"), ["utf", "8", "utf8", "asyncio", "gather", "init"]);
        assert_eq!(tokens("Running TASKS, e.g. Größen"), ["run", "task", "e", "g", "größen"]);
    }

    #[test]
    fn what_is_no_word_is_left_out() {
        assert!(tokens("--- \u{1F980} ___ ...").is_empty());
        assert!(tokens(&"a".repeat(65)).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_gives_words_of_letters_and_digits(text in "\\PC{0,60}") {
            for token in tokens(&text) {
                prop_assert!(!token.is_empty() && token.chars().all(char::is_alphanumeric) || !token.is_ascii(), "{token:?}");
            }
        }

        #[test]
        fn the_parts_of_a_name_are_the_name(name in "[A-Za-z0-9_]{1,40}") {
            prop_assert_eq!(parts_of(&name).collect::<String>(), name.replace('_', ""));
        }
    }
}
