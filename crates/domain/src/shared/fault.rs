//! What can go wrong, sorted by what the caller can do about it.

use std::error::Error;

/// The class of an error. Transports derive their status from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request could not be read at all.
    Malformed,
    /// The request was read and breaks a rule.
    Invalid,
    /// Who calls is unknown: no, expired or revoked credentials.
    Unauthenticated,
    /// The caller may see the thing but not do this to it.
    Denied,
    /// Absent, or not the caller's.
    NotFound,
    /// It was there and is no longer kept.
    Gone,
    /// It clashes with what is there.
    Conflict,
    /// The thing moved since the caller read it.
    Stale,
    /// More than the limit allows.
    TooLarge,
    /// A kind of content that is not handled.
    Unsupported,
    /// Too many requests.
    Throttled,
    /// A system behind ours failed or refused.
    Upstream,
    /// A system behind ours did not answer in time.
    UpstreamTimeout,
    /// Not configured, or a part we need is away; worth trying again later.
    Unavailable,
    /// Our own defect.
    Internal,
}

impl Fault {
    /// Whether what was given is to blame, so that something else given in its place could succeed.
    #[must_use]
    pub const fn is_of_the_input(self) -> bool {
        match self {
            Self::Malformed | Self::Invalid | Self::TooLarge | Self::Unsupported => true,
            Self::Unauthenticated
            | Self::Denied
            | Self::NotFound
            | Self::Gone
            | Self::Conflict
            | Self::Stale
            | Self::Throttled
            | Self::Upstream
            | Self::UpstreamTimeout
            | Self::Unavailable
            | Self::Internal => false,
        }
    }
}

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// Path of the field, `a.b` style.
    pub field: String,
    /// Machine-readable rule, e.g. `too_long`.
    pub code: &'static str,
    /// What a person should change. Never holds the rejected value.
    pub message: String,
}

impl FieldError {
    /// A broken rule on a field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// An error that knows its class and its public code.
pub trait Classified: Error + Send + Sync {
    /// The class and the slug of the problem's `type`.
    fn classify(&self) -> (Fault, &'static str);
    /// The fields at fault, for validation errors.
    fn fields(&self) -> &[FieldError] {
        &[]
    }
    /// How many a limit allows that was met, for one that says so.
    fn limit(&self) -> Option<u64> {
        None
    }
    /// Seconds after which a retry makes sense, when known.
    fn retry_after(&self) -> Option<u64> {
        None
    }
}

/// Input that breaks rules, with every broken rule. **Invariant:** at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.0))]
pub struct Invalid(pub Vec<FieldError>);

impl Invalid {
    /// One broken rule.
    pub fn one(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self(vec![FieldError::new(field, code, message)])
    }
}

impl Classified for Invalid {
    fn classify(&self) -> (Fault, &'static str) {
        (Fault::Invalid, "validation")
    }
    fn fields(&self) -> &[FieldError] {
        &self.0
    }
}

fn summary(errors: &[FieldError]) -> String {
    let parts: Vec<_> = errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect();
    parts.join("; ")
}

/// Why storage did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique constraint was hit; the text names the constraint or its columns.
    #[error("already exists ({0})")]
    Duplicate(String),
    /// A referenced row does not exist.
    #[error("a referenced row does not exist")]
    Reference,
    /// The database cannot be reached or has no connection to give.
    #[error("the database is not reachable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The disk under the database is full.
    #[error("the disk under the database is full")]
    Full(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else: a defect of ours or a damaged row.
    #[error("storage failed")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

impl Classified for StoreError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::Duplicate(_) => (Fault::Conflict, "conflict"),
            Self::Reference => (Fault::Conflict, "reference-missing"),
            Self::Unavailable(_) => (Fault::Unavailable, "store-unavailable"),
            Self::Full(_) => (Fault::Unavailable, "storage-full"),
            Self::Broken(_) => (Fault::Internal, "internal"),
        }
    }
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable(_) => Some(5),
            Self::Full(_) => Some(60),
            Self::Duplicate(_) | Self::Reference | Self::Broken(_) => None,
        }
    }
}
