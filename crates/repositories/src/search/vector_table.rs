//! Vectors in memory, at eight bits a number, and the search by meaning: every vector is compared.
//!
//! A vector is kept as whole numbers from -127 to 127 and the one factor that turns them back: a quarter of the memory, and of the time to
//! read it, for an error of the likeness below a thousandth. The question's vector is kept at fifteen bits, so that it adds none.
//!
//! A passage counts by its own likeness and by that of its whole document, whose vector is the mean of its passages': a passage that happens
//! to sound like the question gives way to one of a document that is about it.

use commandcenter_domain::knowledge::{RankedPassage, Revision, Search};

use super::rows::{OUT, Rows};

/// The share of a passage's likeness that its whole document has.
const DOCUMENT_SHARE: f32 = 0.5;

/// The vectors that one model made of a project's passages.
#[derive(Debug, Default)]
pub(super) struct VectorTable {
    pub(super) revision: Revision,
    pub(super) dimension: usize,
    pub(super) rows: Rows,
    values: Vec<i8>,
    factors: Vec<f32>,
    /// By document: one over the length of the sum of its passages' vectors.
    sums: Vec<f32>,
}

impl VectorTable {
    /// An empty table for the vectors of a model.
    pub(super) fn new(dimension: usize) -> Self {
        Self { dimension, ..Self::default() }
    }

    /// Adds the vector of a passage. Passages come in the order of their ids.
    pub(super) fn add(&mut self, (chunk, document): (i64, i64), vector: &[f32]) {
        let largest = vector.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let factor = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        self.rows.push(chunk, document);
        self.factors.push(factor);
        self.values.extend(vector.iter().map(|value| (value / factor).round() as i8));
    }

    /// The passages that are nearest to a question.
    pub(super) fn search(&self, question: &[f32], search: &Search) -> Vec<RankedPassage> {
        if question.len() != self.dimension || self.dimension == 0 {
            return Vec::new();
        }
        let largest = question.iter().fold(1e-12_f32, |most, value| most.max(value.abs()));
        let fine: Vec<i16> = question.iter().map(|value| (value / largest * 32_767.0).round() as i16).collect();
        let open = self.rows.open(search.within.as_deref(), search.among.as_deref());
        let scale = largest / 32_767.0;
        let mut scores = Vec::with_capacity(self.rows.len());
        let mut documents = vec![0.0_f32; self.rows.documents()];
        for (row, vector) in self.values.chunks_exact(self.dimension).enumerate() {
            if open.holds(row) {
                let likeness = dot(vector, &fine) as f32 * self.factors[row] * scale;
                documents[self.rows.of[row] as usize] += likeness;
                scores.push(likeness);
            } else {
                scores.push(OUT);
            }
        }
        for (row, score) in scores.iter_mut().enumerate().filter(|(_, score)| **score > OUT) {
            let document = self.rows.of[row] as usize;
            *score = (1.0 - DOCUMENT_SHARE) * *score + DOCUMENT_SHARE * documents[document] * self.sums[document];
        }
        self.rows.best(&scores, search.limit)
    }

    /// Measures the documents anew. To be done after passages were added or dropped: those of a document stand in a row.
    pub(super) fn settle(&mut self) {
        self.sums = vec![1.0; self.rows.documents()];
        let open = self.rows.open(None, None);
        let mut run: Option<(usize, Vec<f32>)> = None;
        for (row, vector) in self.values.chunks_exact(self.dimension.max(1)).enumerate().filter(|(row, _)| open.holds(*row)) {
            let document = self.rows.of[row] as usize;
            if run.as_ref().is_some_and(|(of, _)| *of != document) {
                close(&mut self.sums, run.take());
            }
            let (_, sum) = run.get_or_insert_with(|| (document, vec![0.0; self.dimension]));
            for (total, value) in sum.iter_mut().zip(vector) {
                *total += f32::from(*value) * self.factors[row];
            }
        }
        close(&mut self.sums, run);
    }

    /// Bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.values.len() + self.factors.len() * 4 + self.rows.bytes()
    }
}

fn close(sums: &mut [f32], run: Option<(usize, Vec<f32>)>) {
    if let Some((document, sum)) = run {
        sums[document] = 1.0 / sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
    }
}

/// Sums of sixteen products, then the sum of those: the compiler turns the inner loop into vector instructions. Vectors of up to 500 numbers
/// cannot overflow: 500 x 127 x 32,767 is below 2^31; longer ones are summed in parts.
fn dot(a: &[i8], b: &[i16]) -> i64 {
    a.chunks(256).zip(b.chunks(256)).map(|(a, b)| i64::from(part(a, b))).sum()
}

fn part(a: &[i8], b: &[i16]) -> i32 {
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    let mut sums = [0_i32; 16];
    for (x, y) in a.iter().zip(b) {
        for lane in 0..16 {
            sums[lane] += i32::from(i16::from(x[lane])) * i32::from(y[lane]);
        }
    }
    let rest: i32 = a_rest.iter().zip(b_rest).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum();
    sums.iter().sum::<i32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use commandcenter_domain::knowledge::EmbeddingModel;
    use proptest::prelude::*;

    fn search(limit: usize) -> Search {
        Search { limit, revision: Revision(0), within: None, among: None, model: EmbeddingModel::fixed("test", 2) }
    }

    #[test]
    fn the_nearest_come_first_and_another_dimension_finds_nothing() {
        let mut table = VectorTable::new(2);
        for (chunk, vector) in [(1, [1.0, 0.0]), (2, [0.6, 0.8]), (3, [0.0, 1.0])] {
            table.add((chunk, chunk), &vector);
        }
        table.settle();
        let found = table.search(&[0.8, 0.6], &search(10));
        assert_eq!(found.iter().map(|hit| hit.chunk.get()).collect::<Vec<_>>(), [2, 1, 3]);
        assert!((found[0].score - 0.96).abs() < 0.005);
        assert!(table.search(&[1.0, 0.0, 0.0], &search(10)).is_empty());
        assert!(VectorTable::default().search(&[], &search(10)).is_empty());
    }

    #[test]
    fn a_passage_of_a_document_that_is_about_it_goes_first() {
        let mut table = VectorTable::new(2);
        for (chunk, document, vector) in [(1, 1, [1.0, 0.0]), (2, 1, [0.0, 1.0]), (3, 2, [0.98, 0.199]), (4, 2, [0.98, -0.199])] {
            table.add((chunk, document), &vector);
        }
        table.settle();
        let found = table.search(&[1.0, 0.0], &search(10));
        assert_eq!(found.iter().map(|hit| hit.chunk.get()).collect::<Vec<_>>()[..2], [3, 4], "{found:?}");
        table.rows.retain(&std::collections::HashSet::from([1, 3, 4]));
        table.settle();
        assert_eq!(table.search(&[1.0, 0.0], &search(10))[0].chunk.get(), 1, "alone it is the document");
    }

    fn unit(values: &[f32]) -> Vec<f32> {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
        values.iter().map(|value| value / length).collect()
    }

    proptest! {
        #[test]
        fn a_likeness_is_right_to_a_hundredth(a in proptest::collection::vec(-1.0_f32..1.0, 384), b in proptest::collection::vec(-1.0_f32..1.0, 384)) {
            let (a, b) = (unit(&a), unit(&b));
            let mut table = VectorTable::new(384);
            table.add((1, 1), &a);
            table.settle();
            let exact: f32 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            let found = table.search(&b, &search(1))[0].score;
            prop_assert!((found - f64::from(exact)).abs() < 0.003, "{found} for {exact}");
        }
    }
}
