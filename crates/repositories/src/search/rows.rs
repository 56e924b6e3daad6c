//! The passages of a project as dense rows: what both searches in memory share.

use std::collections::{HashMap, HashSet};

use commandcenter_domain::knowledge::RankedPassage;
use commandcenter_domain::shared::{ChunkId, DocumentId};

/// Ids are summed by their remainder, so that no sum overflows.
pub(super) const MARK: i64 = 1_000_003;
/// The score of a row that is no candidate.
pub(super) const OUT: f32 = f32::NEG_INFINITY;

/// A set of passages in two numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passages: i64,
    pub(super) marks: i64,
}

/// Passages by row, in the order of their ids. A row that is gone stays, unseen, until the table is made anew.
#[derive(Debug, Default)]
pub(super) struct Rows {
    chunks: Vec<i64>,
    /// The document of each row, by place in `documents`.
    pub(super) of: Vec<u32>,
    gone: Vec<bool>,
    dead: usize,
    /// The sum of the ids that are there, each by [`MARK`].
    marks: i64,
    documents: Vec<i64>,
    places: HashMap<i64, u32>,
}

impl Rows {
    /// Adds a passage; the place of its document, and whether the document is new.
    pub(super) fn push(&mut self, chunk: i64, document: i64) -> (u32, bool) {
        let next = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(document).or_insert(next);
        let is_new = place == next;
        if is_new {
            self.documents.push(document);
        }
        self.chunks.push(chunk);
        self.of.push(place);
        self.gone.push(false);
        self.marks += chunk % MARK;
        (place, is_new)
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.len()
    }

    pub(super) fn documents(&self) -> usize {
        self.documents.len()
    }

    /// The greatest id there is, also of what is gone; 0 without any.
    pub(super) fn last(&self) -> i64 {
        self.chunks.last().copied().unwrap_or(0)
    }

    /// Passages that are there.
    pub(super) fn alive(&self) -> usize {
        self.chunks.len() - self.dead
    }

    /// What tells a set of passages from another: how many there are, and their marks.
    pub(super) fn tally(&self) -> Tally {
        Tally { passages: i64::try_from(self.alive()).unwrap_or(i64::MAX), marks: self.marks }
    }

    /// Whether so much is gone that the table should be made anew.
    pub(super) fn is_worn(&self) -> bool {
        self.dead > 1_000 && self.dead * 4 > self.chunks.len()
    }

    /// Keeps only these passages.
    pub(super) fn retain(&mut self, present: &HashSet<i64>) {
        for (chunk, gone) in self.chunks.iter().zip(&mut self.gone) {
            *gone = !present.contains(chunk);
        }
        self.dead = self.gone.iter().filter(|gone| **gone).count();
        let alive = self.chunks.iter().zip(&self.gone).filter(|(_, gone)| !**gone);
        self.marks = alive.map(|(chunk, _)| chunk % MARK).sum();
    }

    /// The row of a passage that is there.
    pub(super) fn find(&self, chunk: i64) -> Option<usize> {
        self.chunks.binary_search(&chunk).ok().filter(|row| !self.gone[*row])
    }

    pub(super) fn chunk(&self, row: usize) -> i64 {
        self.chunks[row]
    }

    /// The rows that may answer.
    pub(super) fn open(&self, within: Option<&HashSet<DocumentId>>, among: Option<&HashSet<ChunkId>>) -> Open<'_> {
        let documents = within.map(|within| self.documents.iter().map(|id| within.contains(&DocumentId::new(*id))).collect());
        let chunks = among.map(|among| among.iter().filter_map(|chunk| self.find(chunk.get())).collect());
        Open { rows: self, documents, chunks }
    }

    /// The `limit` best rows of all, then the best rows of further documents, as many again; equal scores by id. Scores of [`OUT`] are left out.
    pub(super) fn best(&self, scores: &[f32], limit: usize) -> Vec<RankedPassage> {
        let mut first: Vec<Option<usize>> = vec![None; self.documents.len()];
        let mut all: Vec<usize> = Vec::new();
        for (row, score) in scores.iter().enumerate().filter(|(_, score)| **score > OUT) {
            all.push(row);
            let best = &mut first[self.of[row] as usize];
            if best.is_none_or(|best| *score > scores[best]) {
                *best = Some(row);
            }
        }
        let mut kept = top(all, scores, limit);
        let taken: HashSet<usize> = kept.iter().copied().collect();
        let further = first.into_iter().flatten().filter(|row| !taken.contains(row)).collect();
        kept.extend(top(further, scores, limit));
        let passage = |row: usize| RankedPassage {
            chunk: ChunkId::new(self.chunks[row]),
            document: DocumentId::new(self.documents[self.of[row] as usize]),
            score: f64::from(scores[row]),
        };
        kept.into_iter().map(passage).collect()
    }

    /// Bytes that the rows take.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.len() * 13 + self.documents.len() * 40
    }
}

