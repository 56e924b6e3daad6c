//! Roles within a project.

use crate::text_enum;

text_enum! {
    /// What a member may do in a project. Ordered: each role can do all that those before it can.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Also writes.
        Member = "member",
        /// Also manages integrations, webhooks, schedules, and members below owner.
        Maintainer = "maintainer",
        /// Also deletes and transfers the project.
        Owner = "owner",
    }
}
