//! What clients say of a technology, checked. The same type serves creation (over a blank profile) and change (over the stored one).

use serde::Deserialize;
use serde_json::Value;

use crate::shared::{Checker, Invalid, Patch};

use super::model::{Links, Measures, Monitoring, Profile, Title};
use super::{CostTier, IntegrationDifficulty, MaturityLevel, Ring, TechnologyDomain, TechnologyStatus};

const MAX_TEXT: usize = 50_000;
const MAX_LINE: usize = 1_000;
/// Dependencies are free within 64 KiB of JSON.
const MAX_DEPENDENCIES: usize = 64 * 1024;
const MAX_COUNT: i64 = i32::MAX as i64;
const MAX_AMOUNT: f64 = 1e12;

/// Fields of a technology as a client gave them. Read from JSON, null empties a field and what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Profile`")]
pub struct ProfileInput {
    pub title: Patch<String>,
    pub vendor: Patch<String>,
    pub domain: Patch<String>,
    pub status: Patch<String>,
    pub ring: Patch<String>,
    pub relevance_score: Patch<i64>,
    pub priority: Patch<i64>,
    pub description: Patch<String>,
    pub notes: Patch<String>,
    pub use_cases: Patch<String>,
    pub documentation_url: Patch<String>,
    pub repository_url: Patch<String>,
    pub website_url: Patch<String>,
    pub tags: Patch<String>,
    pub latency_ms: Patch<f64>,
    pub throughput_qps: Patch<i64>,
    pub integration_difficulty: Patch<String>,
    pub integration_time_estimate_days: Patch<i64>,
    pub maturity_level: Patch<String>,
    pub stability_score: Patch<i64>,
    pub cost_tier: Patch<String>,
    pub cost_monthly_usd: Patch<f64>,
    pub dependencies: Patch<Value>,
    pub alternatives: Patch<String>,
    pub last_hn_mention: Patch<String>,
    pub hn_score_avg: Patch<i64>,
    pub github_stars: Patch<i64>,
    pub github_last_commit: Patch<String>,
}

impl ProfileInput {
    /// The profile that comes of laying this input over `base`.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn over(self, base: Profile) -> Result<Profile, Invalid> {
        let mut check = Checker::new();
        let mut over = Over { check: &mut check };
        let profile = Profile {
            title: over.required("title", self.title, base.title, |check, text| Some(Title::check(check, &text))),
            vendor: over.line("vendor", self.vendor, base.vendor, 255),
            domain: over.required("domain", self.domain, base.domain, |c, t| c.choice("domain", &t, TechnologyDomain::parse)),
            status: over.required("status", self.status, base.status, |c, t| c.choice("status", &t, TechnologyStatus::parse)),
            ring: over.optional(self.ring, base.ring, |c, t| c.choice("ring", &t, Ring::parse)),
            relevance_score: over
                .required("relevance_score", self.relevance_score, base.relevance_score, |c, n| count(c, "relevance_score", n, (0, 100))),
            priority: over.required("priority", self.priority, base.priority, |c, n| count(c, "priority", n, (1, 5))),
            description: over.block("description", self.description, base.description),
            notes: over.block("notes", self.notes, base.notes),
            use_cases: over.block("use_cases", self.use_cases, base.use_cases),
            links: Links {
                documentation: over.url("documentation_url", self.documentation_url, base.links.documentation),
                repository: over.url("repository_url", self.repository_url, base.links.repository),
                website: over.url("website_url", self.website_url, base.links.website),
            },
            tags: over.line("tags", self.tags, base.tags, MAX_LINE),
            measures: Measures {
                latency_ms: over.amount("latency_ms", self.latency_ms, base.measures.latency_ms),
                throughput_qps: over.count("throughput_qps", self.throughput_qps, base.measures.throughput_qps),
                integration_difficulty: over.optional(self.integration_difficulty, base.measures.integration_difficulty, |c, t| {
                    c.choice("integration_difficulty", &t, IntegrationDifficulty::parse)
                }),
                integration_days: over.count(
                    "integration_time_estimate_days",
                    self.integration_time_estimate_days,
                    base.measures.integration_days,
                ),
                maturity_level: over.optional(self.maturity_level, base.measures.maturity_level, |c, t| {
                    c.choice("maturity_level", &t, MaturityLevel::parse)
                }),
                stability_score: over
                    .optional(self.stability_score, base.measures.stability_score, |c, n| count(c, "stability_score", n, (0, 100))),
                cost_tier: over.optional(self.cost_tier, base.measures.cost_tier, |c, t| c.choice("cost_tier", &t, CostTier::parse)),
                cost_monthly_usd: over.amount("cost_monthly_usd", self.cost_monthly_usd, base.measures.cost_monthly_usd),
            },
            dependencies: over.optional(self.dependencies, base.dependencies, |c, value| Some(dependencies(c, value))),
            alternatives: over.line("alternatives", self.alternatives, base.alternatives, MAX_LINE),
            monitoring: Monitoring {
                last_hn_mention: over
                    .optional(self.last_hn_mention, base.monitoring.last_hn_mention, |c, t| c.moment("last_hn_mention", &t)),
                hn_score_avg: over.count("hn_score_avg", self.hn_score_avg, base.monitoring.hn_score_avg),
                github_stars: over.count("github_stars", self.github_stars, base.monitoring.github_stars),
                github_last_commit: over
                    .optional(self.github_last_commit, base.monitoring.github_last_commit, |c, t| c.moment("github_last_commit", &t)),
            },
        };
        check.finish(profile)
    }
}

