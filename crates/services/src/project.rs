//! Projects and who belongs to them.

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::NewEvent;
use commandcenter_domain::identity::{AccessError, Caller, Credential, Membership, ProjectScope, Role};
use commandcenter_domain::project::{Member, NewProject, Project, ProjectError, ProjectKey, ProjectPatch, ProjectStats};
use commandcenter_domain::shared::{ProjectId, Sort, Timestamp, UserId};
use commandcenter_domain::{Clock, Page, PageRequest, Store, StoreError, Tx};
use serde_json::{Value, json};

/// How a new member is named.
#[derive(Debug, Clone)]
pub enum Whom {
    /// By account id.
    Id(UserId),
    /// By e-mail address.
    Email(String),
}

/// Makes, shows and changes projects and their members.
pub struct ProjectService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl ProjectService {
    /// The service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Creates a project; the caller becomes its owner.
    ///
    /// # Errors
    /// [`ProjectError::NameTaken`].
    pub async fn create(&self, caller: &Caller, new: NewProject) -> Result<Project, ProjectError> {
        if let Credential::ProjectKey { .. } = caller.credential {
            return Err(AccessError { needed: Role::Owner }.into());
        }
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let id = tx.projects().insert(&new, now).await.map_err(named)?;
        tx.memberships().insert(id, caller.user, Role::Owner, now).await?;
        let membership = Membership { user: caller.user, project: id, role: Role::Owner };
        let scope = ProjectScope::of_member(caller, &membership).ok_or(ProjectError::NotFound)?;
        self.note(tx.as_ref(), &scope, ("project.created", "cc.project.created.v1"), json!({ "name": new.name })).await?;
        tx.commit().await?;
        let NewProject { name, owner, description } = new;
        Ok(Project { id, name, owner, description, role: Role::Owner, created_at: now, updated_at: now })
    }

