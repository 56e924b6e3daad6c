//! Tickets: browsers cannot send a header when they open a WebSocket, and a token does not belong into a URL.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::identity::{Caller, Credential, IdentityError, ProjectScope, TicketRow, TokenIssuer};
use commandcenter_domain::{Clock, Store};

use super::Authorised;

/// Seconds a ticket is good for.
const LIFETIME: i64 = 30;

/// Gives and takes tickets.
pub struct TicketService {
    store: Arc<dyn Store>,
    tokens: Arc<dyn TokenIssuer>,
    clock: Arc<dyn Clock>,
}

impl TicketService {
    /// The service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, tokens: Arc<dyn TokenIssuer>, clock: Arc<dyn Clock>) -> Self {
        Self { store, tokens, clock }
    }

    /// Seconds a ticket is good for.
    #[must_use]
    pub const fn lifetime_seconds(&self) -> i64 {
        LIFETIME
    }

    /// A ticket for the caller and the project they named.
    ///
    /// # Errors
    /// [`IdentityError::SessionRequired`] when the caller came with a key: keys go into the header.
    pub async fn issue(&self, caller: &Caller, scope: Option<&ProjectScope>) -> Result<String, IdentityError> {
        let Credential::Session(session) = caller.credential else { return Err(IdentityError::SessionRequired) };
        let ticket = self.tokens.random()?;
        let row = TicketRow { user: caller.user, session: Some(session), project: scope.map(ProjectScope::project) };
        let until = self.clock.now() + TimeDelta::seconds(LIFETIME);
        self.store.repos().sessions().insert_ticket(&self.tokens.fingerprint(&ticket), row, until).await?;
        Ok(ticket)
    }

    /// Takes a ticket: who it lets in, with their right as it is now.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`] for a ticket that is unknown, used or old, or whose session ended.
    pub async fn redeem(&self, ticket: &str) -> Result<Authorised, IdentityError> {
        use commandcenter_domain::identity::Membership;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let row = tx.sessions().take_ticket(&self.tokens.fingerprint(ticket), now).await?;
        tx.commit().await?;
        let (row, session) = row.and_then(|row| row.session.map(|session| (row, session))).ok_or(IdentityError::Unauthenticated)?;
        let access = self.store.repos().sessions().access(session, row.project, now).await?.ok_or(IdentityError::Unauthenticated)?;
        let caller = Caller { user: access.user, email: access.email, is_admin: access.is_admin, credential: Credential::Session(session) };
        let membership = row.project.zip(access.role).map(|(project, role)| Membership { user: caller.user, project, role });
        let scope = membership.and_then(|membership| ProjectScope::of_member(&caller, &membership));
        Ok(Authorised { caller, scope })
    }
}
