//! Whose settings somebody works on, and whether they may.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::{Actor, Caller, IdentityError, ProjectScope, Role};
use commandcenter_domain::llm::{LlmError, Owning};
use commandcenter_domain::{StoreError, Tx};

/// The settings that a caller works on: the instance's, or those of the project that they named.
#[derive(Debug, Clone, Copy)]
pub enum Setting<'a> {
    /// The instance's, for its administrators.
    Instance(&'a Caller),
    /// A project's, for its members to see and its maintainers to change.
    Project(&'a ProjectScope),
}

impl<'a> Setting<'a> {
    /// What the caller named: a project of theirs, or else the instance.
    #[must_use]
    pub fn named(caller: &'a Caller, scope: Option<&'a ProjectScope>) -> Self {
        scope.map_or(Self::Instance(caller), Self::Project)
    }

    /// Whose rows these are.
    #[must_use]
    pub const fn owning(&self) -> Owning<'a> {
        match self {
            Self::Instance(_) => Owning::Instance,
            Self::Project(scope) => Owning::Project(scope),
        }
    }

    /// Refuses whoever may not see them.
    pub(super) fn readable(&self) -> Result<Owning<'a>, LlmError> {
        match self {
            Self::Instance(caller) if !caller.manages_instance() => Err(IdentityError::NotAdmin.into()),
            Self::Instance(_) | Self::Project(_) => Ok(self.owning()),
        }
    }

    /// Refuses whoever may not change them.
    pub(super) fn writable(&self) -> Result<Owning<'a>, LlmError> {
        if let Self::Project(scope) = self {
            scope.require(Role::Maintainer)?;
        }
        self.readable()
    }

    /// The project, where one is needed.
    pub(super) fn project(&self) -> Result<&'a ProjectScope, LlmError> {
        match self {
            Self::Instance(_) => Err(IdentityError::ProjectRequired.into()),
            Self::Project(scope) => Ok(scope),
        }
    }

    /// Writes to the audit log of the one whose settings changed.
    pub(super) async fn record(&self, tx: &dyn Tx, entry: NewAudit) -> Result<(), StoreError> {
        match self {
            Self::Instance(caller) => tx.audit().record_instance(Actor::User(caller.user), entry).await,
            Self::Project(scope) => tx.audit().record(scope, entry).await,
        }
    }
}
