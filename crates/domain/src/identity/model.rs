//! Accounts, sessions and keys.

use crate::shared::{ApiKeyId, Checker, Invalid, Limits, ProjectId, SessionId, Timestamp, UserId};

use super::Role;

/// An e-mail address. **Invariant:** trimmed, lower-cased, 3 to 254 characters, one `@` with text on both sides, no blanks or controls.
/// Whether it can receive mail is not asked: that would need the network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address, noting a broken rule on `field`.
    pub fn check(check: &mut Checker, field: &str, text: &str) -> Self {
        let text = check.line(field, text, Limits { min: 3, max: 254 }).to_lowercase();
        let shaped = text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if !shaped || text.contains(char::is_whitespace) {
            check.note(field, "not_an_email", "must be an e-mail address");
        }
        Self(text)
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password as typed. **Invariant:** 8 to 256 characters. Never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Reads a password, noting a broken rule on `field`. It is not trimmed.
    pub fn check(check: &mut Checker, field: &str, text: &str) -> Self {
        let length = text.chars().count();
        if length < 8 {
            check.note(field, "too_short", "must have at least 8 characters");
        }
        if length > 256 {
            check.note(field, "too_long", "must have at most 256 characters");
        }
        Self(text.to_owned())
    }

    /// The text, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a registration gives, checked.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The address, which is also the login name.
    pub email: EmailAddress,
    /// The password.
    pub password: Password,
    /// What to call the person.
    pub full_name: Option<String>,
}

impl Registration {
    /// Checks what was given.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(email: &str, password: &str, full_name: Option<&str>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let email = EmailAddress::check(&mut check, "email", email);
        let password = Password::check(&mut check, "password", password);
        let full_name = check.optional_line("full_name", full_name, 255);
        check.finish(Self { email, password, full_name })
    }
}

/// An account to store.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The address.
    pub email: EmailAddress,
    /// The password's hash.
    pub password_hash: String,
    /// What to call the person.
    pub full_name: Option<String>,
    /// Whether it administers the instance.
    pub is_admin: bool,
    /// When it is made.
    pub at: Timestamp,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// What to call the person.
    pub full_name: Option<String>,
    /// Whether it may log in.
    pub is_active: bool,
    /// Whether it administers the instance.
    pub is_admin: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it last logged in.
    pub last_login_at: Option<Timestamp>,
}

/// What a session or key gives, looked up in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// The account.
    pub user: UserId,
    /// Its address.
    pub email: String,
    /// Whether it administers the instance.
    pub is_admin: bool,
    /// The role in the project that was asked about, if it is a member.
    pub role: Option<Role>,
}

/// What an API key gives, looked up in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The key.
    pub key: ApiKeyId,
    /// The project it is bound to, and its own role there.
    pub bound: Option<(ProjectId, Role)>,
    /// The account behind it; its role is that in the bound project, else in the one that was asked about.
    pub access: AccessRow,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A refresh token as storage knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRow {
    /// The session it belongs to.
    pub session: SessionId,
    /// The account.
    pub user: UserId,
    /// Whether it was used before.
    pub is_spent: bool,
    /// Whether its session still lives.
    pub is_live: bool,
}

/// An API key to store.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The account it acts as.
    pub user: UserId,
    /// The project it is bound to, and its role there.
    pub bound: Option<(ProjectId, Role)>,
    /// What it is for.
    pub name: String,
    /// The start of its text, to recognise it by.
    pub prefix: String,
    /// The hash of its text.
    pub hash: String,
    /// When it is made.
    pub at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// An API key; its text is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The account it acts as.
    pub user: UserId,
    /// What it is for.
    pub name: String,
    /// The start of its text.
    pub prefix: String,
    /// The project it is bound to.
    pub project: Option<ProjectId>,
    /// Its role in that project.
    pub role: Option<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Who a ticket lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketRow {
    /// The account.
    pub user: UserId,
    /// The session that asked for it, if one did.
    pub session: Option<SessionId>,
    /// The project it carries.
    pub project: Option<ProjectId>,
}
