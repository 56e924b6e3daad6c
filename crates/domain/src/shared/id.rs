//! Ids: 64-bit integers in the database and in JSON, their own type everywhere in between.

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a database key.
            #[must_use]
            pub const fn new(id: i64) -> Self { Self(id) }
            /// The database key.
            #[must_use]
            pub const fn get(self) -> i64 { self.0 }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self { Self(id) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    )+};
}

ids! {
    /// Identifies an account.
    UserId;
    /// Identifies a login session: one per login, shared by its access and refresh tokens.
    SessionId;
    /// Identifies an API key.
    ApiKeyId;
    /// Identifies a project for its whole life.
    ProjectId;
    /// Identifies a tracked repository.
    RepositoryId;
    /// Identifies a stored commit.
    CommitId;
    /// Identifies a technology on the radar.
    TechnologyId;
    /// Identifies a research task.
    TaskId;
    /// Identifies a file attached to a research task.
    TaskDocumentId;
    /// Identifies a job.
    JobId;
    /// Identifies a schedule.
    ScheduleId;
    /// Identifies one fire of a schedule.
    ScheduleRunId;
    /// Identifies a document of the knowledge base.
    DocumentId;
    /// Identifies a chunk of a document.
    ChunkId;
    /// Identifies an evaluation of the knowledge base.
    EvaluationId;
    /// Identifies a source of documents.
    SourceId;
    /// Identifies one run of a source.
    SourceRunId;
    /// Identifies an item of a source.
    SourceItemId;
    /// Identifies an audit entry.
    AuditId;
    /// Identifies an attempt that may be repeated.
    AttemptId;
    /// Identifies an event in the outbox.
    EventId;
    /// Identifies a provider of language models.
    ProviderId;
    /// Identifies a budget of calls to language models.
    BudgetId;
    /// Identifies one attempt at a language model.
    LlmAttemptId;
    /// Identifies a row of the book of prices.
    PriceId;
}
