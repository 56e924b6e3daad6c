//! `llm`: language models that the configuration sets up.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::read::{FromText, list, maybe, one};
use crate::secret::Secret;

/// `llm`: language models.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Llm {
    /// Providers by name.
    pub providers: BTreeMap<String, LlmProvider>,
}

/// `llm.providers.<name>`: one service that runs language models.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmProvider {
    /// How it is spoken to; by its name, if not given.
    #[serde(default, deserialize_with = "maybe")]
    pub dialect: Option<LlmDialect>,
    /// Where it is, when not at its usual address.
    #[serde(default, deserialize_with = "maybe")]
    pub base_url: Option<String>,
    /// The key of the account. Also `ANTHROPIC_API_KEY`, `OPENAI_API_KEY`, `GOOGLE_API_KEY`.
    #[serde(default, deserialize_with = "maybe")]
    pub api_key: Option<Secret>,
    /// Its models; without any, those that were set through the API stay.
    #[serde(default, deserialize_with = "list")]
    pub models: Vec<LlmModel>,
}

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LlmDialect {
    /// Chat Completions.
    OpenAi,
    /// Messages.
    Anthropic,
    /// `generateContent`.
    Gemini,
}

impl LlmDialect {
    /// The text used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    /// What a provider of this name speaks, if nothing else is said: its vendor's dialect, else what most speak.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        match name {
            "anthropic" => Self::Anthropic,
            "google" | "gemini" => Self::Gemini,
            _ => Self::OpenAi,
        }
    }
}

impl FromText for LlmDialect {
    const ALLOWED: &'static str = "`openai`, `anthropic` or `gemini`";
    fn from_text(text: &str) -> Option<Self> {
        [Self::OpenAi, Self::Anthropic, Self::Gemini].into_iter().find(|dialect| dialect.as_str() == text)
    }
}

/// A model with its price, as `name` or `name=input/output` or `name=input/output/window`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmModel {
    /// Its name at the provider.
    pub name: String,
    /// Nano-dollars for a million tokens sent and for a million tokens answered.
    pub price: Option<(i64, i64)>,
    /// Tokens that it can hold.
    pub context_window: Option<i64>,
}

impl FromText for LlmModel {
    const ALLOWED: &'static str = "models such as `gpt-4o-mini=150000000/600000000/128000`: \
        a name, nano-dollars per million tokens sent and answered, and the context window";
    fn from_text(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('=').map_or((text, None), |(name, rest)| (name, Some(rest)));
        if name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        let numbers = rest.map(|rest| rest.split('/').map(|part| part.trim().parse().ok()).collect::<Option<Vec<i64>>>());
        let (price, context_window) = match numbers {
            None => (None, None),
            Some(numbers) => match *numbers?.as_slice() {
                [input, output] => (Some((input, output)), None),
                [input, output, window] => (Some((input, output)), Some(window)),
                _ => return None,
            },
        };
        Some(Self { name: name.to_owned(), price, context_window })
    }
}

impl<'de> Deserialize<'de> for LlmModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one(deserializer)
    }
}

impl Serialize for LlmModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let price = self.price.map_or_else(String::new, |(input, output)| format!("={input}/{output}"));
        let window = self.context_window.map_or_else(String::new, |window| format!("/{window}"));
        serializer.serialize_str(&format!("{}{price}{window}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_a_name_and_what_it_costs() {
        let read = |text: &str| LlmModel::from_text(text).map(|model| (model.name, model.price, model.context_window));
        assert_eq!(read("llama3.2:1b"), Some(("llama3.2:1b".into(), None, None)));
        assert_eq!(read("a/b=1/2"), Some(("a/b".into(), Some((1, 2)), None)));
        assert_eq!(read("m=1/2/3"), Some(("m".into(), Some((1, 2)), Some(3))));
        for wrong in ["", "=1/2", "m=1", "m=a/b", "m=1/2/3/4", "a b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let model = LlmModel::from_text("m=1/2/3").unwrap();
        assert_eq!(serde_json::to_string(&model).unwrap(), "\"m=1/2/3\"");
    }
}
