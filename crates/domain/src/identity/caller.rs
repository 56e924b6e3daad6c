//! Who is calling.

use crate::shared::{ApiKeyId, BudgetId, DocumentId, JobId, ProjectId, ScheduleId, SessionId, SourceId, UserId};

use super::Role;

/// What proved the caller's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A login session's access token.
    Session(SessionId),
    /// An API key that acts as its owner in all of the owner's projects.
    PersonalKey(ApiKeyId),
    /// An API key bound to one project, with a role of its own.
    ProjectKey {
        /// The key.
        key: ApiKeyId,
        /// The only project it opens.
        project: ProjectId,
        /// What it may do there.
        role: Role,
    },
}

/// An authenticated account. Only the authentication service makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub user: UserId,
    /// Its e-mail address.
    pub email: String,
    /// Whether it administers the instance. Gives no right to any project's content.
    pub is_admin: bool,
    /// How it proved who it is.
    pub credential: Credential,
}

impl Caller {
    /// Whether it may manage the instance: an administrator who did not come with a key that is bound to one project.
    #[must_use]
    pub const fn manages_instance(&self) -> bool {
        self.is_admin && !self.is_confined()
    }

    /// The key it came with, if it is one.
    #[must_use]
    pub const fn api_key(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::Session(_) => None,
            Credential::PersonalKey(key) | Credential::ProjectKey { key, .. } => Some(key),
        }
    }

    /// Whether it came with a key that is bound to one project: such a key reaches nothing outside of it.
    #[must_use]
    pub const fn is_confined(&self) -> bool {
        matches!(self.credential, Credential::ProjectKey { .. })
    }
}

/// Who is behind a change, for audit entries and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person or their key.
    User(UserId),
    /// A job acting on its own.
    Job(JobId),
    /// A schedule whose time came.
    Schedule(ScheduleId),
    /// A source that something was pushed to.
    Source(SourceId),
    /// A budget that reached its limit.
    Budget(BudgetId),
    /// A document that time has passed over.
    Document(DocumentId),
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Job(id) => write!(f, "job:{id}"),
            Self::Schedule(id) => write!(f, "schedule:{id}"),
            Self::Source(id) => write!(f, "source:{id}"),
            Self::Budget(id) => write!(f, "budget:{id}"),
            Self::Document(id) => write!(f, "document:{id}"),
        }
    }
}
