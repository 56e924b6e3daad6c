//! What clients see of technologies.

use chrono::{DateTime, Utc};
use commandcenter_domain::shared::{RepositoryId, TechnologyId};
use commandcenter_domain::technology::{
    CostTier, IntegrationDifficulty, Links, MaturityLevel, Measures, Monitoring, Profile, RepositoryLink, Ring, Technology,
    TechnologyDomain, TechnologyStatus,
};
use commandcenter_services::technology::Linked;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A technology.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TechnologyView {
    #[schema(value_type = i64)]
    id: TechnologyId,
    title: String,
    vendor: Option<String>,
    #[schema(value_type = String)]
    domain: TechnologyDomain,
    #[schema(value_type = String)]
    status: TechnologyStatus,
    /// `adopt`, `trial`, `assess` or `hold`.
    #[schema(value_type = Option<String>)]
    ring: Option<Ring>,
    relevance_score: i32,
    priority: i32,
    description: Option<String>,
    notes: Option<String>,
    use_cases: Option<String>,
    documentation_url: Option<String>,
    repository_url: Option<String>,
    website_url: Option<String>,
    tags: Option<String>,
    latency_ms: Option<f64>,
    throughput_qps: Option<i32>,
    #[schema(value_type = Option<String>)]
    integration_difficulty: Option<IntegrationDifficulty>,
    integration_time_estimate_days: Option<i32>,
    #[schema(value_type = Option<String>)]
    maturity_level: Option<MaturityLevel>,
    stability_score: Option<i32>,
    #[schema(value_type = Option<String>)]
    cost_tier: Option<CostTier>,
    cost_monthly_usd: Option<f64>,
    dependencies: Option<Value>,
    alternatives: Option<String>,
    last_hn_mention: Option<DateTime<Utc>>,
    hn_score_avg: Option<i32>,
    github_stars: Option<i32>,
    github_last_commit: Option<DateTime<Utc>>,
    /// The linked repositories; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<i64>>)]
    repository_ids: Option<Vec<RepositoryId>>,
    /// Goes up with every change; the `ETag` is this number in quotes.
    pub(super) version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Technology> for TechnologyView {
    fn from(technology: Technology) -> Self {
        let Technology { id, profile, version, created_at, updated_at } = technology;
        let Profile { title, vendor, domain, status, ring, relevance_score, priority, description, notes, use_cases, links, .. } = profile;
        let Profile { tags, measures, dependencies, alternatives, monitoring, .. } = profile;
        let Links { documentation, repository, website } = links;
        let Measures {
            latency_ms,
            throughput_qps,
            integration_difficulty,
            integration_days,
            maturity_level,
            stability_score,
            cost_tier,
            cost_monthly_usd,
        } = measures;
        let Monitoring { last_hn_mention, hn_score_avg, github_stars, github_last_commit } = monitoring;
        Self {
            id,
            title: title.into_inner(),
            vendor,
            domain,
            status,
            ring,
            relevance_score,
            priority,
            description,
            notes,
            use_cases,
            documentation_url: documentation,
            repository_url: repository,
            website_url: website,
            tags,
            latency_ms,
            throughput_qps,
            integration_difficulty,
            integration_time_estimate_days: integration_days,
            maturity_level,
            stability_score,
            cost_tier,
            cost_monthly_usd,
            dependencies,
            alternatives,
            last_hn_mention,
            hn_score_avg,
            github_stars,
            github_last_commit,
            repository_ids: None,
            version,
            created_at,
            updated_at,
        }
    }
}

impl From<Linked> for TechnologyView {
    fn from(Linked { technology, repositories }: Linked) -> Self {
        Self { repository_ids: Some(repositories), ..Self::from(technology) }
    }
}

/// A linked repository.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RepositoryLinkView {
    #[schema(value_type = i64)]
    id: RepositoryId,
    full_name: String,
    url: Option<String>,
}

impl From<RepositoryLink> for RepositoryLinkView {
    fn from(link: RepositoryLink) -> Self {
        let RepositoryLink { id, full_name, url } = link;
        Self { id, full_name, url }
    }
}