/// Lays patches over values.
struct Over<'a> {
    check: &'a mut Checker,
}

impl Over<'_> {
    fn required<T, U>(&mut self, field: &str, patch: Patch<T>, base: U, read: impl FnOnce(&mut Checker, T) -> Option<U>) -> U {
        match patch {
            Patch::Keep => base,
            Patch::Clear => {
                self.check.note(field, "null", "must not be null");
                base
            }
            Patch::Set(value) => read(self.check, value).unwrap_or(base),
        }
    }

    fn optional<T, U>(&mut self, patch: Patch<T>, base: Option<U>, read: impl FnOnce(&mut Checker, T) -> Option<U>) -> Option<U> {
        match patch {
            Patch::Keep => base,
            Patch::Clear => None,
            Patch::Set(value) => read(self.check, value),
        }
    }

    fn line(&mut self, field: &str, patch: Patch<String>, base: Option<String>, max: usize) -> Option<String> {
        self.optional(patch, base, |check, text| check.optional_line(field, Some(&text), max))
    }

    fn block(&mut self, field: &str, patch: Patch<String>, base: Option<String>) -> Option<String> {
        self.optional(patch, base, |check, text| check.optional_block(field, Some(&text), MAX_TEXT))
    }

    fn url(&mut self, field: &str, patch: Patch<String>, base: Option<String>) -> Option<String> {
        self.optional(patch, base, |check, text| check.url(field, Some(&text)))
    }

    fn count(&mut self, field: &str, patch: Patch<i64>, base: Option<i32>) -> Option<i32> {
        self.optional(patch, base, |check, value| count(check, field, value, (0, MAX_COUNT)))
    }

    fn amount(&mut self, field: &str, patch: Patch<f64>, base: Option<f64>) -> Option<f64> {
        self.optional(patch, base, |check, value| Some(check.number(field, value, (0.0, MAX_AMOUNT))))
    }
}

fn count(check: &mut Checker, field: &str, value: i64, bounds: (i64, i64)) -> Option<i32> {
    i32::try_from(check.number(field, value, bounds)).ok()
}

fn dependencies(check: &mut Checker, value: Value) -> Value {
    let text = value.to_string();
    if !value.is_object() {
        check.note("dependencies", "not_an_object", "must be an object from technology ids to relationships");
    }
    if text.len() > MAX_DEPENDENCIES {
        check.note("dependencies", "too_long", format!("must have at most {MAX_DEPENDENCIES} bytes of JSON"));
    }
    if text.contains("\\u0000") {
        check.note("dependencies", "nul", "must not contain the NUL character");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Patch<String> {
        Patch::Set(text.to_owned())
    }

    #[test]
    fn a_new_technology_needs_a_title_and_takes_defaults() {
        let profile = ProfileInput { title: set("  Faust "), ..Default::default() }.over(Profile::blank()).unwrap();
        assert_eq!((profile.title.as_str(), profile.priority, profile.relevance_score), ("Faust", 3, 50));
        assert!(ProfileInput { title: set(" "), ..Default::default() }.over(Profile::blank()).is_err());
    }

    #[test]
    fn every_broken_rule_is_named_at_once() {
        let input = ProfileInput {
            title: Patch::Clear,
            domain: set("cooking"),
            priority: Patch::Set(6),
            website_url: set("javascript:alert(1)"),
            throughput_qps: Patch::Set(1 << 31),
            cost_monthly_usd: Patch::Set(-0.01),
            dependencies: Patch::Set(serde_json::json!([1])),
            last_hn_mention: set("2026-11-21T10:00:00"),
            ..Default::default()
        };
        let Invalid(errors) = input.over(Profile::blank()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        let expected =
            ["title", "domain", "priority", "website_url", "throughput_qps", "cost_monthly_usd", "dependencies", "last_hn_mention"];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name_and_empties_what_it_nulls() {
        let first =
            ProfileInput { title: set("A"), vendor: set("V"), notes: set("N"), ..Default::default() }.over(Profile::blank()).unwrap();
        let second = ProfileInput { vendor: Patch::Clear, ..Default::default() }.over(first).unwrap();
        assert_eq!((second.title.as_str(), second.vendor, second.notes.as_deref()), ("A", None, Some("N")));
    }
}
