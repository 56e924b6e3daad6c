//! Projects: what everything else belongs to, and who belongs to them.

mod error;
mod model;
mod ports;

pub use error::ProjectError;
pub use model::{Member, NewProject, Project, ProjectKey, ProjectPatch, ProjectStats};
pub use ports::{MembershipRepo, ProjectRepo};
