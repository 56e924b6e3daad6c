//! Source code: which language it is in, and what it defines where.

pub(crate) mod language;
mod sections;

pub(crate) use sections::sections;
