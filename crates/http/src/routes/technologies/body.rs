//! What clients send of technologies.

use commandcenter_domain::Patch;
use commandcenter_domain::technology::ProfileInput;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::extract::double_option;

/// Declares the two bodies, which differ in the title only, from one list of fields.
macro_rules! bodies {
    ($($(#[$meta:meta])* $field:ident: $type:ident,)+) => {
        /// A technology to put on the radar.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"title": "Faust", "vendor": "GRAME", "domain": "audio-dsp", "status": "evaluation", "ring": "trial", "priority": 4}))]
        pub(in crate::routes) struct CreateTechnology {
            /// 1 to 255 characters, unique in the project whatever its case.
            title: String,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$type>)] $field: Option<Option<$type>>,)+
        }

        /// What of a technology changes. A field left out stays; null empties what may be empty.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"status": "integrated", "ring": "adopt", "notes": null}))]
        pub(super) struct UpdateTechnology {
            /// 1 to 255 characters, unique in the project whatever its case.
            #[serde(default, deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            title: Option<Option<String>>,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$type>)] $field: Option<Option<$type>>,)+
        }

        impl From<CreateTechnology> for ProfileInput {
            fn from(body: CreateTechnology) -> Self {
                Self { title: Patch::Set(body.title), $($field: Patch::from_double(body.$field),)+ }
            }
        }

        impl From<UpdateTechnology> for ProfileInput {
            fn from(body: UpdateTechnology) -> Self {
                Self { title: Patch::from_double(body.title), $($field: Patch::from_double(body.$field),)+ }
            }
        }
    };
}

bodies! {
    /// Who makes it; at most 255 characters.
    vendor: String,
    /// `audio-dsp`, `ai-ml`, `music-theory`, `performance`, `ui-ux`, `infrastructure` or `other` (default).
    domain: String,
    /// `discovery` (default), `research`, `evaluation`, `implementation`, `integrated` or `archived`.
    status: String,
    /// `adopt`, `trial`, `assess` or `hold`.
    ring: String,
    /// 0 to 100; 50 if left out.
    relevance_score: i64,
    /// 1 to 5, 5 the highest; 3 if left out.
    priority: i64,
    /// What it is.
    description: String,
    /// Notes.
    notes: String,
    /// What it would be used for.
    use_cases: String,
    /// An http or https URL.
    documentation_url: String,
    /// An http or https URL.
    repository_url: String,
    /// An http or https URL.
    website_url: String,
    /// Comma-separated; at most 1,000 characters.
    tags: String,
    /// Latency in milliseconds, 99th percentile.
    latency_ms: f64,
    /// Queries per second.
    throughput_qps: i64,
    /// `trivial`, `easy`, `moderate`, `complex` or `very_complex`.
    integration_difficulty: String,
    /// Days an integration is expected to take.
    integration_time_estimate_days: i64,
    /// `alpha`, `beta`, `stable`, `mature` or `legacy`.
    maturity_level: String,
    /// 0 to 100.
    stability_score: i64,
    /// `free`, `freemium`, `affordable`, `moderate`, `expensive` or `enterprise`.
    cost_tier: String,
    /// US dollars a month.
    cost_monthly_usd: f64,
    /// An object from technology ids to relationships.
    dependencies: Value,
    /// Comma-separated ids; at most 1,000 characters.
    alternatives: String,
    /// RFC 3339 with a zone.
    last_hn_mention: String,
    /// Mean score on Hacker News.
    hn_score_avg: i64,
    /// Stars on GitHub.
    github_stars: i64,
    /// RFC 3339 with a zone.
    github_last_commit: String,
}

/// Which technologies. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListTechnologies {
    /// Which page, from 1.
    pub(super) page: Option<i64>,
    /// Rows per page, 1 to 100.
    pub(super) limit: Option<i64>,
    /// `priority`, `relevance_score`, `title`, `status`, `domain`, `created_at` or `updated_at`; with `-` in front the other way. Without it:
    /// priority, relevance and last change, each descending.
    pub(super) sort: Option<String>,
    /// Of this domain.
    pub(super) domain: Option<String>,
    /// Of this status.
    pub(super) status: Option<String>,
    /// In this ring.
    pub(super) ring: Option<String>,
    /// Of at least this priority, 1 to 5.
    pub(super) priority_min: Option<i64>,
    /// Of this maturity.
    pub(super) maturity_level: Option<String>,
    /// Of this cost tier.
    pub(super) cost_tier: Option<String>,
    /// With a word that begins like each of these words, in title, vendor, tags, description, use cases or notes.
    pub(super) search: Option<String>,
}