    /// The projects the caller is a member of; with a bound key, that one.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn list(&self, caller: &Caller, page: PageRequest, sort: Option<Sort<ProjectKey>>) -> Result<Page<Project>, ProjectError> {
        let only = match caller.credential {
            Credential::ProjectKey { project, .. } => Some(project),
            Credential::Session(_) | Credential::PersonalKey(_) => None,
        };
        Ok(self.store.repos().projects().list(caller.user, only, page, sort).await?)
    }

    /// The project of a scope.
    ///
    /// # Errors
    /// [`ProjectError::NotFound`] when it was deleted meanwhile.
    pub async fn get(&self, scope: &ProjectScope) -> Result<Project, ProjectError> {
        self.store.repos().projects().find(scope).await?.ok_or(ProjectError::NotFound)
    }

    /// How much it holds.
    ///
    /// # Errors
    /// [`ProjectError::NotFound`] when it was deleted meanwhile.
    pub async fn stats(&self, scope: &ProjectScope) -> Result<(Project, ProjectStats), ProjectError> {
        let project = self.get(scope).await?;
        Ok((project, self.store.repos().projects().stats(scope).await?))
    }

    /// Changes name, owner's text or description.
    ///
    /// # Errors
    /// [`ProjectError::Access`] below maintainer, [`ProjectError::NameTaken`].
    pub async fn update(&self, scope: &ProjectScope, patch: ProjectPatch) -> Result<Project, ProjectError> {
        scope.require(Role::Maintainer)?;
        let tx = self.store.begin().await?;
        tx.projects().update(scope, &patch, self.clock.now()).await.map_err(named)?;
        self.note(tx.as_ref(), scope, ("project.updated", "cc.project.updated.v1"), json!({})).await?;
        let project = tx.projects().find(scope).await?.ok_or(ProjectError::NotFound)?;
        tx.commit().await?;
        Ok(project)
    }

    /// Deletes the project with everything in it.
    ///
    /// # Errors
    /// [`ProjectError::Access`] below owner.
    pub async fn delete(&self, scope: &ProjectScope) -> Result<(), ProjectError> {
        scope.require(Role::Owner)?;
        let tx = self.store.begin().await?;
        self.note(tx.as_ref(), scope, ("project.deleted", "cc.project.deleted.v1"), json!({})).await?;
        tx.projects().delete(scope).await?;
        Ok(tx.commit().await?)
    }

    /// Who belongs to it.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn members(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Member>, ProjectError> {
        Ok(self.store.repos().memberships().list(scope, page).await?)
    }

    /// Adds a member. A maintainer adds up to maintainer, an owner anybody.
    ///
    /// # Errors
    /// [`ProjectError::UserNotFound`], [`ProjectError::AlreadyMember`], [`ProjectError::Access`].
    pub async fn add_member(&self, scope: &ProjectScope, whom: Whom, role: Role) -> Result<Member, ProjectError> {
        scope.require(Role::Maintainer.max(role))?;
        let tx = self.store.begin().await?;
        let user = match whom {
            Whom::Id(id) => tx.users().find(id).await?,
            Whom::Email(email) => tx.users().find_by_email(&email.trim().to_lowercase()).await?.map(|(user, _)| user),
        };
        let user = user.ok_or(ProjectError::UserNotFound)?;
        match tx.memberships().insert(scope.project(), user.id, role, self.clock.now()).await {
            Err(StoreError::Duplicate(_)) => return Err(ProjectError::AlreadyMember),
            inserted => inserted?,
        }
        let data = json!({ "user_id": user.id, "role": role });
        self.note(tx.as_ref(), scope, ("member.added", "cc.project.member_added.v1"), data).await?;
        let member = tx.memberships().find(scope, user.id).await?.ok_or(ProjectError::MemberNotFound)?;
        tx.commit().await?;
        Ok(member)
    }

    /// Changes a member's role. Only owners touch owners.
    ///
    /// # Errors
    /// [`ProjectError::LastOwner`], [`ProjectError::MemberNotFound`], [`ProjectError::Access`].
    pub async fn set_role(&self, scope: &ProjectScope, user: UserId, role: Role) -> Result<Member, ProjectError> {
        scope.require(Role::Maintainer.max(role))?;
        let tx = self.store.begin().await?;
        let member = self.touchable(tx.as_ref(), scope, user).await?;
        if member.role == Role::Owner && role != Role::Owner && tx.memberships().owners(scope).await? < 2 {
            return Err(ProjectError::LastOwner);
        }
        tx.memberships().set_role(scope, user, role).await?;
        let data = json!({ "user_id": user, "role": role });
        self.note(tx.as_ref(), scope, ("member.changed", "cc.project.member_changed.v1"), data).await?;
        tx.commit().await?;
        Ok(Member { role, ..member })
    }

    /// Removes a member. Everybody may leave by themselves, except the last owner.
    ///
    /// # Errors
    /// [`ProjectError::LastOwner`], [`ProjectError::MemberNotFound`], [`ProjectError::Access`].
    pub async fn remove_member(&self, scope: &ProjectScope, user: UserId) -> Result<(), ProjectError> {
        if scope.user() != Some(user) {
            scope.require(Role::Maintainer)?;
        }
        let tx = self.store.begin().await?;
        let member = self.touchable(tx.as_ref(), scope, user).await?;
        if member.role == Role::Owner && tx.memberships().owners(scope).await? < 2 {
            return Err(ProjectError::LastOwner);
        }
        tx.memberships().delete(scope, user).await?;
        let data = json!({ "user_id": user });
        self.note(tx.as_ref(), scope, ("member.removed", "cc.project.member_removed.v1"), data).await?;
        Ok(tx.commit().await?)
    }

    async fn touchable(&self, tx: &dyn Tx, scope: &ProjectScope, user: UserId) -> Result<Member, ProjectError> {
        let member = tx.memberships().find(scope, user).await?.ok_or(ProjectError::MemberNotFound)?;
        if member.role == Role::Owner {
            scope.require(Role::Owner)?;
        }
        Ok(member)
    }

    async fn note(&self, tx: &dyn Tx, scope: &ProjectScope, names: (&'static str, &'static str), data: Value) -> Result<(), StoreError> {
        let (action, kind) = names;
        let at: Timestamp = self.clock.now();
        let id: ProjectId = scope.project();
        tx.audit().record(scope, NewAudit { action, entity: "project", entity_id: id.get(), detail: data.clone(), at }).await?;
        tx.outbox().publish(scope, NewEvent { kind, data, at }).await
    }
}

fn named(err: StoreError) -> ProjectError {
    match err {
        StoreError::Duplicate(_) => ProjectError::NameTaken,
        other => other.into(),
    }
}
