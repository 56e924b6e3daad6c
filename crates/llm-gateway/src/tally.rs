//! What an attempt has taken so far, by the provider's word where there is one.

use commandcenter_domain::llm::Usage;

use crate::dialect::Reported;
use crate::tokens::Guess;

/// Counts along an attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// The guess for what is asked.
    asked: u64,
    /// What the provider said last.
    pub(crate) reported: Reported,
    /// The guess for what came.
    pub(crate) came: Guess,
    /// Whether the provider has the request in hand, so that it may bill it.
    pub(crate) is_in_hand: bool,
}

impl Tally {
    /// A count that begins with a guess for the request.
    pub(crate) fn new(asked: u64) -> Self {
        Self { asked, ..Self::default() }
    }

    /// What a whole answer took.
    pub(crate) fn whole(&self) -> Usage {
        let came = self.came.tokens();
        // A server that reports nothing where something came has not counted.
        let output = self.reported.output.filter(|output| self.reported.is_final && (*output > 0 || came == 0));
        self.usage(output.unwrap_or(came), output.is_some())
    }

    /// What an attempt took that broke off: at least what came.
    pub(crate) fn partial(&self) -> Usage {
        let came = self.came.tokens();
        let has_figures = self.reported.input.is_some() || self.reported.output.is_some();
        if !self.is_in_hand && !has_figures && came == 0 {
            return Usage::default();
        }
        if self.reported.is_final && self.reported.output.is_some() {
            return self.whole();
        }
        self.usage(self.reported.output.unwrap_or(0).max(came), false)
    }

    fn usage(&self, output_tokens: u64, is_output_told: bool) -> Usage {
        let told = self.reported.input.filter(|input| *input > 0);
        let input_tokens = told.unwrap_or(self.asked);
        let cached_tokens = self.reported.cached.unwrap_or(0).min(input_tokens);
        Usage { input_tokens, cached_tokens, output_tokens, estimated: told.is_none() || !is_output_told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, output: u64, estimated: bool) -> Usage {
        Usage { input_tokens: input, cached_tokens: 0, output_tokens: output, estimated }
    }

    fn figures(input: Option<u64>, output: Option<u64>, is_final: bool) -> Reported {
        Reported { input, cached: None, output, is_final }
    }

    #[test]
    fn a_repeated_word_is_not_added() {
        let mut tally = Tally::new(100);
        for _ in 0..3 {
            tally.reported.replace(figures(Some(9), Some(4), true));
        }
        assert_eq!(tally.whole(), usage(9, 4, false));
    }

    #[test]
    fn what_is_not_told_is_guessed_and_said_to_be() {
        let mut tally = Tally::new(100);
        tally.came.add("twelve chars");
        assert_eq!(tally.whole(), usage(100, 3, true));
        tally.reported.replace(figures(Some(9), Some(1), false));
        assert_eq!(tally.whole(), usage(9, 3, true), "a figure from the middle is not the last");
        tally.reported.replace(figures(None, Some(0), true));
        assert_eq!(tally.whole(), usage(9, 3, true), "nothing is not what came");
        tally.reported.replace(figures(None, Some(5), true));
        assert_eq!(tally.whole(), usage(9, 5, false));
    }

    #[test]
    fn what_broke_off_is_billed_from_when_the_provider_had_it() {
        let mut tally = Tally::new(100);
        assert_eq!(tally.partial(), usage(0, 0, false));
        tally.is_in_hand = true;
        assert_eq!(tally.partial(), usage(100, 0, true));
        tally.came.add("twelve chars");
        assert_eq!(tally.partial(), usage(100, 3, true));
        tally.reported.replace(figures(Some(9), Some(1), false));
        assert_eq!(tally.partial(), usage(9, 3, true));
        tally.reported.replace(figures(None, Some(8), false));
        assert_eq!(tally.partial(), usage(9, 8, true));
    }
}
