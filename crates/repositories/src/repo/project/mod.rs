//! Projects and their members.

mod membership;
mod row;
