//! What a writer demands of the version it is about to change.

/// A condition on the stored version, from `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Precondition {
    /// None: the last write wins.
    #[default]
    Nothing,
    /// The stored version must be one of these.
    OneOf(Vec<i64>),
}

impl Precondition {
    /// Whether a thing of this version may be changed.
    #[must_use]
    pub fn holds(&self, version: i64) -> bool {
        match self {
            Self::Nothing => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
