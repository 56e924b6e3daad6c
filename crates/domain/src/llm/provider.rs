//! Providers of models: who runs them, where, with which key, and what each model can do and costs.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Dialect, Price};
use crate::identity::ProjectScope;
use crate::shared::{ProjectId, ProviderId, Timestamp};
use crate::text_enum;

/// Whose settings are meant: those of the instance, or those of a project that somebody has a right to.
#[derive(Debug, Clone, Copy)]
pub enum Owning<'a> {
    /// The instance's own, which every project sees.
    Instance,
    /// A project's.
    Project(&'a ProjectScope),
}

impl Owning<'_> {
    /// The project, if it is one's.
    #[must_use]
    pub fn project(&self) -> Option<ProjectId> {
        match self {
            Self::Instance => None,
            Self::Project(scope) => Some(scope.project()),
        }
    }

    /// Whose a new row is.
    #[must_use]
    pub fn owner(&self) -> Owner {
        self.project().map_or(Owner::Instance, Owner::Project)
    }
}

/// Whose a stored row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The instance's: every project sees it, administrators change it.
    Instance,
    /// A project's: nobody else sees it.
    Project(ProjectId),
}

impl Owner {
    /// From the column.
    #[must_use]
    pub fn of(project: Option<ProjectId>) -> Self {
        project.map_or(Self::Instance, Self::Project)
    }

    /// The text used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Project(_) => "project",
        }
    }

    /// What the keys of this owner's providers are sealed for: a row copied elsewhere does not open.
    #[must_use]
    pub fn cipher_context(self) -> String {
        match self {
            Self::Instance => "llm-provider:instance".to_owned(),
            Self::Project(project) => format!("llm-provider:{project}"),
        }
    }
}

text_enum! {
    /// Where a provider was set up.
    Origin {
        /// Through the API.
        Settings = "settings",
        /// In the configuration of the process; read-only through the API.
        Environment = "environment",
    }
}

text_enum! {
    /// What a model can do besides answering with text.
    Capability {
        /// Calls tools.
        Tools = "tools",
        /// Answers by a JSON schema.
        JsonSchema = "json_schema",
        /// Sees pictures.
        Vision = "vision",
        /// Turns texts into vectors, instead of answering.
        Embeddings = "embeddings",
    }
}

/// A model of a provider. **Invariant:** its name has 1 to 200 characters and no blanks, its window holds its longest answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderModel {
    /// Its name at the provider.
    pub name: String,
    /// Tokens that it can hold, question and answer together.
    pub context_window: u64,
    /// The most tokens of one answer.
    pub max_output_tokens: u64,
    /// What it can do.
    pub capabilities: Vec<Capability>,
}

/// A model with what it costs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedModel {
    /// The model.
    pub model: ProviderModel,
    /// Its price.
    pub price: Price,
}

/// A provider of models. Its key is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Whose it is.
    pub owner: Owner,
    /// What it is called, once for an owner. A project's own hides the instance's of the same name.
    pub alias: String,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its address, up to and without the dialect's own path.
    pub base_url: Url,
    /// Whether a key is stored.
    pub has_key: bool,
    /// The end of the key, to recognise it by; none for a short key.
    pub key_hint: Option<String>,
    /// Where it was set up.
    pub origin: Origin,
    /// Whether it is called.
    pub is_enabled: bool,
    /// Its models, in the order they were given.
    pub models: Vec<PricedModel>,
    /// Goes up with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A provider with its sealed key, for a call.
#[derive(Clone)]
pub struct CallableProvider {
    /// The provider.
    pub provider: Provider,
    /// Its key as it is stored.
    pub sealed_key: Option<Vec<u8>>,
}

impl std::fmt::Debug for CallableProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallableProvider").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// A key in clear. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderKey(String);

impl ProviderKey {
    /// A key that was checked, or that the operator configured.
    #[must_use]
    pub fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The key in clear, for sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its last four characters, of a key that is long enough for that to tell little.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let length = self.0.chars().count();
        (length >= 20).then(|| format!("…{}", self.0.chars().skip(length - 4).collect::<String>()))
    }
}

impl std::fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderKey([redacted])")
    }
}

impl Dialect {
    /// Where the vendor of this dialect serves it.
    #[must_use]
    pub const fn usual_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
            Self::Gemini => "https://generativelanguage.googleapis.com/v1beta",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_its_end_only_when_that_tells_little() {
        let key = ProviderKey::trusted("sk-0123456789abcdefWXYZ".into());
        assert_eq!(key.hint().as_deref(), Some("…WXYZ"));
        assert_eq!(ProviderKey::trusted("short".into()).hint(), None);
        assert!(!format!("{key:?}").contains("0123"));
    }
}
