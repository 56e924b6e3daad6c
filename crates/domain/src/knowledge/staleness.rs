//! How far a document can no longer be relied on, told from what is known of it without any model.
//!
//! Every sign gives a weight between 0 and 1. Weights add up as chances of independent flaws do: the score is one minus the product of what
//! each leaves over, so that it stays below 1, no sign takes anything back, and one strong sign is enough.

use serde::{Deserialize, Serialize};

use crate::shared::{DocumentId, ProjectId, Timestamp};
use crate::text_enum;

/// Days in which nothing has to be confirmed.
const GRACE_DAYS: f64 = 180.0;
/// Days beyond the grace after which half of age's weight is reached.
const HALF_DAYS: f64 = 365.0;
/// Most that age alone weighs.
const AGE: f64 = 0.6;
/// What a place weighs that has just stopped to answer, and what it weighs in the end.
const UNREACHABLE: (f64, f64) = (0.3, 0.8);
/// Days until it weighs so much.
const PATIENCE_DAYS: f64 = 14.0;
/// What a place weighs that says that it holds the document no more.
const GONE: f64 = 0.9;
/// What a newer version weighs that could not be read.
const SUPERSEDED: f64 = 0.5;

text_enum! {
    /// Why a document may no longer be relied on.
    StaleReason {
        /// Nothing has confirmed it for long.
        Age = "age",
        /// Where it came from does not answer.
        Unreachable = "unreachable",
        /// Where it came from holds it no more.
        Gone = "gone",
        /// A newer version is there and could not be read.
        Superseded = "superseded",
    }
}

/// A sign with what it weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleSign {
    /// What it is a sign of.
    pub code: StaleReason,
    /// Its weight, in thousandths.
    pub weight: i32,
    /// Since when it has been so.
    pub since: Timestamp,
}

/// How far a document can no longer be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Staleness {
    /// From 0, nothing speaks against it, to 1000.
    pub score: i32,
    /// The signs, heaviest first.
    pub signs: Vec<StaleSign>,
}

impl Staleness {
    /// The score from which on a document counts as stale.
    pub const STALE: i32 = 500;

    /// Whether it counts as stale.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.score >= Self::STALE
    }
}

/// What is known of a document that tells how far it can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The document.
    pub document: DocumentId,
    /// Its project.
    pub project: ProjectId,
    /// What it is called.
    pub title: String,
    /// When it was last seen to be as it is: read, or found unchanged where it came from.
    pub confirmed_at: Timestamp,
    /// Since when the place it came from has not been answering.
    pub failing_since: Option<Timestamp>,
    /// Whether that place says that it holds the document no more.
    pub is_gone: bool,
    /// Since when a newer version has been there that could not be read.
    pub superseded_since: Option<Timestamp>,
    /// Whether it counted as stale when it was last judged.
    pub was_stale: bool,
}

impl Evidence {
    /// Judges the document.
    #[must_use]
    pub fn judge(&self, now: Timestamp) -> Staleness {
        let place = |since| {
            if self.is_gone { (StaleReason::Gone, GONE, since) } else { (StaleReason::Unreachable, unreachable(days(since, now)), since) }
        };
        let place = self.failing_since.map(place);
        let age = (StaleReason::Age, age(days(self.confirmed_at, now)), self.confirmed_at);
        let newer = self.superseded_since.map(|since| (StaleReason::Superseded, SUPERSEDED, since));
        let mut signs: Vec<StaleSign> = place.into_iter().chain(newer).chain([age]).filter_map(sign).collect();
        signs.sort_by_key(|sign| std::cmp::Reverse(sign.weight));
        let left: f64 = signs.iter().map(|sign| 1.0 - f64::from(sign.weight) / 1000.0).product();
        Staleness { score: thousandths(1.0 - left), signs }
    }
}

fn sign((code, weight, since): (StaleReason, f64, Timestamp)) -> Option<StaleSign> {
    let weight = thousandths(weight);
    (weight > 0).then_some(StaleSign { code, weight, since })
}

/// Days from one moment to another; a clock that went back makes none.
fn days(since: Timestamp, now: Timestamp) -> f64 {
    let seconds = (now - since).num_seconds().max(0);
    f64::from(i32::try_from(seconds / 60).unwrap_or(i32::MAX)) / (24.0 * 60.0)
}

fn age(days: f64) -> f64 {
    AGE * (1.0 - (-(days - GRACE_DAYS).max(0.0) / HALF_DAYS).exp2())
}

fn unreachable(days: f64) -> f64 {
    let (first, last) = UNREACHABLE;
    first + (last - first) * (days / PATIENCE_DAYS).min(1.0)
}

fn thousandths(share: f64) -> i32 {
    (share.clamp(0.0, 1.0) * 1000.0).round() as i32
}

#[cfg(test)]
#[path = "staleness_tests.rs"]
mod tests;
