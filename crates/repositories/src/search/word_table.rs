//! Words in memory: an inverted index of a project's passages, ranked by BM25 (Robertson and Zaragoza, 2009).
//!
//! A passage is scored by what it says itself, by what its whole document says, and by its document's title: the right passage of the right
//! document. The terms are those of [`commandcenter_domain::knowledge::each_token`]; the same text gives the same scores on every database.

use std::collections::HashMap;

use commandcenter_domain::knowledge::{Correction, Revision, Search, Term, WordMatches, Wording, each_token};

use super::rows::{OUT, Rows};
use super::spelling::Spelling;

/// How soon more of the same word stops to count.
const K1: f32 = 1.5;
/// How much long texts are held back.
const B: f32 = 0.75;
/// The share of a score that the whole document has; the rest is the passage's own.
const DOCUMENT_SHARE: f32 = 0.5;
/// What the title's score weighs beside that of the text.
const TITLE_WEIGHT: f32 = 0.5;
/// What a word weighs that stands for a misspelled one.
const CORRECTED: f32 = 0.6;

/// Where a term is and how often.
#[derive(Debug, Default)]
struct Postings {
    places: Vec<u32>,
    counts: Vec<u8>,
}

impl Postings {
    fn add(&mut self, place: u32, count: u8) {
        self.places.push(place);
        self.counts.push(count);
    }

    fn iter(&self) -> impl Iterator<Item = (usize, f32)> {
        self.places.iter().zip(&self.counts).map(|(place, count)| (*place as usize, f32::from(*count)))
    }
}

/// The lengths of one kind of text, in terms.
#[derive(Debug, Default)]
struct Lengths {
    each: Vec<u32>,
    sum: u64,
    /// Texts that are not empty: those without a title have no say in how long titles are.
    filled: u32,
}

impl Lengths {
    fn add(&mut self, place: usize, length: u32) {
        if self.each.len() <= place {
            self.each.resize(place + 1, 0);
        }
        self.filled += u32::from(self.each[place] == 0 && length > 0);
        self.each[place] += length;
        self.sum += u64::from(length);
    }

    /// BM25's part of one term: between 0 and `K1 + 1`.
    fn saturated(&self, place: usize, count: f32) -> f32 {
        let mean = (self.sum as f32 / self.filled.max(1) as f32).max(1.0);
        count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * self.each[place] as f32 / mean))
    }
}

/// A passage to index.
pub(super) struct Text<'a> {
    pub(super) chunk: i64,
    pub(super) document: i64,
    pub(super) title: &'a str,
    /// Its headings and its text.
    pub(super) parts: [&'a str; 2],
}

/// The words of a project's passages.
#[derive(Debug, Default)]
pub(super) struct WordTable {
    pub(super) revision: Revision,
    /// How often passages changed in place when this table was begun: then it is begun anew.
    pub(super) rewritten: i64,
    pub(super) rows: Rows,
    vocabulary: HashMap<Box<str>, u32>,
    terms: Vec<Box<str>>,
    spelling: Spelling,
    passages: Vec<Postings>,
    titles: Vec<Postings>,
    passage_lengths: Lengths,
    document_lengths: Lengths,
    title_lengths: Lengths,
    entries: usize,
}

impl WordTable {
    /// An empty table, begun when passages had changed in place so often.
    pub(super) fn new(rewritten: i64) -> Self {
        Self { rewritten, ..Self::default() }
    }

    /// Adds a passage. Passages come in the order of their ids.
    pub(super) fn add(&mut self, text: &Text<'_>) {
        let row = self.rows.len();
        let (document, is_new) = self.rows.push(text.chunk, text.document);
        if is_new {
            let (counts, length) = self.count(&[text.title]);
            self.title_lengths.add(document as usize, length);
            for (term, count) in counts {
                self.titles[term as usize].add(document, count);
            }
        }
        let (counts, length) = self.count(&text.parts);
        self.passage_lengths.add(row, length);
        self.document_lengths.add(document as usize, length);
        self.entries += counts.len();
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        for (term, count) in counts {
            self.passages[term as usize].add(row, count);
        }
    }

    /// How often a text says each term, and how long it is.
    fn count(&mut self, parts: &[&str]) -> (HashMap<u32, u8>, u32) {
        let mut counts: HashMap<u32, u8> = HashMap::new();
        let mut length = 0;
        for part in parts {
            each_token(part, |token| {
                let count = counts.entry(self.number(token)).or_default();
                *count = count.saturating_add(1);
                length += 1;
            });
        }
        (counts, length)
    }

    fn number(&mut self, token: &str) -> u32 {
        if let Some(number) = self.vocabulary.get(token) {
            return *number;
        }
        let number = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        self.vocabulary.insert(token.into(), number);
        self.spelling.add(token, number);
        self.terms.push(token.into());
        self.passages.push(Postings::default());
        self.titles.push(Postings::default());
        number
    }

