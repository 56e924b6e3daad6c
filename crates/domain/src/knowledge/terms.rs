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
    let telling: Vec<String> = all.iter().filter(|word| !is_stop_word(word)).cloned().collect();
    let mut terms = if telling.is_empty() { all } else { telling };
    terms.truncate(MAX_TERMS);
    terms
}

/// Whether a word in lower case tells passages apart in no English text.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
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
}
