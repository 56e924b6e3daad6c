//! From rows to technologies and back.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{TechnologyId, Timestamp};
use commandcenter_domain::technology::{
    CostTier, IntegrationDifficulty, Links, MaturityLevel, Measures, Monitoring, Profile, Ring, Technology, TechnologyDomain,
    TechnologyStatus, Title,
};
use sea_orm::ActiveValue::{NotSet, Set};

use crate::entity::technology::{ActiveModel, Model};

pub(super) fn inserted(scope: &ProjectScope, profile: &Profile, at: Timestamp) -> ActiveModel {
    ActiveModel {
        project_id: Set(scope.project().get()),
        version: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
        ..described(profile.clone())
    }
}

pub(super) fn updated(technology: &Technology) -> ActiveModel {
    ActiveModel { version: Set(technology.version), updated_at: Set(technology.updated_at), ..described(technology.profile.clone()) }
}

/// Every column that a profile fills.
fn described(profile: Profile) -> ActiveModel {
    let Profile {
        title,
        vendor,
        domain,
        status,
        ring,
        relevance_score,
        priority,
        description,
        notes,
        use_cases,
        links,
        tags,
        measures,
        ..
    } = profile;
    let Profile { dependencies, alternatives, monitoring, .. } = profile;
    let text = |value: &'static str| value.to_owned();
    ActiveModel {
        id: NotSet,
        project_id: NotSet,
        title: Set(title.as_str().to_owned()),
        title_key: Set(title.key()),
        vendor: Set(vendor),
        domain: Set(text(domain.as_str())),
        status: Set(text(status.as_str())),
        ring: Set(ring.map(|ring| text(ring.as_str()))),
        relevance_score: Set(relevance_score),
        priority: Set(priority),
        description: Set(description),
        notes: Set(notes),
        use_cases: Set(use_cases),
        documentation_url: Set(links.documentation),
        repository_url: Set(links.repository),
        website_url: Set(links.website),
        tags: Set(tags),
        latency_ms: Set(measures.latency_ms),
        throughput_qps: Set(measures.throughput_qps),
        integration_difficulty: Set(measures.integration_difficulty.map(|one| text(one.as_str()))),
        integration_time_estimate_days: Set(measures.integration_days),
        maturity_level: Set(measures.maturity_level.map(|one| text(one.as_str()))),
        stability_score: Set(measures.stability_score),
        cost_tier: Set(measures.cost_tier.map(|one| text(one.as_str()))),
        cost_monthly_usd: Set(measures.cost_monthly_usd),
        dependencies: Set(dependencies),
        alternatives: Set(alternatives),
        last_hn_mention: Set(monitoring.last_hn_mention),
        hn_score_avg: Set(monitoring.hn_score_avg),
        github_stars: Set(monitoring.github_stars),
        github_last_commit: Set(monitoring.github_last_commit),
        version: NotSet,
        created_at: NotSet,
        updated_at: NotSet,
    }
}

impl TryFrom<Model> for Technology {
    type Error = String;

    fn try_from(row: Model) -> Result<Self, String> {
        let id = row.id;
        let unknown = |column: &str| format!("technology {id}: {column} holds an unknown value");
        let measures = Measures {
            latency_ms: row.latency_ms,
            throughput_qps: row.throughput_qps,
            integration_difficulty: optional(row.integration_difficulty, IntegrationDifficulty::parse, || {
                unknown("integration_difficulty")
            })?,
            integration_days: row.integration_time_estimate_days,
            maturity_level: optional(row.maturity_level, MaturityLevel::parse, || unknown("maturity_level"))?,
            stability_score: row.stability_score,
            cost_tier: optional(row.cost_tier, CostTier::parse, || unknown("cost_tier"))?,
            cost_monthly_usd: row.cost_monthly_usd,
        };
        let profile = Profile {
            title: Title::stored(row.title),
            vendor: row.vendor,
            domain: TechnologyDomain::parse(&row.domain).ok_or_else(|| unknown("domain"))?,
            status: TechnologyStatus::parse(&row.status).ok_or_else(|| unknown("status"))?,
            ring: optional(row.ring, Ring::parse, || unknown("ring"))?,
            relevance_score: row.relevance_score,
            priority: row.priority,
            description: row.description,
            notes: row.notes,
            use_cases: row.use_cases,
            links: Links { documentation: row.documentation_url, repository: row.repository_url, website: row.website_url },
            tags: row.tags,
            measures,
            dependencies: row.dependencies,
            alternatives: row.alternatives,
            monitoring: Monitoring {
                last_hn_mention: row.last_hn_mention,
                hn_score_avg: row.hn_score_avg,
                github_stars: row.github_stars,
                github_last_commit: row.github_last_commit,
            },
        };
        Ok(Self { id: TechnologyId::new(id), profile, version: row.version, created_at: row.created_at, updated_at: row.updated_at })
    }
}

fn optional<T>(text: Option<String>, parse: impl Fn(&str) -> Option<T>, unknown: impl Fn() -> String) -> Result<Option<T>, String> {
    text.map(|text| parse(&text).ok_or_else(unknown)).transpose()
}