    /// The best passages for a wording.
    pub(super) fn search(&self, wording: &Wording, search: &Search) -> WordMatches {
        let (terms, corrections) = self.understood(&wording.terms);
        let mut scores = Scores::new(&self.rows);
        for (term, weight) in terms {
            self.score(term, weight * self.rarity(term), &mut scores);
        }
        let open = self.rows.open(search.within.as_deref(), search.among.as_deref());
        let total = |row: usize| {
            let document = self.rows.of[row] as usize;
            let says = scores.passages[row] > 0.0 || scores.titles[document] > 0.0;
            let score = (1.0 - DOCUMENT_SHARE) * scores.passages[row] + DOCUMENT_SHARE * scores.documents[document];
            if says && open.holds(row) { score + TITLE_WEIGHT * scores.titles[document] } else { OUT }
        };
        let totals: Vec<f32> = (0..self.rows.len()).map(total).collect();
        WordMatches { ranking: self.rows.best(&totals, search.limit), corrections }
    }

    /// The terms by number with their weights. A word that nothing says gives way to the nearest there is, or is left out.
    fn understood(&self, asked: &[Term]) -> (Vec<(u32, f32)>, Vec<Correction>) {
        let mut corrections = Vec::new();
        let terms = asked.iter().filter_map(|term| {
            if let Some(number) = self.vocabulary.get(term.stem.as_str()) {
                return Some((*number, term.weight));
            }
            let number = self.meant(&term.stem)?;
            corrections.push(Correction { word: term.stem.clone(), instead: self.terms[number as usize].to_string() });
            Some((number, term.weight * CORRECTED))
        });
        (terms.collect(), corrections)
    }

    fn meant(&self, word: &str) -> Option<u32> {
        let says = |number: u32| self.passages[number as usize].places.len() + self.titles[number as usize].places.len();
        self.spelling.nearest(word, |number| self.terms[number as usize].as_ref(), says)
    }

    /// Inverse document frequency, by passages.
    fn rarity(&self, term: u32) -> f32 {
        let (all, found) = (self.rows.len() as f32, self.passages[term as usize].places.len() as f32);
        (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
    }

    fn score(&self, term: u32, weight: f32, scores: &mut Scores) {
        let mut run: Option<(usize, f32)> = None;
        for (row, count) in self.passages[term as usize].iter() {
            scores.passages[row] += weight * self.passage_lengths.saturated(row, count);
            let document = self.rows.of[row] as usize;
            // Passages of a document stand in a row: their counts add up.
            run = match run {
                Some((open, sum)) if open == document => Some((open, sum + count)),
                Some((done, sum)) => {
                    scores.documents[done] += weight * self.document_lengths.saturated(done, sum);
                    Some((document, count))
                }
                None => Some((document, count)),
            };
        }
        if let Some((done, sum)) = run {
            scores.documents[done] += weight * self.document_lengths.saturated(done, sum);
        }
        for (document, count) in self.titles[term as usize].iter() {
            scores.titles[document] += weight * self.title_lengths.saturated(document, count);
        }
    }

    /// Passages that say every word of a text, wherever: those that may hold it as a phrase.
    pub(super) fn saying(&self, text: &str) -> Vec<i64> {
        let mut asked = Vec::new();
        each_token(text, |token| asked.push(self.vocabulary.get(token).copied()));
        let Some(known) = asked.into_iter().collect::<Option<Vec<u32>>>() else { return Vec::new() };
        let mut lists: Vec<&Postings> = known.iter().map(|term| &self.passages[*term as usize]).collect();
        lists.sort_by_key(|list| list.places.len());
        let Some((shortest, others)) = lists.split_first() else { return Vec::new() };
        let open = self.rows.open(None, None);
        let everywhere = |row: &&u32| others.iter().all(|list| list.places.binary_search(row).is_ok());
        shortest
            .places
            .iter()
            .filter(everywhere)
            .map(|row| *row as usize)
            .filter(|row| open.holds(*row))
            .map(|row| self.rows.chunk(row))
            .collect()
    }

    /// Bytes that the table takes, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.entries * 5 + self.terms.len() * 120 + self.rows.bytes() + self.rows.len() * 4
    }
}

/// Scores in the making, by row and by document.
struct Scores {
    passages: Vec<f32>,
    documents: Vec<f32>,
    titles: Vec<f32>,
}

impl Scores {
    fn new(rows: &Rows) -> Self {
        Self { passages: vec![0.0; rows.len()], documents: vec![0.0; rows.documents()], titles: vec![0.0; rows.documents()] }
    }
}

#[cfg(test)]
#[path = "word_table_tests.rs"]
mod tests;
