//! From rows to repositories and back.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::repository::{LastCommit, NewRepository, Repository, SyncStatus};
use commandcenter_domain::shared::{RepositoryId, Timestamp};
use sea_orm::ActiveValue::Set;

use crate::entity::repository::{ActiveModel, Model};

pub(super) fn inserted(scope: &ProjectScope, new: &NewRepository, sealed_token: Option<Vec<u8>>, at: Timestamp) -> ActiveModel {
    ActiveModel {
        project_id: Set(scope.project().get()),
        owner: Set(new.owner.as_str().to_owned()),
        name: Set(new.name.as_str().to_owned()),
        full_name: Set(new.full_name()),
        description: Set(new.description.clone()),
        access_token: Set(sealed_token),
        is_private: Set(new.is_private),
        sync_status: Set(SyncStatus::Never.as_str().to_owned()),
        stars: Set(0),
        forks: Set(0),
        created_at: Set(at),
        updated_at: Set(at),
        ..Default::default()
    }
}

impl TryFrom<Model> for Repository {
    type Error = String;

    fn try_from(row: Model) -> Result<Self, String> {
        let sync_status =
            SyncStatus::parse(&row.sync_status).ok_or_else(|| format!("repository {}: sync_status {}", row.id, row.sync_status))?;
        let last_commit = row.last_commit_sha.map(|sha| LastCommit {
            sha,
            message: row.last_commit_message,
            author: row.last_commit_author,
            date: row.last_commit_date,
        });
        Ok(Self {
            id: RepositoryId::new(row.id),
            owner: row.owner,
            name: row.name,
            full_name: row.full_name,
            description: row.description,
            has_token: row.access_token.is_some(),
            is_private: row.is_private,
            github_id: row.github_id,
            url: row.url,
            clone_url: row.clone_url,
            default_branch: row.default_branch,
            last_commit,
            last_synced_at: row.last_synced_at,
            sync_status,
            sync_error: row.sync_error,
            stars: row.stars,
            forks: row.forks,
            language: row.language,
            metadata: row.metadata,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
