//! Which word of a vocabulary was probably meant by one that is not in it.

use std::collections::HashMap;

/// Shorter words are not guessed at: too many others are one letter away.
const SHORTEST: usize = 4;
/// Words from this length on may be two letters off.
const LONG: usize = 8;

/// Words by their first letter and length: few have both in common, and the first letter is seldom wrong.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    shapes: HashMap<(char, usize), Vec<u32>>,
}

impl Spelling {
    /// Adds a word of the vocabulary. Numbers, and words with digits in them, are not guessed at.
    pub(super) fn add(&mut self, word: &str, number: u32) {
        if let Some(shape) = shape(word) {
            self.shapes.entry(shape).or_default().push(number);
        }
    }

    /// The word that is nearest: the fewest letters off, then the one that `weight` finds heaviest.
    pub(super) fn nearest<'a>(&self, word: &str, spell: impl Fn(u32) -> &'a str, weight: impl Fn(u32) -> usize) -> Option<u32> {
        let (first, length) = shape(word)?;
        let most = if length >= LONG { 2 } else { 1 };
        let letters: Vec<char> = word.chars().collect();
        let shapes = (length.saturating_sub(most)..=length + most).filter_map(|length| self.shapes.get(&(first, length)));
        let near = shapes.flatten().filter_map(|&number| {
            let distance = distance(&letters, &spell(number).chars().collect::<Vec<_>>());
            (distance <= most && weight(number) > 0).then_some((distance, std::cmp::Reverse(weight(number)), number))
        });
        near.min().map(|(_, _, number)| number)
    }
}

fn shape(word: &str) -> Option<(char, usize)> {
    let length = word.chars().count();
    let first = word.chars().next()?;
    (length >= SHORTEST && word.chars().all(char::is_alphabetic)).then_some((first, length))
}

/// Letters to insert, drop, change or swap with their neighbour.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut older = vec![0; right.len() + 1];
    let mut before: Vec<usize> = (0..=right.len()).collect();
    for i in 0..left.len() {
        let mut row = vec![i + 1; right.len() + 1];
        for j in 0..right.len() {
            let change = before[j] + usize::from(left[i] != right[j]);
            row[j + 1] = change.min(before[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left[i] == right[j - 1] && left[i - 1] == right[j] {
                row[j + 1] = row[j + 1].min(older[j - 1] + 1);
            }
        }
        older = std::mem::replace(&mut before, row);
    }
    before[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(vocabulary: &[(&str, usize)], word: &str) -> Option<String> {
        let mut spelling = Spelling::default();
        for (number, (word, _)) in (0..).zip(vocabulary) {
            spelling.add(word, number);
        }
        let found = spelling.nearest(word, |n| vocabulary[n as usize].0, |n| vocabulary[n as usize].1);
        found.map(|n| vocabulary[n as usize].0.to_owned())
    }

    #[test]
    fn letters_dropped_doubled_changed_and_swapped_are_forgiven() {
        let words = [("asyncio", 3), ("async", 9), ("gather", 2), ("gathers", 1), ("configuration", 1), ("heat", 5)];
        for (typed, meant) in [("asnycio", "asyncio"), ("gathr", "gather"), ("gatther", "gather"), ("confguratoin", "configuration")] {
            assert_eq!(nearest(&words, typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn short_words_numbers_and_strangers_are_not_guessed_at() {
        let words = [("car", 3), ("utf8", 1), ("gather", 2), ("gone", 0)];
        for typed in ["cat", "utf9", "lather", "elephant", "gonne", ""] {
            assert_eq!(nearest(&words, typed), None, "{typed}");
        }
    }

    #[test]
    fn of_two_that_are_as_near_the_more_frequent_wins() {
        assert_eq!(nearest(&[("heat", 1), ("head", 7)], "heax").as_deref(), Some("head"));
    }
}
