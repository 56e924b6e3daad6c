//! The proof of a right to a project's data.

use std::sync::Arc;

use crate::shared::{BudgetId, Classified, DocumentId, Fault, JobId, ProjectId, ScheduleId, SourceId, UserId};

use super::{Actor, Caller, Credential, Role};

/// A user's place in a project, as storage knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The member.
    pub user: UserId,
    /// The project.
    pub project: ProjectId,
    /// What they may do.
    pub role: Role,
}

/// Proof that somebody may act in one project, and how far. Every port that touches project data takes one.
/// **Invariant:** made only from a membership of the caller, from a key bound to the project, for a claimed job of the project,
/// for a schedule of it whose time came, for a push that proved to know the secret of one of its sources, for a budget of it that
/// reached its limit, or for a document of it that time has passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectScope {
    project: ProjectId,
    role: Role,
    actor: Actor,
    request: Option<Arc<str>>,
}

impl ProjectScope {
    /// The caller's right by membership; `None` when the membership is another user's or the caller's key is bound to another project.
    #[must_use]
    pub fn of_member(caller: &Caller, membership: &Membership) -> Option<Self> {
        let right = match caller.credential {
            Credential::Session(_) | Credential::PersonalKey(_) => Some(membership.role),
            // The key never gives more than its owner still has.
            Credential::ProjectKey { project, role, .. } => (project == membership.project).then_some(role.min(membership.role)),
        };
        let role = right.filter(|_| caller.user == membership.user)?;
        Some(Self { project: membership.project, role, actor: Actor::User(caller.user), request: None })
    }

    /// The right of a job that a worker has claimed: it writes in its own project and in no other.
    #[must_use]
    pub const fn of_job(project: ProjectId, job: JobId) -> Self {
        Self { project, role: Role::Member, actor: Actor::Job(job), request: None }
    }

    /// The right of a schedule whose time has come: it makes jobs in its own project and in no other.
    #[must_use]
    pub const fn of_schedule(project: ProjectId, schedule: ScheduleId) -> Self {
        Self { project, role: Role::Member, actor: Actor::Schedule(schedule), request: None }
    }

    /// The right of a push that proved to know a source's secret: it adds documents to the source's own project and to no other.
    #[must_use]
    pub const fn of_push(project: ProjectId, source: SourceId) -> Self {
        Self { project, role: Role::Member, actor: Actor::Source(source), request: None }
    }

    /// The right of a budget that reached its limit: it says so in its own project and in no other.
    #[must_use]
    pub const fn of_budget(project: ProjectId, budget: BudgetId) -> Self {
        Self { project, role: Role::Viewer, actor: Actor::Budget(budget), request: None }
    }

    /// The right of a document that time has passed over: how far it can be relied on is written in its own project and in no other.
    #[must_use]
    pub const fn of_document(project: ProjectId, document: DocumentId) -> Self {
        Self { project, role: Role::Member, actor: Actor::Document(document), request: None }
    }

    /// The same right, remembering the request that uses it: events and jobs carry its id.
    #[must_use]
    pub fn caused_by(mut self, request: Option<Arc<str>>) -> Self {
        self.request = request;
        self
    }

    /// The id of the request at the root of what is done with this scope.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// The project.
    #[must_use]
    pub const fn project(&self) -> ProjectId {
        self.project
    }

    /// How far the right goes.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The account that acts, when it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self.actor {
            Actor::User(id) => Some(id),
            Actor::Job(_) | Actor::Schedule(_) | Actor::Source(_) | Actor::Budget(_) | Actor::Document(_) => None,
        }
    }

    /// Refuses when the role is too low.
    ///
    /// # Errors
    /// [`AccessError`] with the role that is needed.
    pub fn require(&self, needed: Role) -> Result<(), AccessError> {
        if self.role >= needed { Ok(()) } else { Err(AccessError { needed }) }
    }
}

/// The caller may see the thing, but their role does not allow this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the role `{needed}` in the project")]
pub struct AccessError {
    /// The lowest role that would do.
    pub needed: Role,
}

impl Classified for AccessError {
    fn classify(&self) -> (Fault, &'static str) {
        (Fault::Denied, "role-too-low")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::{ApiKeyId, SessionId};

    fn caller(credential: Credential) -> Caller {
        Caller { user: UserId::new(1), email: "a@b.c".into(), is_admin: true, credential }
    }

    fn membership(user: i64, project: i64, role: Role) -> Membership {
        Membership { user: UserId::new(user), project: ProjectId::new(project), role }
    }

    #[test]
    fn somebody_elses_membership_proves_nothing() {
        let me = caller(Credential::Session(SessionId::new(1)));
        assert_eq!(ProjectScope::of_member(&me, &membership(2, 7, Role::Owner)), None);
    }

    #[test]
    fn a_bound_key_opens_one_project_and_never_exceeds_its_owner() {
        let key = |role| caller(Credential::ProjectKey { key: ApiKeyId::new(1), project: ProjectId::new(7), role });
        assert_eq!(ProjectScope::of_member(&key(Role::Owner), &membership(1, 8, Role::Owner)), None);
        let scope = ProjectScope::of_member(&key(Role::Owner), &membership(1, 7, Role::Viewer)).unwrap();
        assert_eq!(scope.role(), Role::Viewer);
        assert!(scope.require(Role::Member).is_err());
    }
}
