//! The words of a question.

/// Words that are in nearly every English text and so tell passages apart in none.
const STOP_WORDS: &[&str] = &[
    "a", "about", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had",
    "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "may", "me", "my", "no", "not", "of", "on", "or", "our", "should",
    "so", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "was", "we", "were", "what",
    "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// Most words of a question that are looked for.
const MAX_TERMS: usize = 32;

/// Endings and what stays in their place.
const ENDINGS: [(&str, &str); 9] =
    [("ization", "iz"), ("ations", "at"), ("ation", "at"), ("ings", ""), ("ing", ""), ("ies", "i"), ("ed", ""), ("es", ""), ("s", "")];

/// The words to look for: runs of letters and digits in lower case, each once, in the question's order. Stop words are left out as long as
/// any other word is there. Whatever else the text holds (quotes, operators, wildcards) never reaches a database's query syntax.
#[must_use]
pub fn search_terms(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        if word.chars().count() <= 64 && !all.contains(&word) {
            all.push(word);
        }
    }
    let telling: Vec<String> = all.iter().filter(|word| !STOP_WORDS.contains(&word.as_str())).cloned().collect();
    let mut terms = if telling.is_empty() { all } else { telling };
    terms.truncate(MAX_TERMS);
    terms
}

/// A word without its most common English endings: near enough to what the indexes do to show which words matched.
#[must_use]
pub fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    for (ending, instead) in ENDINGS {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
            && !rest.ends_with('s')
        {
            return trim(format!("{rest}{instead}"));
        }
    }
    trim(word)
}

/// Levels what the endings leave: `cancelled` and `cancels`, `use` and `used`, `query` and `queries`.
fn trim(mut word: String) -> String {
    let mut tail = word.chars().rev();
    let (last, before) = (tail.next(), tail.next());
    if word.chars().count() > 3 {
        match last {
            Some('e') => {
                word.pop();
            }
            Some('y') => {
                word.pop();
                word.push('i');
            }
            Some(c) if last == before && !matches!(c, 's' | 'z') && c.is_alphabetic() => {
                word.pop();
            }
            Some(_) | None => {}
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_is_dropped_and_words_are_kept_once() {
        assert_eq!(search_terms(r#"NEAR("asyncio.gather" OR title:x*) -gather"#), ["near", "asyncio", "gather", "title", "x"]);
        assert_eq!(search_terms("How do I cancel a task?"), ["cancel", "task"]);
        assert_eq!(search_terms("what is it"), ["what", "is", "it"]);
        assert!(search_terms("\"'()*:^-").is_empty());
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [
            ["cancel", "cancelled", "cancelling", "cancels"],
            ["query", "queries", "query", "Query"],
            ["wait", "waited", "waiting", "waits"],
        ] {
            let stems: Vec<_> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|s| s == &stems[0]), "{stems:?}");
        }
        assert_ne!(stem("class"), stem("clan"));
    }
}
