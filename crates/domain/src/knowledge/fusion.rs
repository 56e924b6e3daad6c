//! Several rankings made into one.

use std::collections::{BTreeMap, BTreeSet};

use crate::shared::{ChunkId, DocumentId};

use super::RankedPassage;

/// Damps the lead of the first places: with 60, being first in one ranking is worth less than being tenth in two.
const K: f64 = 60.0;

/// What one hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The sum of `1 / (60 + rank)` over the rankings it is in.
    pub score: f64,
}

/// Reciprocal rank fusion. Equal scores are ordered by passage id, so that the same rankings always fuse to the same order.
#[must_use]
pub fn reciprocal_rank(rankings: &[&[RankedPassage]]) -> Vec<Fused> {
    let mut fused: BTreeMap<ChunkId, Fused> = BTreeMap::new();
    for ranking in rankings {
        for (rank, passage) in (1_u32..).zip(*ranking) {
            let entry = fused.entry(passage.chunk).or_insert(Fused { chunk: passage.chunk, document: passage.document, score: 0.0 });
            entry.score += 1.0 / (K + f64::from(rank));
        }
    }
    let mut all: Vec<Fused> = fused.into_values().collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
    all
}

/// The best passage of each document in the ranking's order, then the other passages in the ranking's order.
#[must_use]
pub fn by_document(ranking: Vec<Fused>) -> Vec<Fused> {
    let mut seen = BTreeSet::new();
    let (mut first, rest): (Vec<_>, Vec<_>) = ranking.into_iter().partition(|fused| seen.insert(fused.document));
    first.extend(rest);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranking(ids: &[(i64, i64)]) -> Vec<RankedPassage> {
        ids.iter()
            .map(|&(chunk, document)| RankedPassage { chunk: ChunkId::new(chunk), document: DocumentId::new(document), score: 1.0 })
            .collect()
    }

    #[test]
    fn agreement_beats_a_single_first_place() {
        let words = ranking(&[(1, 1), (2, 2), (3, 3)]);
        let meaning = ranking(&[(4, 4), (2, 2), (5, 5)]);
        let fused = reciprocal_rank(&[&words, &meaning]);
        assert_eq!(fused[0].chunk.get(), 2);
        assert!((fused[0].score - 2.0 / 62.0).abs() < 1e-12);
        // 1 and 4 are both first once: the smaller id wins.
        assert_eq!([fused[1].chunk.get(), fused[2].chunk.get()], [1, 4]);
    }

    #[test]
    fn every_document_has_its_place_before_any_has_two() {
        let order: Vec<_> =
            by_document(reciprocal_rank(&[&ranking(&[(1, 1), (2, 1), (3, 2), (4, 1), (5, 3)])])).iter().map(|f| f.chunk.get()).collect();
        assert_eq!(order, [1, 3, 5, 2, 4]);
    }

    proptest! {
        #[test]
        fn fusion_neither_loses_nor_invents_and_scores_fall(a in proptest::collection::btree_set(1_i64..200, 0..60), b in proptest::collection::btree_set(1_i64..200, 0..60)) {
            let of = |ids: &BTreeSet<i64>| ranking(&ids.iter().map(|&id| (id, id % 7)).collect::<Vec<_>>());
            let (left, right) = (of(&a), of(&b));
            let fused = reciprocal_rank(&[&left, &right]);
            let ids: BTreeSet<i64> = fused.iter().map(|f| f.chunk.get()).collect();
            prop_assert_eq!(&ids, &a.union(&b).copied().collect::<BTreeSet<_>>());
            prop_assert!(fused.windows(2).all(|w| w[0].score >= w[1].score));
            let grouped = by_document(fused.clone());
            let documents: BTreeSet<_> = fused.iter().map(|f| f.document).collect();
            let first: BTreeSet<_> = grouped.iter().take(documents.len()).map(|f| f.document).collect();
            prop_assert_eq!(first.len(), documents.len());
            prop_assert_eq!(grouped.len(), fused.len());
        }
    }
}
