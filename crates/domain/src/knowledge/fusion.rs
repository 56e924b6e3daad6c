//! Two rankings made into one, question by question.
//!
//! A fixed mixture serves no two collections: where people ask in the words of the documents, BM25 finds what the model misses, and where
//! they ask in prose for code, BM25 is mostly noise. What tells the two apart is in the scores themselves. A BM25 score is a sum of log odds:
//! evidence that a passage is meant. How much more of it the best document has than the usual candidate is how much the words of this
//! question can tell, and that sets their weight.

use std::collections::{BTreeMap, BTreeSet};

use crate::shared::{ChunkId, DocumentId};

use super::{Explanation, RankedPassage, WordMatches};

/// The most that words can weigh: meaning tells documents apart that say the same words.
const CEILING: f64 = 0.6;
/// The evidence at which words weigh half of the most they can.
const EVEN: f64 = 14.0;
/// How sharply the weight grows with the evidence.
const SHARPNESS: f64 = 1.75;
/// Documents that the usual candidate is the mean of.
const USUAL: usize = 200;

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
    /// At most 1.
    pub score: f64,
    /// Where the score comes from.
    pub explanation: Explanation,
}

/// Fuses a ranking by words and one by meaning: each score as a share of the best of its kind, weighed by what the words of this question
/// can tell. A side that found nothing weighs nothing. Equal scores are ordered by passage id, so that the same rankings always fuse to the
/// same order.
#[must_use]
pub fn fuse(words: &WordMatches, meaning: &[RankedPassage]) -> Vec<Fused> {
    let weight = match (words.ranking.is_empty(), meaning.is_empty()) {
        (_, true) => 1.0,
        (true, false) => 0.0,
        (false, false) => weight_of_words(&words.ranking),
    };
    let (lexical, vector) = (Shares::of(&words.ranking, weight), Shares::of(meaning, 1.0 - weight));
    let mut fused: BTreeMap<ChunkId, Fused> = BTreeMap::new();
    for (rank, passage) in (1..).zip(&words.ranking) {
        let found = &mut entry(&mut fused, passage).explanation;
        (found.lexical_rank, found.lexical_score) = (Some(rank), Some(passage.score));
        found.lexical_part = lexical.part(passage.score);
    }
    for (rank, passage) in (1..).zip(meaning) {
        let found = &mut entry(&mut fused, passage).explanation;
        (found.vector_rank, found.vector_score) = (Some(rank), Some(passage.score));
        found.vector_part = vector.part(passage.score);
    }
    let mut all: Vec<Fused> = fused.into_values().collect();
    for one in &mut all {
        // No candidate is without a likeness: what is not in the ranking is at most as near as its last.
        if let (None, Some(last)) = (one.explanation.vector_rank, meaning.last()) {
            one.explanation.vector_part = vector.part(last.score);
        }
        one.score = one.explanation.lexical_part + one.explanation.vector_part;
    }
    sort(&mut all);
    all
}

/// Between 0 and [`CEILING`]: half of it at [`EVEN`].
fn weight_of_words(ranking: &[RankedPassage]) -> f64 {
    let evidence = evidence(ranking).powf(SHARPNESS);
    CEILING * evidence / (evidence + EVEN.powf(SHARPNESS))
}

/// How far the best document stands out from the usual candidate; documents that no word finds count as 0.
fn evidence(ranking: &[RankedPassage]) -> f64 {
    let mut seen = BTreeSet::new();
    let documents = ranking.iter().filter(|passage| seen.insert(passage.document)).take(USUAL);
    let usual = documents.map(|passage| passage.score).sum::<f64>() / USUAL as f64;
    ranking.first().map_or(0.0, |best| (best.score - usual).max(0.0))
}

/// Scores as shares of the best.
struct Shares {
    best: f64,
    weight: f64,
}

impl Shares {
    fn of(ranking: &[RankedPassage], weight: f64) -> Self {
        Self { best: ranking.first().map_or(0.0, |first| first.score), weight }
    }

    fn part(&self, score: f64) -> f64 {
        if self.best > 0.0 { self.weight * (score / self.best).clamp(0.0, 1.0) } else { 0.0 }
    }
}

fn entry<'a>(fused: &'a mut BTreeMap<ChunkId, Fused>, passage: &RankedPassage) -> &'a mut Fused {
    let RankedPassage { chunk, document, .. } = *passage;
    fused.entry(chunk).or_insert(Fused { chunk, document, score: 0.0, explanation: Explanation::default() })
}

fn sort(all: &mut [Fused]) {
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
}

/// Documents by what their passages are worth together, each shown by its best passage, then the other passages in the ranking's order. A
/// document is worth its best passage by words and its best by meaning, which need not be the same.
#[must_use]
pub fn by_document(ranking: Vec<Fused>) -> Vec<Fused> {
    let mut best: BTreeMap<DocumentId, (f64, f64)> = BTreeMap::new();
    for Fused { document, explanation, .. } in &ranking {
        let (lexical, vector) = best.entry(*document).or_default();
        *lexical = lexical.max(explanation.lexical_part);
        *vector = vector.max(explanation.vector_part);
    }
    let mut seen = BTreeSet::new();
    let (mut first, rest): (Vec<_>, Vec<_>) = ranking.into_iter().partition(|fused| seen.insert(fused.document));
    for fused in &mut first {
        if let Some((lexical, vector)) = best.get(&fused.document) {
            (fused.explanation.lexical_part, fused.explanation.vector_part) = (*lexical, *vector);
            fused.score = lexical + vector;
        }
    }
    sort(&mut first);
    first.extend(rest);
    first
}

#[cfg(test)]
#[path = "fusion_tests.rs"]
mod tests;
