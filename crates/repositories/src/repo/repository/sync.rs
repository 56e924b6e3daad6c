//! What a synchronisation writes.

use commandcenter_domain::repository::{HostRepository, NewCommit, SyncState, SyncStatus};
use commandcenter_domain::shared::Timestamp;
use sea_orm::ActiveValue::{NotSet, Set};

use crate::entity::repository::ActiveModel;

pub(super) fn status(status: SyncStatus, error: Option<&str>) -> ActiveModel {
    ActiveModel { sync_status: Set(status.as_str().to_owned()), sync_error: Set(error.map(str::to_owned)), ..Default::default() }
}

pub(super) fn metadata(known: &HostRepository, at: Timestamp) -> ActiveModel {
    let HostRepository { github_id, owner, name, description, is_private, url, clone_url, default_branch, stars, forks, language } =
        known.clone();
    ActiveModel {
        full_name: Set(format!("{owner}/{name}")),
        owner: Set(owner),
        name: Set(name),
        // What a person wrote stays when the host has nothing to say.
        description: description.map_or(NotSet, |text| Set(Some(text))),
        is_private: Set(is_private),
        github_id: Set(Some(github_id)),
        url: Set(url),
        clone_url: Set(clone_url),
        default_branch: Set(Some(default_branch)),
        stars: Set(stars),
        forks: Set(forks),
        language: Set(language),
        updated_at: Set(at),
        ..Default::default()
    }
}

pub(super) fn head(head: Option<&NewCommit>, at: Timestamp) -> ActiveModel {
    ActiveModel {
        last_commit_sha: Set(head.map(|commit| commit.sha.clone())),
        last_commit_message: Set(head.map(|commit| commit.message.clone())),
        last_commit_author: Set(head.and_then(|commit| commit.author_name.clone())),
        last_commit_date: Set(head.map(|commit| commit.committed_at)),
        updated_at: Set(at),
        ..Default::default()
    }
}

pub(super) fn finished(state: &SyncState, at: Timestamp) -> ActiveModel {
    ActiveModel {
        sync_cursor: Set(state.cursor.clone()),
        sync_etag: Set(state.etag.clone()),
        last_synced_at: Set(Some(at)),
        ..status(SyncStatus::Synced, None)
    }
}
