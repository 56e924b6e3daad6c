//! What can go wrong with projects.

use crate::identity::AccessError;
use crate::shared::{Classified, Fault, FieldError, Invalid, StoreError};

/// An error of projects and their members.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The owner has one of that name.
    #[error("this owner has a project of that name already")]
    NameTaken,
    /// Absent, or not the caller's.
    #[error("no such project")]
    NotFound,
    /// Not a member.
    #[error("no such member")]
    MemberNotFound,
    /// No account to add.
    #[error("no account has this id or e-mail address")]
    UserNotFound,
    /// A member already.
    #[error("this account is a member already")]
    AlreadyMember,
    /// A project without an owner could not be deleted or handed on.
    #[error("the last owner can neither leave nor step down: make somebody else an owner first")]
    LastOwner,
    /// The role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Input breaks rules.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classified for ProjectError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::NameTaken => (Fault::Conflict, "project-name-taken"),
            Self::NotFound => (Fault::NotFound, "project-not-found"),
            Self::MemberNotFound => (Fault::NotFound, "member-not-found"),
            Self::UserNotFound => (Fault::NotFound, "user-not-found"),
            Self::AlreadyMember => (Fault::Conflict, "already-member"),
            Self::LastOwner => (Fault::Conflict, "last-owner"),
            Self::Access(err) => err.classify(),
            Self::Invalid(err) => err.classify(),
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
