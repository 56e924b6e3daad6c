//! What can go wrong with identity.

use crate::shared::{Classified, Fault, FieldError, Invalid, StoreError};

use super::{AccessError, CryptoError};

/// An error of identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No, expired, revoked or forged credentials.
    #[error("credentials are missing, expired or not valid")]
    Unauthenticated,
    /// Unknown address or wrong password: the two are told apart nowhere.
    #[error("the e-mail address or the password is wrong")]
    WrongLogin,
    /// Strangers may not register.
    #[error("registration is closed: ask an administrator of this instance for an account")]
    RegistrationClosed,
    /// The address has an account.
    #[error("this e-mail address has an account already")]
    EmailTaken,
    /// Only administrators may.
    #[error("this needs an administrator of the instance")]
    NotAdmin,
    /// No project was named.
    #[error("name the project in the header X-Project-ID")]
    ProjectRequired,
    /// Absent, or not the caller's.
    #[error("no such project")]
    ProjectNotFound,
    /// Absent, or not the caller's.
    #[error("no such API key")]
    KeyNotFound,
    /// A key may not make keys or tickets that outlive it, nor act on the account itself.
    #[error("this needs a login session, not an API key")]
    SessionRequired,
    /// The role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Input breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Cryptography failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classified for IdentityError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Unauthenticated => (Fault::Unauthenticated, "unauthenticated"),
            Self::WrongLogin => (Fault::Unauthenticated, "wrong-login"),
            Self::RegistrationClosed => (Fault::Denied, "registration-closed"),
            Self::EmailTaken => (Fault::Conflict, "email-taken"),
            Self::NotAdmin => (Fault::Denied, "admin-required"),
            Self::ProjectRequired => (Fault::Malformed, "project-required"),
            Self::ProjectNotFound => (Fault::NotFound, "project-not-found"),
            Self::KeyNotFound => (Fault::NotFound, "api-key-not-found"),
            Self::SessionRequired => (Fault::Denied, "session-required"),
            Self::Access(err) => err.classify(),
            Self::Invalid(err) => err.classify(),
            Self::Crypto(_) => (Fault::Internal, "internal"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            _ => None,
        }
    }
}
