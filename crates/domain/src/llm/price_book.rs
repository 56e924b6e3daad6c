//! The book of prices: what a model cost, from when on, and who says so.

use super::Price;
use super::provider_input::{alias, model_name, price};
use crate::shared::{Checker, Invalid, Limits, PriceId, ProviderId, Timestamp};

/// The one currency of the ledger.
pub const CURRENCY: &str = "USD";

/// A row of the book. The newest row whose time has come is the price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// Its id.
    pub id: PriceId,
    /// The provider.
    pub provider: ProviderId,
    /// The provider's alias.
    pub alias: String,
    /// The model.
    pub model: String,
    /// The price.
    pub price: Price,
    /// Who says so: `settings`, `environment`, or what was given.
    pub source: String,
    /// From when on.
    pub valid_from: Timestamp,
    /// When it was written down.
    pub created_at: Timestamp,
}

/// A row to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrice {
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: String,
    /// The price.
    pub price: Price,
    /// Who says so.
    pub source: String,
    /// From when on.
    pub valid_from: Timestamp,
    /// When it is written down.
    pub at: Timestamp,
}

/// Fields of a price as a client gave them.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `PriceRow`")]
pub struct PriceInput {
    pub provider: String,
    pub model: String,
    pub input_nano_per_million: Option<i64>,
    pub cached_nano_per_million: Option<i64>,
    pub output_nano_per_million: Option<i64>,
    pub currency: Option<String>,
    pub source: Option<String>,
    pub valid_from: Option<String>,
}

/// A price that a client gave, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenPrice {
    /// The provider's alias.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The price.
    pub price: Price,
    /// Who says so.
    pub source: String,
    /// From when on; at once, if not given.
    pub valid_from: Option<Timestamp>,
}

impl PriceInput {
    /// Checks what was given. What is already billed stays billed: a price cannot begin in the past.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(self, now: Timestamp) -> Result<GivenPrice, Invalid> {
        let mut check = Checker::new();
        let provider = alias(&mut check, "provider", &self.provider);
        let model = model_name(&mut check, "model", &self.model);
        for (field, given) in
            [("input_nano_per_million", self.input_nano_per_million), ("output_nano_per_million", self.output_nano_per_million)]
        {
            if given.is_none() {
                check.note(field, "required", "is required");
            }
        }
        let amounts = (self.input_nano_per_million, self.cached_nano_per_million, self.output_nano_per_million);
        let price = price(&mut check, "", amounts);
        if self.currency.as_deref().is_some_and(|currency| currency != CURRENCY) {
            check.note("currency", "unknown_value", "must be USD: the ledger counts in nano-dollars");
        }
        let source = check.line("source", self.source.as_deref().unwrap_or("settings"), Limits { min: 1, max: 500 });
        let valid_from = check.optional_moment("valid_from", self.valid_from.as_deref());
        if valid_from.is_some_and(|from| from < now) {
            check.note("valid_from", "in_the_past", "must not be in the past: what was billed stays billed");
        }
        check.finish(GivenPrice { provider, model, price, source, valid_from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_names_its_amounts_and_does_not_reach_back() {
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        let input = PriceInput {
            provider: "a".into(),
            model: "m".into(),
            input_nano_per_million: Some(1),
            output_nano_per_million: Some(2),
            ..PriceInput::default()
        };
        assert_eq!(input.clone().parse(now).unwrap().source, "settings");
        let wrong = PriceInput {
            input_nano_per_million: None,
            currency: Some("EUR".into()),
            valid_from: Some("2020-01-01T00:00:00Z".into()),
            ..input
        };
        let Invalid(errors) = wrong.parse(now).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["input_nano_per_million", "currency", "valid_from"]);
    }
}
