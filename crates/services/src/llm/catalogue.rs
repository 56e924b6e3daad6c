//! The models that can be called from a project, and what a name means among them.

use std::sync::Arc;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::SecretCipher;
use commandcenter_domain::llm::{CallError, CallableProvider, ModelRef, Owner, PricedModel, RoleName, Target};
use commandcenter_domain::shared::Timestamp;

use super::shelf::Seen;

/// What stands before a role's name where a model's is asked for.
const ROLE: &str = "role:";
/// Most models that a refusal lists.
const MOST_LISTED: usize = 50;

/// A model that can be called from a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownModel {
    /// Its provider's name.
    pub provider: String,
    /// Whose the provider is.
    pub owner: Owner,
    /// The model.
    pub model: PricedModel,
    /// Since when it is known.
    pub since: Timestamp,
}

/// Where a name leads.
#[derive(Debug)]
pub(super) struct Resolved {
    /// The targets in the order in which they are tried.
    pub(super) targets: Vec<Target>,
    /// The role, if the name was one's.
    pub(super) role: Option<String>,
}

/// Providers as a project sees them: its own hide the instance's of the same name.
pub(super) struct Catalogue<'a> {
    seen: Arc<Seen>,
    cipher: &'a dyn SecretCipher,
}

impl<'a> Catalogue<'a> {
    pub(super) const fn new(seen: Arc<Seen>, cipher: &'a dyn SecretCipher) -> Self {
        Self { seen, cipher }
    }

    /// What a name means: `role:<name>`, `alias/model`, or a model's bare name, for which every provider that has it stands in.
    pub(super) fn resolve(&self, asked: &str) -> Result<Resolved, CallError> {
        if self.seen.providers.is_empty() {
            return Err(CallError::NotConfigured(String::new()));
        }
        if let Some(role) = asked.strip_prefix(ROLE) {
            return self.of_role(role);
        }
        let targets = self.named(asked)?;
        if targets.is_empty() {
            return Err(self.unknown(asked));
        }
        Ok(Resolved { targets, role: None })
    }

    fn of_role(&self, role: &str) -> Result<Resolved, CallError> {
        let role = RoleName::parse(role)?;
        let Some(binding) = self.seen.role(&role) else {
            let name = role.as_str();
            return Err(CallError::NotConfigured(format!(" for the role `{name}` at /api/v1/settings/agents/{name}")));
        };
        let mut targets = Vec::new();
        for model in binding.models.as_slice() {
            // A provider or model that is gone is passed over: that is what the others are for.
            targets.extend(self.target(model).transpose()?);
        }
        match (targets.is_empty(), binding.models.as_slice().first()) {
            (true, Some(first)) => Err(self.unknown(&first.to_string())),
            _ => Ok(Resolved { targets, role: Some(role.as_str().to_owned()) }),
        }
    }

    fn named(&self, asked: &str) -> Result<Vec<Target>, CallError> {
        if let Some((provider, model)) = asked.split_once('/') {
            let one = self.target(&ModelRef { provider: provider.to_owned(), model: model.to_owned() });
            if let Some(target) = one {
                return Ok(vec![target?]);
            }
        }
        // Names of models may hold slashes themselves.
        let everywhere = self.seen.providers.iter().filter_map(|found| self.of(found, asked));
        everywhere.collect()
    }

    /// Whether a model is known here.
    pub(super) fn has(&self, model: &ModelRef) -> bool {
        let of_provider = self.seen.providers.iter().filter(|found| found.provider.alias == model.provider);
        of_provider.flat_map(|found| &found.provider.models).any(|known| known.model.name == model.model)
    }

    /// One model of one provider, ready to be called; `None` when it is not known.
    pub(super) fn target(&self, model: &ModelRef) -> Option<Result<Target, CallError>> {
        let found = self.seen.providers.iter().find(|found| found.provider.alias == model.provider)?;
        self.of(found, &model.model)
    }

    fn of(&self, found: &CallableProvider, name: &str) -> Option<Result<Target, CallError>> {
        let model = found.provider.models.iter().find(|known| known.model.name == name)?;
        Some(target(found, model, self.cipher))
    }

    /// The models, for a list.
    pub(super) fn models(&self) -> Vec<KnownModel> {
        let of = |found: &CallableProvider| {
            let (provider, owner, since) = (found.provider.alias.clone(), found.provider.owner, found.provider.created_at);
            let known = move |model: &PricedModel| KnownModel { provider: provider.clone(), owner, model: model.clone(), since };
            found.provider.models.iter().map(known).collect::<Vec<_>>()
        };
        self.seen.providers.iter().flat_map(of).collect()
    }

    /// A refusal that says what there is.
    pub(super) fn unknown(&self, asked: &str) -> CallError {
        let known = self.models().into_iter().map(|model| format!("{}/{}", model.provider, model.model.model.name));
        CallError::UnknownModel { asked: asked.to_owned(), known: known.take(MOST_LISTED).collect() }
    }
}

/// A model with all that a call to it needs.
pub(super) fn target(found: &CallableProvider, model: &PricedModel, cipher: &dyn SecretCipher) -> Result<Target, CallError> {
    let provider = &found.provider;
    let open = |sealed: &Vec<u8>| cipher.open(sealed, &provider.owner.cipher_context());
    let key = found.sealed_key.as_ref().map(open).transpose().map_err(|err| StoreError::Broken(err.into()))?;
    Ok(Target {
        provider: provider.id,
        alias: provider.alias.clone(),
        dialect: provider.dialect,
        base_url: provider.base_url.clone(),
        key,
        model: model.model.name.clone(),
        price: model.price,
        context_window: model.model.context_window,
        max_output_tokens: model.model.max_output_tokens,
    })
}
