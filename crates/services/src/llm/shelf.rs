//! What projects can call, kept for a moment: a call should not wait for settings that hardly ever change.
//!
//! Settings that change in this process hold for its very next call. Those that change in another hold after [`FRESH`] at the latest, as
//! does a price whose time has come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{CallableProvider, Owner, Owning, RoleBinding, RoleName};
use commandcenter_domain::shared::{ProjectId, Timestamp};
use commandcenter_domain::store::Repos;

/// How long what was read is good for.
const FRESH: TimeDelta = TimeDelta::seconds(1);
/// Projects that are kept; beyond it all are forgotten.
const MOST: usize = 1_000;

/// Providers and roles as they are seen from somewhere.
#[derive(Debug)]
pub(super) struct Seen {
    /// A project's own stand before the instance's of the same name, which are left out.
    pub(super) providers: Vec<CallableProvider>,
    roles: Vec<RoleBinding>,
    at: Timestamp,
}

impl Seen {
    /// Reads them as they are at a moment.
    pub(super) async fn read(repos: &dyn Repos, (owning, at): (Owning<'_>, Timestamp)) -> Result<Self, StoreError> {
        let mut providers: Vec<CallableProvider> = Vec::new();
        // A project's own come first.
        for found in repos.llm_providers().callable(owning, at).await? {
            if !providers.iter().any(|known| known.provider.alias == found.provider.alias) {
                providers.push(found);
            }
        }
        let roles = repos.llm_roles().visible(owning).await?;
        Ok(Self { providers, roles, at })
    }

    /// What fills a role: the project's own setting, else the instance's.
    pub(super) fn role(&self, name: &RoleName) -> Option<&RoleBinding> {
        let named = self.roles.iter().filter(|binding| binding.role == *name);
        named.max_by_key(|binding| binding.owner != Owner::Instance)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        (self.at..self.at + FRESH).contains(&now)
    }
}

/// What was read lately, by project.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// How often settings changed here: what was read before a change is not kept after it.
    changes: u64,
    seen: HashMap<ProjectId, Arc<Seen>>,
}

impl Shelf {
    /// What a project can call now.
    pub(super) async fn of(&self, repos: &dyn Repos, (scope, now): (&ProjectScope, Timestamp)) -> Result<Arc<Seen>, StoreError> {
        let project = scope.project();
        let before = {
            let kept = self.kept();
            if let Some(seen) = kept.seen.get(&project).filter(|seen| seen.is_fresh(now)) {
                return Ok(seen.clone());
            }
            kept.changes
        };
        let seen = Arc::new(Seen::read(repos, (Owning::Project(scope), now)).await?);
        let mut kept = self.kept();
        // Nothing to call is soon something, perhaps set up in another process.
        if kept.changes == before && !seen.providers.is_empty() {
            if kept.seen.len() >= MOST {
                kept.seen.clear();
            }
            kept.seen.insert(project, seen.clone());
        }
        Ok(seen)
    }

    /// Settings have changed, and are committed.
    pub(super) fn forget(&self) {
        let mut kept = self.kept();
        kept.changes += 1;
        kept.seen.clear();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
