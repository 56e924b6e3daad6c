//! Money: whole nano-dollars, never a float.

use serde::{Deserialize, Serialize};

use super::Usage;

/// An amount in nano-dollars (10⁻⁹ US dollars). Sums saturate: a bill never wraps around to a small one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoDollars(i64);

impl NanoDollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Wraps an amount.
    #[must_use]
    pub const fn new(nano: i64) -> Self {
        Self(nano)
    }

    /// The amount in nano-dollars.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// What a model costs, in nano-dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Price {
    /// Tokens sent.
    pub input_nano_per_million: i64,
    /// Tokens sent that the provider had in its cache; those cost the full price where it names none.
    pub cached_nano_per_million: Option<i64>,
    /// Tokens answered.
    pub output_nano_per_million: i64,
}

impl Price {
    /// What this use costs, rounded up to the next nano-dollar, once over the whole sum.
    #[must_use]
    pub fn of(&self, usage: &Usage) -> NanoDollars {
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let fresh = usage.input_tokens - cached;
        let cached_price = self.cached_nano_per_million.unwrap_or(self.input_nano_per_million);
        let total = i128::from(fresh) * i128::from(self.input_nano_per_million)
            + i128::from(cached) * i128::from(cached_price)
            + i128::from(usage.output_tokens) * i128::from(self.output_nano_per_million);
        let nano = total.div_euclid(1_000_000) + i128::from(total.rem_euclid(1_000_000) != 0);
        NanoDollars(i64::try_from(nano).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, cached: u64, output: u64) -> Usage {
        Usage { input_tokens: input, cached_tokens: cached, output_tokens: output, estimated: false }
    }

    #[test]
    fn cached_tokens_have_their_own_price_and_are_part_of_the_input() {
        let price = Price {
            input_nano_per_million: 3_000_000_000,
            cached_nano_per_million: Some(300_000_000),
            output_nano_per_million: 15_000_000_000,
        };
        assert_eq!(price.of(&usage(1_000, 400, 100)).get(), 600 * 3_000 + 400 * 300 + 100 * 15_000);
        let without = Price { cached_nano_per_million: None, ..price };
        assert_eq!(without.of(&usage(1_000, 400, 100)).get(), 1_000 * 3_000 + 100 * 15_000);
    }

    #[test]
    fn a_part_of_a_nano_dollar_is_a_whole_one() {
        let price = Price { input_nano_per_million: 1, cached_nano_per_million: None, output_nano_per_million: 0 };
        assert_eq!(price.of(&usage(1, 0, 0)).get(), 1);
        assert_eq!(price.of(&usage(0, 0, 0)).get(), 0);
        assert_eq!(price.of(&usage(2_000_000, 0, 0)).get(), 2);
    }

    #[test]
    fn an_absurd_bill_saturates() {
        let price = Price { input_nano_per_million: i64::MAX, cached_nano_per_million: None, output_nano_per_million: 0 };
        assert_eq!(price.of(&usage(u64::MAX, 0, 0)).get(), i64::MAX);
        assert_eq!(NanoDollars::new(i64::MAX).plus(NanoDollars::new(1)).get(), i64::MAX);
    }
}
