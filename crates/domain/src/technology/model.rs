//! A technology and everything the radar knows of it.

use serde_json::Value;

use crate::shared::{Checker, Limits, RepositoryId, TechnologyId, Timestamp};

use super::{CostTier, IntegrationDifficulty, MaturityLevel, Ring, TechnologyDomain, TechnologyStatus};

/// A technology's name. **Invariant:** trimmed, 1 to 255 characters, none of them control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// Reads a title, noting broken rules.
    pub fn check(check: &mut Checker, text: &str) -> Self {
        Self(check.line("title", text, Limits { min: 1, max: 255 }))
    }

    /// A title that storage kept.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, given away.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }

    /// What two titles that differ in case only have in common. Titles are unique by it within a project, and sorted by it.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// Where to read on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// Its documentation.
    pub documentation: Option<String>,
    /// Its source.
    pub repository: Option<String>,
    /// Its home page.
    pub website: Option<String>,
}

/// What using it costs in time, money and trouble.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measures {
    /// Latency in milliseconds, 99th percentile.
    pub latency_ms: Option<f64>,
    /// Queries per second.
    pub throughput_qps: Option<i32>,
    /// How hard the integration is.
    pub integration_difficulty: Option<IntegrationDifficulty>,
    /// Days an integration is expected to take.
    pub integration_days: Option<i32>,
    /// How grown up it is.
    pub maturity_level: Option<MaturityLevel>,
    /// How stable it is, 0 to 100.
    pub stability_score: Option<i32>,
    /// What it costs, roughly.
    pub cost_tier: Option<CostTier>,
    /// What it costs a month, in US dollars.
    pub cost_monthly_usd: Option<f64>,
}

/// What watching it has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Monitoring {
    /// When Hacker News last talked of it.
    pub last_hn_mention: Option<Timestamp>,
    /// Mean score there.
    pub hn_score_avg: Option<i32>,
    /// Stars on GitHub.
    pub github_stars: Option<i32>,
    /// The newest commit on GitHub.
    pub github_last_commit: Option<Timestamp>,
}

/// All that people and monitors say of a technology.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name.
    pub title: Title,
    /// Who makes it.
    pub vendor: Option<String>,
    /// Its field.
    pub domain: TechnologyDomain,
    /// How far the project has come with it.
    pub status: TechnologyStatus,
    /// What the project advises.
    pub ring: Option<Ring>,
    /// How much it matters to the project, 0 to 100.
    pub relevance_score: i32,
    /// 1 to 5, the highest first.
    pub priority: i32,
    /// What it is.
    pub description: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// What it would be used for.
    pub use_cases: Option<String>,
    /// Where to read on.
    pub links: Links,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// What using it costs.
    pub measures: Measures,
    /// Technologies it depends on: an object from their ids to the kind of relationship.
    pub dependencies: Option<Value>,
    /// Comma-separated ids of alternatives.
    pub alternatives: Option<String>,
    /// What watching it has shown.
    pub monitoring: Monitoring,
}

impl Profile {
    /// A profile of which nothing is known, not even the title: the ground that a new technology's input is laid on.
    #[must_use]
    pub fn blank() -> Self {
        Self {
            title: Title(String::new()),
            vendor: None,
            domain: TechnologyDomain::Other,
            status: TechnologyStatus::Discovery,
            ring: None,
            relevance_score: 50,
            priority: 3,
            description: None,
            notes: None,
            use_cases: None,
            links: Links::default(),
            tags: None,
            measures: Measures::default(),
            dependencies: None,
            alternatives: None,
            monitoring: Monitoring::default(),
        }
    }
}

/// A technology on a project's radar.
#[derive(Debug, Clone, PartialEq)]
pub struct Technology {
    /// Its id.
    pub id: TechnologyId,
    /// What is said of it.
    pub profile: Profile,
    /// Goes up with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A repository that a technology is linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryLink {
    /// The repository.
    pub id: RepositoryId,
    /// `owner/name`.
    pub full_name: String,
    /// Its page for people.
    pub url: Option<String>,
}
