//! A project and its members.

use crate::identity::Role;
use crate::shared::{Checker, Invalid, Limits, Patch, ProjectId, Timestamp, UserId};
use crate::text_enum;

text_enum! {
    /// What a list of projects can be sorted by.
    ProjectKey {
        /// By name.
        Name = "name",
        /// By creation.
        CreatedAt = "created_at",
        /// By last change.
        UpdatedAt = "updated_at",
    }
}

const NAME: Limits = Limits { min: 1, max: 255 };
const DESCRIPTION: usize = 20_000;

/// A project to create, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// Its name, unique per owner.
    pub name: String,
    /// Whose it is, as free text; a person, a team or a company.
    pub owner: String,
    /// What it is about.
    pub description: Option<String>,
}

impl NewProject {
    /// Checks what was given.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(name: &str, owner: &str, description: Option<&str>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let name = check.line("name", name, NAME);
        let owner = check.line("owner", owner, NAME);
        let description = check.optional_block("description", description, DESCRIPTION);
        check.finish(Self { name, owner, description })
    }
}

/// What of a project changes, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectPatch {
    /// The name, if it changes.
    pub name: Option<String>,
    /// The owner's text, if it changes.
    pub owner: Option<String>,
    /// The description.
    pub description: Patch<String>,
}

impl ProjectPatch {
    /// Checks what was given. Null is refused where a value is needed.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(name: Patch<String>, owner: Patch<String>, description: Patch<String>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let name = required(&mut check, "name", name);
        let owner = required(&mut check, "owner", owner);
        let description = match description {
            Patch::Set(text) => check.optional_block("description", Some(&text), DESCRIPTION).map_or(Patch::Clear, Patch::Set),
            other @ (Patch::Keep | Patch::Clear) => other,
        };
        check.finish(Self { name, owner, description })
    }
}

fn required(check: &mut Checker, field: &str, patch: Patch<String>) -> Option<String> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => {
            check.note(field, "required", "must not be null");
            None
        }
        Patch::Set(text) => Some(check.line(field, &text, NAME)),
    }
}

/// A project, as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// What it is about.
    pub description: Option<String>,
    /// The caller's role in it.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How much a project holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProjectStats {
    /// Tracked repositories.
    pub repositories: u64,
    /// Technologies.
    pub technologies: u64,
    /// Research tasks.
    pub research_tasks: u64,
    /// Documents of the knowledge base.
    pub knowledge_entries: u64,
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub user: UserId,
    /// Its address.
    pub email: String,
    /// What to call the person.
    pub full_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}
