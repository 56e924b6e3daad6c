//! Authentication and authorisation, in one statement of the database.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::identity::{AccessRow, Caller, Credential, IdentityError, Membership, ProjectScope, TokenIssuer};
use commandcenter_domain::shared::{ApiKeyId, ProjectId, Timestamp};
use commandcenter_domain::{Clock, Store};

/// How every API key begins.
pub(super) const KEY_MARK: &str = "cck_";

/// Turns credentials into a [`Caller`], and a caller with a project into a [`ProjectScope`].
pub struct Access {
    store: Arc<dyn Store>,
    tokens: Arc<dyn TokenIssuer>,
    clock: Arc<dyn Clock>,
}

/// Who calls, and their right to the project they named.
#[derive(Debug, Clone)]
pub struct Authorised {
    /// Who.
    pub caller: Caller,
    /// The right; `None` when no project was named or they have none to it.
    pub scope: Option<ProjectScope>,
}

impl Access {
    /// The service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tokens: Arc<dyn TokenIssuer>, clock: Arc<dyn Clock>) -> Self {
        Self { store, tokens, clock }
    }

    /// Reads a bearer token (access token or API key) and, in the same statement, the right to `project`. A key bound to a project
    /// names that project by itself.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`] for anything but live credentials of an active account.
    pub async fn authorise(&self, bearer: &str, project: Option<ProjectId>) -> Result<Authorised, IdentityError> {
        let now = self.clock.now();
        if bearer.starts_with(KEY_MARK) { self.by_key(bearer, project, now).await } else { self.by_token(bearer, project, now).await }
    }

    /// Whether a right to a project that was given at the opening of a long connection still holds. A session counts for as long as it
    /// lives, however short-lived the token was that opened the connection; a key is shown again.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn still_holds(&self, caller: &Caller, bearer: Option<&str>, project: ProjectId) -> Result<bool, IdentityError> {
        match caller.credential {
            Credential::Session(session) => {
                let row = self.store.repos().sessions().access(session, Some(project), self.clock.now()).await?;
                Ok(row.is_some_and(|row| row.user == caller.user && row.role.is_some()))
            }
            Credential::PersonalKey(_) | Credential::ProjectKey { .. } => {
                match self.authorise(bearer.unwrap_or_default(), Some(project)).await {
                    Ok(Authorised { scope, .. }) => Ok(scope.is_some()),
                    Err(IdentityError::Unauthenticated) => Ok(false),
                    Err(err) => Err(err),
                }
            }
        }
    }

    async fn by_token(&self, token: &str, project: Option<ProjectId>, now: Timestamp) -> Result<Authorised, IdentityError> {
        let claims = self.tokens.verify(token, now).ok_or(IdentityError::Unauthenticated)?;
        let row = self.store.repos().sessions().access(claims.session, project, now).await?;
        let row = row.filter(|row| row.user == claims.user).ok_or(IdentityError::Unauthenticated)?;
        Ok(authorised(row, Credential::Session(claims.session), project))
    }

    async fn by_key(&self, key: &str, project: Option<ProjectId>, now: Timestamp) -> Result<Authorised, IdentityError> {
        let hash = self.tokens.fingerprint(key);
        let row = self.store.repos().api_keys().access(&hash, project, now).await?.ok_or(IdentityError::Unauthenticated)?;
        // To the minute: a busy key must not write on every request.
        if row.last_used_at.is_none_or(|last| last + TimeDelta::minutes(1) <= now) {
            self.remember_use(row.key, now).await;
        }
        let credential = match row.bound {
            Some((project, role)) => Credential::ProjectKey { key: row.key, project, role },
            None => Credential::PersonalKey(row.key),
        };
        let bound = row.bound.map(|(project, _)| project);
        let asked = match (bound, project) {
            // A bound key that names another project has no right there.
            (Some(bound), Some(asked)) => (bound == asked).then_some(bound),
            (Some(bound), None) => Some(bound),
            (None, asked) => asked,
        };
        Ok(authorised(row.access, credential, asked))
    }

    /// Best effort: a key works although its last use could not be noted.
    async fn remember_use(&self, key: ApiKeyId, now: Timestamp) {
        if let Err(err) = self.store.repos().api_keys().used(key, now).await {
            tracing::warn!(%err, "the use of an API key was not noted");
        }
    }
}

fn authorised(row: AccessRow, credential: Credential, project: Option<ProjectId>) -> Authorised {
    let AccessRow { user, email, is_admin, role } = row;
    let caller = Caller { user, email, is_admin, credential };
    let membership = project.zip(role).map(|(project, role)| Membership { user, project, role });
    let scope = membership.and_then(|membership| ProjectScope::of_member(&caller, &membership));
    Authorised { caller, scope }
}
