//! Rows of `technologies`. The full-text column is PostgreSQL's own and is never read.

use sea_orm::entity::prelude::*;

/// One technology.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "technologies")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub title: String,
    pub title_key: String,
    pub vendor: Option<String>,
    pub domain: String,
    pub status: String,
    pub ring: Option<String>,
    pub relevance_score: i32,
    pub priority: i32,
    pub description: Option<String>,
    pub notes: Option<String>,
    pub use_cases: Option<String>,
    pub documentation_url: Option<String>,
    pub repository_url: Option<String>,
    pub website_url: Option<String>,
    pub tags: Option<String>,
    pub latency_ms: Option<f64>,
    pub throughput_qps: Option<i32>,
    pub integration_difficulty: Option<String>,
    pub integration_time_estimate_days: Option<i32>,
    pub maturity_level: Option<String>,
    pub stability_score: Option<i32>,
    pub cost_tier: Option<String>,
    pub cost_monthly_usd: Option<f64>,
    pub dependencies: Option<Json>,
    pub alternatives: Option<String>,
    pub last_hn_mention: Option<DateTimeUtc>,
    pub hn_score_avg: Option<i32>,
    pub github_stars: Option<i32>,
    pub github_last_commit: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
