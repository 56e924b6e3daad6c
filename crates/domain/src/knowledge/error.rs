//! What can go wrong with the knowledge base.

use crate::identity::AccessError;
use crate::shared::{Classified, DocumentId, EvaluationId, Fault, FieldError, Invalid, JobId, StoreError};
use crate::source::ReadFailure;

use super::{ArchiveError, EmbedError, ReadError};

/// Why a use case of the knowledge base did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// Absent, or another project's.
    #[error("no document {0}")]
    NotFound(DocumentId),
    /// Absent, or another project's.
    #[error("no evaluation {0}")]
    NoEvaluation(EvaluationId),
    /// The role is too low.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The file has more bytes than are taken in.
    #[error("the file has more than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(#[from] ReadError),
    /// The page of a document cannot be read.
    #[error("the page cannot be read: {0}")]
    Page(#[from] ReadFailure),
    /// The archive is not sound.
    #[error("{0}")]
    Archive(String),
    /// Search by meaning was asked for and there is no model.
    #[error("search by meaning is not available: {0}")]
    NoModel(String),
    /// The model is there and failed.
    #[error("{0}")]
    Embedding(#[source] EmbedError),
    /// Storage failed.
    #[error("knowledge storage failed")]
    Store(#[from] StoreError),
    /// The model cannot be chosen as it is.
    #[error("{0}")]
    ModelUnfit(String),
    /// The model is being changed already.
    #[error("the model is being changed to `{to}` by job {job}: cancel that first, or let it end")]
    ModelChanging {
        /// The model that is to come.
        to: String,
        /// The job that brings it.
        job: JobId,
    },
    /// No change of the model is under way.
    #[error("no change of the embedding model is under way")]
    NoModelChange,
    /// The settings moved since the caller read them.
    #[error("they have changed: their version is {current} now")]
    Stale {
        /// Their version.
        current: i64,
    },
    /// The work was told to stop.
    #[error("cancelled")]
    Cancelled,
}

impl From<ArchiveError> for KnowledgeError {
    fn from(err: ArchiveError) -> Self {
        match err {
            ArchiveError::TooLarge(most) => Self::TooLarge(most),
            ArchiveError::Unsound(reason) => Self::Archive(reason),
            ArchiveError::Full(err) => StoreError::Full(err.into()).into(),
            ArchiveError::Broken(err) => StoreError::Broken(err).into(),
        }
    }
}

impl From<EmbedError> for KnowledgeError {
    fn from(err: EmbedError) -> Self {
        match err {
            EmbedError::Unavailable(reason) => Self::NoModel(reason),
            EmbedError::Busy | EmbedError::Failed(_) | EmbedError::Provider { .. } => Self::Embedding(err),
        }
    }
}

impl Classified for KnowledgeError {
    fn classify(&self) -> (Fault, &'static str) {
        match self {
            Self::NotFound(_) => (Fault::NotFound, "document-not-found"),
            Self::NoEvaluation(_) => (Fault::NotFound, "evaluation-not-found"),
            Self::Access(err) => err.classify(),
            Self::Invalid(err) => err.classify(),
            Self::Archive(_) => (Fault::Invalid, "archive-invalid"),
            Self::TooLarge(_) => (Fault::TooLarge, "body-too-large"),
            Self::Unreadable(err @ ReadError::Parser(_)) => (Fault::Unavailable, err.slug()),
            Self::Unreadable(err) => (Fault::Invalid, err.slug()),
            Self::Page(failure) if failure.is_passing() => (Fault::Unavailable, "page-unreachable"),
            Self::Page(_) => (Fault::Invalid, "page-unreadable"),
            Self::NoModel(_) => (Fault::Unavailable, "model-unavailable"),
            Self::Embedding(EmbedError::Provider { fault, slug, .. }) => (*fault, *slug),
            Self::ModelUnfit(_) => (Fault::Invalid, "embedding-model-unfit"),
            Self::ModelChanging { .. } => (Fault::Conflict, "embedding-model-changing"),
            Self::NoModelChange => (Fault::NotFound, "embedding-change-not-found"),
            Self::Stale { .. } => (Fault::Stale, "precondition-failed"),
            Self::Embedding(EmbedError::Busy) => (Fault::Unavailable, "model-busy"),
            Self::Embedding(EmbedError::Unavailable(_) | EmbedError::Failed(_)) | Self::Cancelled => (Fault::Internal, "internal"),
            Self::Store(err) => err.classify(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(err) => err.fields(),
            Self::NotFound(_)
            | Self::NoEvaluation(_)
            | Self::Access(_)
            | Self::TooLarge(_)
            | Self::Archive(_)
            | Self::Unreadable(_)
            | Self::Page(_)
            | Self::NoModel(_)
            | Self::Embedding(_)
            | Self::ModelUnfit(_)
            | Self::ModelChanging { .. }
            | Self::NoModelChange
            | Self::Stale { .. }
            | Self::Store(_)
            | Self::Cancelled => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Store(err) => err.retry_after(),
            Self::NoModel(_) => Some(30),
            Self::Embedding(EmbedError::Provider { retry_after, .. }) => *retry_after,
            Self::Embedding(_) => Some(1),
            Self::Unreadable(ReadError::Parser(_)) => Some(10),
            Self::Page(failure) if failure.is_passing() => Some(10),
            Self::NotFound(_)
            | Self::NoEvaluation(_)
            | Self::Access(_)
            | Self::TooLarge(_)
            | Self::Archive(_)
            | Self::Unreadable(_)
            | Self::Page(_)
            | Self::Invalid(_)
            | Self::ModelUnfit(_)
            | Self::ModelChanging { .. }
            | Self::NoModelChange
            | Self::Stale { .. }
            | Self::Cancelled => None,
        }
    }
}
