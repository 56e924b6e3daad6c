//! Texts that models are instructed with: what their words alone tell, and what a model says of them.

mod check;
mod review;
mod words;

pub use check::{QuickCheck, quick_check};
pub use review::{Issue, IssueKind, PASSABLE, Review, Scores, Severity, UNCLEAR};

use crate::shared::{Checker, Invalid, Limits};

/// A prompt. **Invariant:** 10 to 50,000 characters after trimming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptText(String);

impl PromptText {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] on `prompt` when `text` breaks the invariant.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let text = check.block("prompt", text, Limits { min: 10, max: 50_000 });
        check.finish(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_has_ten_characters_at_least() {
        assert_eq!(PromptText::parse("  Tell me a joke \n").unwrap().as_str(), "Tell me a joke");
        for wrong in ["", "   too few   ", &"x".repeat(50_001)] {
            assert_eq!(PromptText::parse(wrong).unwrap_err().0[0].field, "prompt", "{}", wrong.len());
        }
    }
}
