//! A tracked repository and its commits.

use serde_json::Value;

use crate::shared::{Checker, CommitId, Invalid, Patch, RepositoryId, Timestamp};
use crate::text_enum;

use super::{AccessToken, RepositoryName, RepositoryOwner};

const MAX_DESCRIPTION: usize = 10_000;
/// Metadata is free, but not a second body limit: 64 KiB of JSON.
const MAX_METADATA: usize = 64 * 1024;

text_enum! {
    /// How the copy of a repository stands.
    SyncStatus {
        /// Never synchronised to the end.
        Never = "never",
        /// A run is under way.
        Syncing = "syncing",
        /// The last run reached its end.
        Synced = "synced",
        /// The last run failed; the reason is kept beside.
        Failed = "failed",
    }
}

/// The newest commit of the default branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCommit {
    /// Its hash.
    pub sha: String,
    /// Its whole message.
    pub message: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was committed.
    pub date: Option<Timestamp>,
}

/// A repository as the project tracks it. The token is not part of it: it never leaves storage but for a synchronisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Repository {
    /// Its id here.
    pub id: RepositoryId,
    /// The account it belongs to.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// `owner/name`.
    pub full_name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Whether a token of its own is stored.
    pub has_token: bool,
    /// Whether it is private on its host.
    pub is_private: bool,
    /// Its id on its host; survives renames.
    pub github_id: Option<i64>,
    /// Its page for people.
    pub url: Option<String>,
    /// Where to clone it from.
    pub clone_url: Option<String>,
    /// The branch that is followed. Unknown before the first synchronisation.
    pub default_branch: Option<String>,
    /// The newest commit seen.
    pub last_commit: Option<LastCommit>,
    /// When a run last reached its end.
    pub last_synced_at: Option<Timestamp>,
    /// How the copy stands.
    pub sync_status: SyncStatus,
    /// Why the last run failed, for people.
    pub sync_error: Option<String>,
    /// Stars on its host.
    pub stars: i32,
    /// Forks on its host.
    pub forks: i32,
    /// Its main language.
    pub language: Option<String>,
    /// Free data of the project's own.
    pub metadata: Option<Value>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

/// A request to track a repository, as a client gave it.
#[derive(Debug, Default)]
pub struct RepositoryInput<'a> {
    /// The account.
    pub owner: &'a str,
    /// The name.
    pub name: &'a str,
    /// What it is about.
    pub description: Option<&'a str>,
    /// A token that opens it.
    pub access_token: Option<&'a str>,
    /// Whether it is private; unknown counts as public until the first synchronisation.
    pub is_private: Option<bool>,
}

/// A repository to track.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// The account.
    pub owner: RepositoryOwner,
    /// The name.
    pub name: RepositoryName,
    /// What it is about.
    pub description: Option<String>,
    /// A token that opens it.
    pub access_token: Option<AccessToken>,
    /// Whether it is private.
    pub is_private: bool,
}

impl NewRepository {
    /// Checks a client's input.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(input: &RepositoryInput<'_>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let new = Self {
            owner: RepositoryOwner::check(&mut check, "owner", input.owner),
            name: RepositoryName::check(&mut check, "name", input.name),
            description: check.optional_block("description", input.description, MAX_DESCRIPTION),
            access_token: input.access_token.map(|text| AccessToken::check(&mut check, "access_token", text)),
            is_private: input.is_private.unwrap_or(false),
        };
        check.finish(new)
    }

    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner.as_str(), self.name.as_str())
    }
}

/// A partial update, as a client gave it.
#[derive(Debug, Default)]
pub struct RepositoryPatchInput {
    /// What it is about; null clears.
    pub description: Patch<String>,
    /// Its token; null clears.
    pub access_token: Patch<String>,
    /// Whether it is private.
    pub is_private: Option<bool>,
    /// Free data; null clears.
    pub metadata: Patch<Value>,
}

/// A partial update.
#[derive(Debug, Default)]
pub struct RepositoryPatch {
    /// What it is about.
    pub description: Patch<String>,
    /// Its token.
    pub access_token: Patch<AccessToken>,
    /// Whether it is private.
    pub is_private: Option<bool>,
    /// Free data: an object.
    pub metadata: Patch<Value>,
}

impl RepositoryPatch {
    /// Checks a client's input.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(input: RepositoryPatchInput) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let RepositoryPatchInput { description, access_token, is_private, metadata } = input;
        let description = match description {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(text) => check.optional_block("description", Some(&text), MAX_DESCRIPTION).map_or(Patch::Clear, Patch::Set),
        };
        let access_token = match access_token {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(text) => Patch::Set(AccessToken::check(&mut check, "access_token", &text)),
        };
        if let Patch::Set(value) = &metadata {
            check_metadata(&mut check, value);
        }
        check.finish(Self { description, access_token, is_private, metadata })
    }
}

