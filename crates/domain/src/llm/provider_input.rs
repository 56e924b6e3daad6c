//! What clients say of providers and their models, checked.

use std::collections::BTreeSet;

use url::Url;

use super::{Capability, Dialect, Price, PricedModel, Provider, ProviderKey, ProviderModel};
use crate::shared::{Checker, Invalid, Limits, Patch};

/// Most models of one provider.
const MOST_MODELS: usize = 500;
/// The largest window and the longest answer that are believed.
const MOST_TOKENS: i64 = 100_000_000;
/// The highest price that is believed: a million dollars for a million tokens.
const HIGHEST: i64 = 1_000_000_000_000_000;
/// The window of a model for which none is given.
const USUAL_WINDOW: i64 = 128_000;
/// The longest answer of a model for which none is given.
const USUAL_OUTPUT: i64 = 4096;

/// A model as a client gave it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `ProviderModel` and `Price`")]
pub struct ModelInput {
    pub name: String,
    pub input_nano_per_million: Option<i64>,
    pub cached_nano_per_million: Option<i64>,
    pub output_nano_per_million: Option<i64>,
    pub context_window: Option<i64>,
    pub max_output_tokens: Option<i64>,
    pub capabilities: Vec<String>,
}

/// Fields of a provider as a client gave them. The same type serves creation (over nothing) and change (over the stored one).
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Provider`")]
pub struct ProviderInput {
    pub alias: Patch<String>,
    pub dialect: Patch<String>,
    pub base_url: Patch<String>,
    pub api_key: Patch<String>,
    pub models: Patch<Vec<ModelInput>>,
    pub enabled: Patch<bool>,
}

impl std::fmt::Debug for ProviderInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderInput").field("alias", &self.alias).finish_non_exhaustive()
    }
}

/// A provider to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProvider {
    /// What it is called.
    pub alias: String,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its address.
    pub base_url: Url,
    /// Its key: kept, removed or set.
    pub key: Patch<ProviderKey>,
    /// Its models.
    pub models: Vec<PricedModel>,
    /// Whether it is called.
    pub is_enabled: bool,
}

impl ProviderInput {
    /// Whether it says who or where the provider is, and not only which models it has and whether it is called.
    #[must_use]
    pub fn moves(&self) -> bool {
        let kept = [&self.alias, &self.dialect, &self.base_url, &self.api_key];
        kept.iter().any(|patch| **patch != Patch::Keep)
    }

    /// The provider that comes of laying this input over a stored one, or over nothing.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn over(self, base: Option<&Provider>) -> Result<NewProvider, Invalid> {
        let mut check = Checker::new();
        let alias = match (self.alias, base) {
            (Patch::Keep, Some(base)) => base.alias.clone(),
            (Patch::Set(text), _) => alias(&mut check, "alias", &text),
            (Patch::Keep | Patch::Clear, _) => required(&mut check, "alias"),
        };
        let dialect = match (self.dialect, base) {
            (Patch::Keep, Some(base)) => Some(base.dialect),
            (Patch::Set(text), _) => check.choice("dialect", &text, Dialect::parse),
            (Patch::Keep | Patch::Clear, _) => {
                check.note("dialect", "required", "is required: `openai`, `anthropic` or `gemini`");
                None
            }
        };
        let usual = || dialect.and_then(|dialect| Url::parse(dialect.usual_url()).ok());
        let base_url = match (self.base_url, base) {
            (Patch::Keep, Some(base)) => Some(base.base_url.clone()),
            (Patch::Set(text), _) => base_url(&mut check, &text),
            (Patch::Keep | Patch::Clear, _) => usual(),
        };
        let key = self.api_key.try_map(|text| key(&text));
        let key = key.unwrap_or_else(|Invalid(errors)| {
            for error in errors {
                check.note(&error.field, error.code, error.message);
            }
            Patch::Keep
        });
        let models = match (self.models, base) {
            (Patch::Keep, Some(base)) => base.models.clone(),
            (Patch::Set(given), _) => models(&mut check, given),
            (Patch::Keep | Patch::Clear, _) => Vec::new(),
        };
        let is_enabled = match self.enabled {
            Patch::Set(enabled) => enabled,
            Patch::Keep | Patch::Clear => base.is_none_or(|base| base.is_enabled),
        };
        let (dialect, base_url) =
            check.finish(dialect.zip(base_url))?.ok_or_else(|| Invalid::one("base_url", "not_a_url", "must be an address"))?;
        Ok(NewProvider { alias, dialect, base_url, key, models, is_enabled })
    }
}

/// A provider's name: it stands before the slash of `alias/model`.
pub(super) fn alias(check: &mut Checker, field: &str, text: &str) -> String {
    let alias = check.line(field, text, Limits { min: 1, max: 64 });
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !alias.is_empty() && !alias.chars().all(fits) {
        check.note(field, "not_a_name", "must be made of letters, digits, `.`, `_` and `-`");
    }
    alias
}

/// A model's name at its provider.
pub(super) fn model_name(check: &mut Checker, field: &str, text: &str) -> String {
    let name = check.line(field, text, Limits { min: 1, max: 200 });
    if name.contains(char::is_whitespace) {
        check.note(field, "blank", "must not contain blanks");
    }
    name
}

/// A price, in nano-dollars per million tokens; what is not given costs nothing.
pub(super) fn price(check: &mut Checker, place: &str, (input, cached, output): (Option<i64>, Option<i64>, Option<i64>)) -> Price {
    let mut amount = |name: &str, value: i64| check.number(&format!("{place}{name}"), value, (0, HIGHEST));
    Price {
        input_nano_per_million: amount("input_nano_per_million", input.unwrap_or(0)),
        cached_nano_per_million: cached.map(|value| amount("cached_nano_per_million", value)),
        output_nano_per_million: amount("output_nano_per_million", output.unwrap_or(0)),
    }
}

fn required(check: &mut Checker, field: &str) -> String {
    check.note(field, "required", "is required");
    String::new()
}

fn key(text: &str) -> Result<ProviderKey, Invalid> {
    let mut check = Checker::new();
    let text = check.line("api_key", text, Limits { min: 1, max: 4096 });
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        check.note("api_key", "not_a_key", "must be made of visible ASCII characters: it travels in a header");
    }
    check.finish(ProviderKey::trusted(text))
}

/// An address without credentials, query and fragment, and without a slash at its end.
fn base_url(check: &mut Checker, text: &str) -> Option<Url> {
    let text = check.url("base_url", Some(text))?;
    let url = Url::parse(text.trim_end_matches('/')).ok().filter(|url| url.host_str().is_some());
    let is_plain = |url: &Url| url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    match url {
        Some(url) if is_plain(&url) => Some(url),
        Some(_) => {
            check.note("base_url", "not_plain", "must not hold credentials, a query or a fragment");
            None
        }
        None => {
            check.note("base_url", "not_a_url", "must be an absolute http or https URL");
            None
        }
    }
}

fn models(check: &mut Checker, given: Vec<ModelInput>) -> Vec<PricedModel> {
    if given.len() > MOST_MODELS {
        check.note("models", "too_many", format!("must be at most {MOST_MODELS}"));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let each = given.into_iter().enumerate().map(|(at, input)| {
        let model = model(check, &format!("models.{at}."), input);
        if !seen.insert(model.model.name.clone()) {
            check.note(&format!("models.{at}.name"), "repeated", "is given twice");
        }
        model
    });
    each.collect()
}

fn model(check: &mut Checker, place: &str, input: ModelInput) -> PricedModel {
    let name = model_name(check, &format!("{place}name"), &input.name);
    let window = check.number(&format!("{place}context_window"), input.context_window.unwrap_or(USUAL_WINDOW), (1, MOST_TOKENS));
    let output = input.max_output_tokens.unwrap_or_else(|| USUAL_OUTPUT.min(window));
    let output = check.number(&format!("{place}max_output_tokens"), output, (1, window.max(1)));
    let prices = (input.input_nano_per_million, input.cached_nano_per_million, input.output_nano_per_million);
    let price = price(check, place, prices);
    let read = |text: &String| check.choice(&format!("{place}capabilities"), text, Capability::parse);
    let mut capabilities: Vec<_> = input.capabilities.iter().filter_map(read).collect();
    capabilities.dedup();
    let tokens = |value: i64| u64::try_from(value).unwrap_or(1);
    let model = ProviderModel { name, context_window: tokens(window), max_output_tokens: tokens(output), capabilities };
    PricedModel { model, price }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Patch<String> {
        Patch::Set(text.to_owned())
    }

    fn input() -> ProviderInput {
        let model = ModelInput { name: "small".into(), input_nano_per_million: Some(150_000_000), ..ModelInput::default() };
        ProviderInput { alias: set("local"), dialect: set("openai"), models: Patch::Set(vec![model]), ..ProviderInput::default() }
    }

    fn fields(input: ProviderInput) -> Vec<(String, &'static str)> {
        input.over(None).unwrap_err().0.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let new = input().over(None).unwrap();
        assert_eq!((new.base_url.as_str(), new.is_enabled), ("https://api.openai.com/v1", true));
        let model = &new.models[0];
        assert_eq!((model.model.context_window, model.model.max_output_tokens), (128_000, 4096));
        assert_eq!((model.price.input_nano_per_million, model.price.output_nano_per_million), (150_000_000, 0));
        let narrow = ModelInput { name: "s".into(), context_window: Some(1000), ..ModelInput::default() };
        let new = ProviderInput { models: Patch::Set(vec![narrow]), ..input() }.over(None).unwrap();
        assert_eq!(new.models[0].model.max_output_tokens, 1000, "an answer fits its window");
    }

    #[test]
    fn what_is_wrong_is_named_by_field() {
        let given: Vec<_> = fields(ProviderInput::default());
        assert_eq!(given, [("alias".to_owned(), "required"), ("dialect".to_owned(), "required")]);
        for (url, code) in [("ftp://x/", "not_a_url"), ("http://u:p@x/", "not_plain"), ("http://x/?key=1", "not_plain")] {
            let wrong = fields(ProviderInput { base_url: set(url), ..input() });
            assert_eq!(wrong, [("base_url".to_owned(), code)], "{url}");
        }
        assert_eq!(fields(ProviderInput { alias: set("a/b"), ..input() }), [("alias".to_owned(), "not_a_name")]);
        assert_eq!(fields(ProviderInput { api_key: set("a\nb"), ..input() })[0].0, "api_key");
        let twice = vec![ModelInput { name: "m".into(), ..Default::default() }, ModelInput { name: "m".into(), ..Default::default() }];
        assert_eq!(fields(ProviderInput { models: Patch::Set(twice), ..input() }), [("models.1.name".to_owned(), "repeated")]);
        let dear = ModelInput { name: "m".into(), output_nano_per_million: Some(-1), ..ModelInput::default() };
        assert_eq!(fields(ProviderInput { models: Patch::Set(vec![dear]), ..input() })[0].0, "models.0.output_nano_per_million");
    }

    #[test]
    fn a_slash_at_the_end_means_nothing() {
        let new = ProviderInput { base_url: set("http://127.0.0.1:9/v1/"), ..input() }.over(None).unwrap();
        assert_eq!(new.base_url.as_str(), "http://127.0.0.1:9/v1");
    }
}
