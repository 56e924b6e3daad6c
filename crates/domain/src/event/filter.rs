//! Which types of events a reader wants.

use super::EventType;
use crate::shared::Invalid;

/// Most patterns of a filter.
const MOST: usize = 50;

/// Types a reader wants. **Invariant:** every pattern names a type that exists, or begins the name of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// This one.
    Type(String),
    /// All that begin so.
    Start(String),
}

impl EventFilter {
    /// Every type, those of the future too.
    #[must_use]
    pub fn everything() -> Self {
        Self(vec![Pattern::Start(String::new())])
    }

    /// Reads `cc.job.*,cc.technology.created.v1`; `cc.` may be left out. Nothing means everything.
    ///
    /// # Errors
    /// [`Invalid`] on `types`.
    pub fn parse(text: Option<&str>) -> Result<Self, Invalid> {
        let parts: Vec<&str> = text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            return Ok(Self::everything());
        }
        if parts.len() > MOST {
            return Err(Invalid::one("types", "too_many", format!("must have at most {MOST} entries")));
        }
        let patterns: Option<Vec<Pattern>> = parts.into_iter().map(Pattern::parse).collect();
        patterns.map(Self).ok_or_else(|| {
            let message = "names a type that does not exist; GET /api/v1/events/schemas lists them, and `cc.job.*` means all of a context";
            Invalid::one("types", "unknown_value", message)
        })
    }

    /// Whether events of a type are wanted.
    #[must_use]
    pub fn admits(&self, kind: &str) -> bool {
        self.0.iter().any(|pattern| pattern.admits(kind))
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let full = if text == "*" || text.starts_with("cc.") { text.to_owned() } else { format!("cc.{text}") };
        let pattern = match full.strip_suffix('*') {
            Some(start) if start.is_empty() || start.ends_with('.') => Self::Start(start.to_owned()),
            Some(_) => return None,
            None => Self::Type(full),
        };
        EventType::all().any(|one| pattern.admits(one.name)).then_some(pattern)
    }

    fn admits(&self, kind: &str) -> bool {
        match self {
            Self::Type(name) => kind == name,
            Self::Start(start) => kind.starts_with(start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_types_or_contexts_that_exist() {
        let admits = |filter: &str, kind: &str| EventFilter::parse(Some(filter)).unwrap().admits(kind);
        let cases = [
            ("cc.job.*", "cc.job.failed.v1", true),
            ("job.*", "cc.job.failed.v1", true),
            ("cc.job.*", "cc.schedule.fired.v1", false),
            ("cc.job.failed.v1, technology.*", "cc.technology.linked.v1", true),
            ("cc.job.failed.v1", "cc.job.completed.v1", false),
            ("cc.job.failed.*", "cc.job.failed.v1", true),
            ("*", "cc.project.deleted.v1", true),
            ("", "cc.of.the_future.v2", true),
            (" , ", "cc.job.failed.v1", true),
        ];
        for (filter, kind, wanted) in cases {
            assert_eq!(admits(filter, kind), wanted, "{filter} {kind}");
        }
        for wrong in ["cc.job", "cc.jo*", "cc.nothing.*", "cc.job.failed.v9", "cc.job.*,x", "*.failed.v1"] {
            assert!(EventFilter::parse(Some(wrong)).is_err(), "{wrong}");
        }
        assert!(EventFilter::parse(Some(&"cc.job.*,".repeat(MOST + 1))).is_err());
        assert!(EventFilter::parse(None).unwrap().admits("cc.of.the_future.v2"));
    }
}
