//! What goes in and out of the operations on repositories.

use chrono::{DateTime, Utc};
use commandcenter_domain::repository::{Commit, LastCommit, NewCommit, Repository, SyncStatus};
use commandcenter_domain::shared::{JobId, RepositoryId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::extract::double_option;

/// A repository to track.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"owner": "rust-lang", "name": "mdBook", "description": "The book tool"}))]
pub(super) struct CreateRepository {
    /// The account it belongs to: 1 to 100 of letters, digits, `-`, `_`, `.`.
    pub(super) owner: String,
    /// Its name: 1 to 100 of letters, digits, `-`, `_`, `.`; without the ending `.git`.
    pub(super) name: String,
    /// What it is about; GitHub's own description takes its place at the first synchronisation.
    pub(super) description: Option<String>,
    /// A token that opens it, of any of GitHub's forms. It is stored sealed and never shown again.
    #[schema(write_only)]
    pub(super) access_token: Option<String>,
    /// Whether it is private, as far as known.
    pub(super) is_private: Option<bool>,
}

/// What of a repository changes. A field left out stays; null empties it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"access_token": null, "metadata": {"team": "dsp"}}))]
pub(super) struct UpdateRepository {
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>)]
    pub(super) description: Option<Option<String>>,
    /// A token that opens it; null removes the stored one.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, write_only)]
    pub(super) access_token: Option<Option<String>>,
    /// Not null.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<bool>)]
    pub(super) is_private: Option<Option<bool>>,
    /// An object of the project's own.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Object>)]
    pub(super) metadata: Option<Option<Value>>,
}

/// How to synchronise.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"force": true}))]
pub(super) struct SyncRepository {
    /// Whether everything is read again although nothing moved.
    #[serde(default)]
    pub(super) force: bool,
}

/// Which repositories. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListRepositories {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// `full_name`, `created_at`, `updated_at`, `last_synced_at`, `stars` or `forks`; with `-` in front the other way. Newest first without.
    pub(super) sort: Option<String>,
    /// Of this account, whatever the case.
    pub(super) owner: Option<String>,
    /// In this language, whatever the case.
    pub(super) language: Option<String>,
    /// With this text in the full name or the description.
    pub(super) search: Option<String>,
}

/// A tracked repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RepositoryView {
    #[schema(value_type = i64)]
    id: RepositoryId,
    owner: String,
    name: String,
    #[schema(example = "rust-lang/mdBook")]
    full_name: String,
    description: Option<String>,
    /// Whether a token of its own is stored.
    has_token: bool,
    is_private: bool,
    github_id: Option<i64>,
    url: Option<String>,
    clone_url: Option<String>,
    /// Unknown before the first synchronisation.
    default_branch: Option<String>,
    last_commit_sha: Option<String>,
    last_commit_message: Option<String>,
    last_commit_author: Option<String>,
    last_commit_date: Option<DateTime<Utc>>,
    last_synced_at: Option<DateTime<Utc>>,
    /// `never`, `syncing`, `synced` or `failed`.
    #[schema(value_type = String, example = "synced")]
    sync_status: SyncStatus,
    /// Why the last synchronisation failed.
    sync_error: Option<String>,
    stars: i32,
    forks: i32,
    language: Option<String>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Repository> for RepositoryView {
    fn from(repository: Repository) -> Self {
        let Repository {
            id, owner, name, full_name, description, has_token, is_private, github_id, url, clone_url, default_branch, ..
        } = repository;
        let Repository {
            last_commit,
            last_synced_at,
            sync_status,
            sync_error,
            stars,
            forks,
            language,
            metadata,
            created_at,
            updated_at,
            ..
        } = repository;
        let (sha, message, author, date) = match last_commit {
            Some(LastCommit { sha, message, author, date }) => (Some(sha), message, author, date),
            None => (None, None, None, None),
        };
        Self {
            id,
            owner,
            name,
            full_name,
            description,
            has_token,
            is_private,
            github_id,
            url,
            clone_url,
            default_branch,
            last_commit_sha: sha,
            last_commit_message: message,
            last_commit_author: author,
            last_commit_date: date,
            last_synced_at,
            sync_status,
            sync_error,
            stars,
            forks,
            language,
            metadata,
            created_at,
            updated_at,
        }
    }
}

/// A commit of a tracked repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommitView {
    sha: String,
    message: String,
    author_name: Option<String>,
    author_email: Option<String>,
    authored_at: Option<DateTime<Utc>>,
    committed_at: DateTime<Utc>,
    url: Option<String>,
}

impl From<Commit> for CommitView {
    fn from(commit: Commit) -> Self {
        let Commit { id: _, commit: NewCommit { sha, message, author_name, author_email, authored_at, committed_at, url } } = commit;
        Self { sha, message, author_name, author_email, authored_at, committed_at, url }
    }
}

/// A job that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobAcceptedView {
    /// The job; while one is pending or running, that one.
    #[schema(value_type = i64)]
    pub(super) job_id: JobId,
}
