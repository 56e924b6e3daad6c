//! Parsing in a process of its own: what runs there has neither files nor network, little memory and little time.

mod child;
mod limits;
mod parent;
mod wire;

pub use child::{serve_child, serve_child_with};
pub use limits::ParserLimits;
pub use parent::IsolatedParser;

/// The first argument of a program that is to read one file and end; every program of the product understands it.
pub const CHILD_ARGUMENT: &str = "__read-file";
