//! Which technologies a list is to hold, and in which order.

use crate::shared::{Checker, Invalid};
use crate::text_enum;

use super::{CostTier, MaturityLevel, Ring, TechnologyDomain, TechnologyStatus};

text_enum! {
    /// What a list of technologies can be sorted by. Without a sort: priority, relevance and last change, each descending.
    TechnologySort {
        /// Priority, then relevance, then last change.
        Priority = "priority",
        /// Relevance.
        RelevanceScore = "relevance_score",
        /// Title, whatever its case.
        Title = "title",
        /// Status, then as by priority.
        Status = "status",
        /// Domain, then as by priority.
        Domain = "domain",
        /// When it was added.
        CreatedAt = "created_at",
        /// When it last changed.
        UpdatedAt = "updated_at",
    }
}

/// Conditions that combine with AND.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TechnologyFilter {
    /// Of this field.
    pub domain: Option<TechnologyDomain>,
    /// Of this status.
    pub status: Option<TechnologyStatus>,
    /// In this ring.
    pub ring: Option<Ring>,
    /// Of at least this priority.
    pub priority_min: Option<i32>,
    /// Of this maturity.
    pub maturity_level: Option<MaturityLevel>,
    /// Of this cost.
    pub cost_tier: Option<CostTier>,
    /// With words that begin like each word of this text.
    pub search: Option<String>,
}

/// Conditions as a client gave them.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in `TechnologyFilter`")]
pub struct TechnologyFilterInput<'a> {
    pub domain: Option<&'a str>,
    pub status: Option<&'a str>,
    pub ring: Option<&'a str>,
    pub priority_min: Option<i64>,
    pub maturity_level: Option<&'a str>,
    pub cost_tier: Option<&'a str>,
    pub search: Option<&'a str>,
}

impl TechnologyFilter {
    /// Checks a client's conditions; a blank search filters nothing.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(input: &TechnologyFilterInput<'_>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let filter = Self {
            domain: input.domain.and_then(|text| check.choice("domain", text, TechnologyDomain::parse)),
            status: input.status.and_then(|text| check.choice("status", text, TechnologyStatus::parse)),
            ring: input.ring.and_then(|text| check.choice("ring", text, Ring::parse)),
            priority_min: input.priority_min.and_then(|n| i32::try_from(check.number("priority_min", n, (1, 5))).ok()),
            maturity_level: input.maturity_level.and_then(|text| check.choice("maturity_level", text, MaturityLevel::parse)),
            cost_tier: input.cost_tier.and_then(|text| check.choice("cost_tier", text, CostTier::parse)),
            search: check.optional_line("search", input.search, 200),
        };
        check.finish(filter)
    }

    /// Whether every technology passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