fn check_metadata(check: &mut Checker, value: &Value) {
    if !value.is_object() {
        check.note("metadata", "not_an_object", "must be an object");
    }
    let text = value.to_string();
    if text.len() > MAX_METADATA {
        check.note("metadata", "too_long", format!("must have at most {MAX_METADATA} bytes of JSON"));
    }
    if text.contains("\\u0000") {
        check.note("metadata", "nul", "must not contain the NUL character");
    }
}

text_enum! {
    /// What lists of repositories can be sorted by.
    RepositorySortKey {
        /// `owner/name`.
        FullName = "full_name",
        /// When it was added.
        CreatedAt = "created_at",
        /// When it last changed.
        UpdatedAt = "updated_at",
        /// When a run last reached its end.
        LastSyncedAt = "last_synced_at",
        /// Stars.
        Stars = "stars",
        /// Forks.
        Forks = "forks",
    }
}

/// Which repositories are wanted. Conditions combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryFilter {
    /// Of this account, whatever the case.
    pub owner: Option<String>,
    /// In this language, whatever the case.
    pub language: Option<String>,
    /// With this text in the full name or the description, whatever the case.
    pub search: Option<String>,
}

impl RepositoryFilter {
    /// Checks a client's filters; a blank one filters nothing.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(owner: Option<&str>, language: Option<&str>, search: Option<&str>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let filter = Self {
            owner: check.optional_line("owner", owner, 100),
            language: check.optional_line("language", language, 100),
            search: check.optional_line("search", search, 200),
        };
        check.finish(filter)
    }
}

/// A commit to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// Its hash.
    pub sha: String,
    /// Its whole message.
    pub message: String,
    /// Who wrote it.
    pub author_name: Option<String>,
    /// Their address.
    pub author_email: Option<String>,
    /// When it was written.
    pub authored_at: Option<Timestamp>,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// Its page for people.
    pub url: Option<String>,
}

/// A stored commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id here.
    pub id: CommitId,
    /// What it says.
    pub commit: NewCommit,
}

/// Parameters of a `repository_sync` job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    /// Which repository.
    pub repository_id: RepositoryId,
    /// Whether everything is read again although the head has not moved.
    #[serde(default)]
    pub force: bool,
}

impl SyncRequest {
    /// Reads a job's parameters.
    ///
    /// # Errors
    /// [`Invalid`] on `parameters`.
    pub fn parse(parameters: &Value) -> Result<Self, Invalid> {
        // serde would take a list for a struct too.
        let read = parameters.is_object().then(|| <Self as serde::Deserialize>::deserialize(parameters).ok()).flatten();
        read.ok_or_else(|| {
            Invalid::one("parameters", "invalid", "must be {\"repository_id\": <number>, \"force\": <true or false, optional>}")
        })
    }

    /// While a job with this key is alive, another is not made.
    #[must_use]
    pub fn unique_key(self) -> String {
        format!("repository_sync:{}", self.repository_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_broken_rule_of_a_new_repository_is_named() {
        let input = RepositoryInput { owner: "a/b", name: "..", description: Some("a\0"), access_token: Some("x"), is_private: None };
        let Invalid(errors) = NewRepository::parse(&input).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["owner", "name", "description", "access_token"]);
    }

    #[test]
    fn metadata_is_an_object_that_both_databases_can_hold() {
        let parse = |value| RepositoryPatch::parse(RepositoryPatchInput { metadata: Patch::Set(value), ..Default::default() });
        assert!(parse(json!({"team": "dsp"})).is_ok());
        assert!(parse(json!([1])).is_err());
        assert!(parse(json!({"a": "x\0y"})).is_err());
        assert!(parse(json!({"a": "x".repeat(MAX_METADATA)})).is_err());
    }

    #[test]
    fn parameters_of_a_synchronisation_are_exact() {
        assert_eq!(
            SyncRequest::parse(&json!({"repository_id": 7})).unwrap(),
            SyncRequest { repository_id: RepositoryId::new(7), force: false }
        );
        for value in [json!({}), json!({"repository_id": "7"}), json!({"repository_id": 7, "x": 1}), json!(null), json!([7])] {
            assert!(SyncRequest::parse(&value).is_err(), "{value}");
        }
    }
}