/// The best of some rows, in order.
fn top(mut rows: Vec<usize>, scores: &[f32], limit: usize) -> Vec<usize> {
    let better = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
    if rows.len() > limit {
        rows.select_nth_unstable_by(limit, better);
        rows.truncate(limit);
    }
    rows.sort_unstable_by(better);
    rows
}

/// Which rows may answer.
pub(super) struct Open<'a> {
    rows: &'a Rows,
    documents: Option<Vec<bool>>,
    chunks: Option<HashSet<usize>>,
}

impl Open<'_> {
    pub(super) fn holds(&self, row: usize) -> bool {
        !self.rows.gone[row]
            && self.documents.as_ref().is_none_or(|open| open[self.rows.of[row] as usize])
            && self.chunks.as_ref().is_none_or(|open| open.contains(&row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(of: &[i64]) -> Rows {
        let mut rows = Rows::default();
        for (chunk, document) in (1..).zip(of) {
            rows.push(chunk, *document);
        }
        rows
    }

    fn ids(found: &[RankedPassage]) -> Vec<i64> {
        found.iter().map(|hit| hit.chunk.get()).collect()
    }

    #[test]
    fn the_best_of_all_come_first_and_then_the_best_of_further_documents() {
        let rows = rows(&[1, 1, 1, 2, 3]);
        let scores = [1.0, 0.9, 0.8, 0.1, 0.0];
        assert_eq!(ids(&rows.best(&scores, 2)), [1, 2, 4, 5]);
        assert_eq!(ids(&rows.best(&scores, 10)), [1, 2, 3, 4, 5]);
        assert_eq!(ids(&rows.best(&[OUT, 0.5, OUT, 0.5, OUT], 10)), [2, 4], "equal scores by id");
    }

    #[test]
    fn what_is_gone_or_closed_answers_nothing() {
        let mut rows = rows(&[1, 1, 2]);
        rows.retain(&HashSet::from([1, 3]));
        assert_eq!((rows.alive(), rows.find(2), rows.find(3), rows.last()), (2, None, Some(2), 3));
        let (within, among) = (HashSet::from([DocumentId::new(1)]), HashSet::from([ChunkId::new(3), ChunkId::new(2)]));
        let open = |within, among| (0..3).filter(|row| rows.open(within, among).holds(*row)).collect::<Vec<_>>();
        assert_eq!(open(None, None), [0, 2]);
        assert_eq!(open(Some(&within), None), [0]);
        assert_eq!(open(None, Some(&among)), [2]);
    }

    proptest! {
        #[test]
        fn the_best_are_those_of_a_full_sort(scored in proptest::collection::vec((1_i64..9, 0_u8..20), 0..80), limit in 1_usize..30) {
            let rows = rows(&scored.iter().map(|(document, _)| *document).collect::<Vec<_>>());
            let scores: Vec<f32> = scored.iter().map(|(_, score)| if *score == 0 { OUT } else { f32::from(*score) }).collect();
            let mut order: Vec<usize> = (0..scores.len()).filter(|row| scores[*row] > OUT).collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
            let mut seen = HashSet::new();
            let firsts: HashSet<usize> = order.iter().copied().filter(|row| seen.insert(scored[*row].0)).collect();
            let further = order.iter().skip(limit).filter(|row| firsts.contains(row)).take(limit);
            let expected: Vec<i64> = order.iter().take(limit).chain(further).map(|row| rows.chunk(*row)).collect();
            prop_assert_eq!(ids(&rows.best(&scores, limit)), expected);
        }
    }
}
