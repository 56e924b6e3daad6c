//! Where a call goes.

use std::time::Duration;

use url::Url;

use super::Price;
use crate::text_enum;

text_enum! {
    /// The dialect that a provider speaks.
    Dialect {
        /// Chat Completions of `OpenAI`, and of the many that speak like it.
        OpenAi = "openai",
        /// Messages of Anthropic.
        Anthropic = "anthropic",
        /// `generateContent` of Google's Gemini.
        Gemini = "gemini",
    }
}

/// One model of one provider, with all that a call to it needs.
#[derive(Clone)]
pub struct Target {
    /// The provider's row.
    pub provider: crate::shared::ProviderId,
    /// Its name in this installation.
    pub alias: String,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its address up to and without the dialect's own path, such as `https://host/v1`.
    pub base_url: Url,
    /// Its key, if it wants one. Never shown, logged or echoed.
    pub key: Option<String>,
    /// The model's name at the provider.
    pub model: String,
    /// What it costs.
    pub price: Price,
    /// Tokens that it can hold, question and answer together.
    pub context_window: u64,
    /// The most tokens that one answer may have; also the upper bound of a call that asks for no bound.
    pub max_output_tokens: u64,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("alias", &self.alias)
            .field("dialect", &self.dialect)
            .field("base_url", &self.base_url.as_str())
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "set"))
            .finish_non_exhaustive()
    }
}

/// How long a call waits, and how often it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the first token, or the whole answer when it is not streamed.
    pub first_token: Duration,
    /// Between two pieces of a stream.
    pub between_tokens: Duration,
    /// For everything, retries and fallbacks included.
    pub total: Duration,
    /// The most attempts at one target.
    pub attempts: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_secs(120),
            between_tokens: Duration::from_secs(30),
            total: Duration::from_secs(600),
            attempts: 3,
        }
    }
}
