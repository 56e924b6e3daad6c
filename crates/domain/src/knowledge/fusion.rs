//! Two rankings made into one.

use std::collections::{BTreeMap, BTreeSet};

use crate::shared::{ChunkId, DocumentId};

use super::{Explanation, RankedPassage, WordMatches};

/// What the likeness of meaning weighs; the words weigh the rest.
const MEANING: f64 = 0.8;

/// What one hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// A document, by its best passage. Further passages come only after every document had its place.
    Document,
    /// A passage.
    Passage,
}

/// A passage in the fused ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fused {
    /// The passage.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// Between 0 and 1.
    pub score: f64,
    /// Where the score comes from.
    pub explanation: Explanation,
}

/// Fuses a ranking by words and one by meaning. Equal scores are ordered by passage id, so that the same rankings always fuse to the same
/// order.
#[must_use]
pub fn fuse(words: &WordMatches, meaning: &[RankedPassage]) -> Vec<Fused> {
    let mut fused: BTreeMap<ChunkId, Fused> = BTreeMap::new();
    let best = words.ranking.first().map_or(1.0, |first| first.score);
    let bound = words.bound.unwrap_or(best).max(f64::MIN_POSITIVE);
    let weight = if meaning.is_empty() {
        0.0
    } else if words.ranking.is_empty() {
        1.0
    } else {
        MEANING
    };
    for (rank, passage) in (1..).zip(&words.ranking) {
        let found = &mut entry(&mut fused, passage).explanation;
        found.lexical_rank = Some(rank);
        found.lexical_score = Some(passage.score);
        found.lexical_part = (1.0 - weight) * (passage.score / bound).clamp(0.0, 1.0);
    }
    for (rank, passage) in (1..).zip(meaning) {
        let found = &mut entry(&mut fused, passage).explanation;
        found.vector_rank = Some(rank);
        found.vector_score = Some(passage.score);
        found.vector_part = weight * likeness(passage.score);
    }
    let missing = meaning.last().map_or(0.0, |last| weight * likeness(last.score));
    let mut all: Vec<Fused> = fused.into_values().collect();
    for one in &mut all {
        if one.explanation.vector_rank.is_none() {
            one.explanation.vector_part = missing;
        }
        one.score = one.explanation.lexical_part + one.explanation.vector_part;
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
    all
}

fn entry<'a>(fused: &'a mut BTreeMap<ChunkId, Fused>, passage: &RankedPassage) -> &'a mut Fused {
    fused.entry(passage.chunk).or_insert(Fused {
        chunk: passage.chunk,
        document: passage.document,
        score: 0.0,
        explanation: Explanation::default(),
    })
}

/// A cosine between 0 and 1.
fn likeness(cosine: f64) -> f64 {
    f64::midpoint(cosine, 1.0).clamp(0.0, 1.0)
}

/// The best passage of each document in the ranking's order, then the other passages in the ranking's order.
#[must_use]
pub fn by_document(ranking: Vec<Fused>) -> Vec<Fused> {
    let mut seen = BTreeSet::new();
    let (mut first, rest): (Vec<_>, Vec<_>) = ranking.into_iter().partition(|fused| seen.insert(fused.document));
    first.extend(rest);
    first
}
