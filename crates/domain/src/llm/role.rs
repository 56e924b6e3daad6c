//! Roles: which model speaks as the critic, which answers questions, and which steps in for it.

use serde::{Deserialize, Serialize};

use super::Owner;
use super::provider_input::{alias, model_name};
use crate::shared::{Checker, Invalid, Limits, Timestamp};

/// Most models that step in for another.
const MOST_FALLBACKS: usize = 10;

/// A role's name. **Invariant:** 1 to 50 lower-case letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleName(String);

impl RoleName {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] on `role` when `text` breaks the invariant.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let name = check.line("role", text, Limits { min: 1, max: 50 });
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if !name.is_empty() && !name.chars().all(fits) {
            check.note("role", "not_a_name", "must be made of lower-case letters, digits, `_` and `-`");
        }
        check.finish(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A model by the name of its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    /// The provider's alias.
    pub provider: String,
    /// The model's name there.
    pub model: String,
}

impl std::fmt::Display for ModelRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// Which models fill a role. **Invariant:** at least one, no model twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleModels(Vec<ModelRef>);

impl RoleModels {
    /// Checks what a client gave: the model and those that step in for it, in order.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(first: (&str, &str), fallbacks: &[(String, String)]) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let mut read = |place: &str, (provider, model): (&str, &str)| ModelRef {
            provider: alias(&mut check, &format!("{place}provider"), provider),
            model: model_name(&mut check, &format!("{place}model_id"), model),
        };
        let mut models = vec![read("", first)];
        for (at, (provider, model)) in fallbacks.iter().take(MOST_FALLBACKS).enumerate() {
            models.push(read(&format!("fallbacks.{at}."), (provider, model)));
        }
        if fallbacks.len() > MOST_FALLBACKS {
            check.note("fallbacks", "too_many", format!("must be at most {MOST_FALLBACKS}"));
        }
        let repeated = models.iter().enumerate().any(|(at, model)| models[..at].contains(model));
        if repeated {
            check.note("fallbacks", "repeated", "names a model twice");
        }
        check.finish(Self(models))
    }

    /// From storage; `None` for an empty list.
    #[must_use]
    pub fn stored(models: Vec<ModelRef>) -> Option<Self> {
        (!models.is_empty()).then_some(Self(models))
    }

    /// In the order in which they are tried.
    #[must_use]
    pub fn as_slice(&self) -> &[ModelRef] {
        &self.0
    }
}

/// A role with the models that fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBinding {
    /// The role.
    pub role: RoleName,
    /// Whose setting it is. A project's own stands before the instance's.
    pub owner: Owner,
    /// The models.
    pub models: RoleModels,
    /// When it last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_plain_words() {
        assert_eq!(RoleName::parse(" critic ").unwrap().as_str(), "critic");
        for wrong in ["", "Critic", "a b", "role:critic", "a/b", &"x".repeat(51)] {
            assert!(RoleName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_model_does_not_step_in_for_itself() {
        let fallback = |model: &str| ("a".to_owned(), model.to_owned());
        let models = RoleModels::parse(("a", "m"), &[fallback("n")]).unwrap();
        assert_eq!(models.as_slice()[1].to_string(), "a/n");
        let Invalid(errors) = RoleModels::parse(("a", "m"), &[fallback("m")]).unwrap_err();
        assert_eq!((errors[0].field.as_str(), errors[0].code), ("fallbacks", "repeated"));
        let Invalid(errors) = RoleModels::parse(("a", ""), &[fallback("m m")]).unwrap_err();
        assert_eq!(errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["model_id", "fallbacks.0.model_id"]);
    }
}
