//! The words of a prompt, and phrases among them.

/// Words that turn round what follows them.
const NEGATIONS: [&str; 8] = ["not", "no", "never", "avoid", "without", "don't", "nor", "isn't"];
/// How far before a phrase a negation still meets it: `do not be too detailed`.
const REACH: usize = 3;

/// The words of a text in lower case, in order.
pub(super) struct Words(Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let text = text.to_lowercase().replace('’', "'");
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(|word| word.trim_matches('\''));
        Self(words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// The first of these phrases that is there.
    pub(super) fn any(&self, phrases: &[&'static str]) -> Option<&'static str> {
        phrases.iter().copied().find(|phrase| self.places(phrase).next().is_some())
    }

    /// The first of these phrases that is there and is not turned round by what stands before it.
    pub(super) fn meant(&self, phrases: &[&'static str]) -> Option<&'static str> {
        let is_meant = |at: usize| !self.0[at.saturating_sub(REACH)..at].iter().any(|word| NEGATIONS.contains(&word.as_str()));
        phrases.iter().copied().find(|phrase| self.places(phrase).any(is_meant))
    }

    /// Where a phrase begins.
    fn places(&self, phrase: &str) -> impl Iterator<Item = usize> {
        let parts: Vec<String> = phrase.split([' ', '-']).map(str::to_owned).collect();
        let starts = 0..(self.0.len() + 1).saturating_sub(parts.len());
        starts.filter(move |at| self.0[*at..].starts_with(&parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words_in_order() {
        let words = Words::of("Explain step-by-step, but don’t be too detailed; the shorthand is fine.");
        assert_eq!(words.count(), 13);
        assert_eq!(words.any(&["step by step"]), Some("step by step"));
        assert_eq!(words.any(&["short", "by step but"]), Some("by step but"));
        assert_eq!((words.any(&["detailed"]), words.meant(&["detailed"])), (Some("detailed"), None));
        assert_eq!(Words::of("no lies, but be very detailed").meant(&["detailed"]), Some("detailed"));
        assert_eq!(Words::of("").any(&["a"]), None);
    }
}
