//! Hits that say the same: told from each other by the runs of words they share.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Words in a run, for telling copies: what shares its runs of four shares its sentences.
const RUN: usize = 4;
/// From this share of common runs on, two passages are copies of each other.
const COPY: f64 = 0.9;

/// The runs of words of a text, by hash, in order and each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

impl Shingles {
    /// The runs by which copies are told. A text of fewer words is one run.
    #[must_use]
    pub fn of_runs(text: &str) -> Self {
        Self::of(text, RUN)
    }

    /// The words by which likeness is told.
    #[must_use]
    pub fn of_words(text: &str) -> Self {
        Self::of(text, 1)
    }

    fn of(text: &str, run: usize) -> Self {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let mut hashes: Vec<u64> = words.windows(run.min(words.len()).max(1)).map(hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }

    /// The share of the runs of both that both have: 1 for the same text.
    #[must_use]
    pub fn resemblance(&self, other: &Self) -> f64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = 0_u32;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let order = a.cmp(b);
            common += u32::from(order.is_eq());
            if order.is_le() {
                left.next();
            }
            if order.is_ge() {
                right.next();
            }
        }
        let all = self.0.len() + other.0.len() - common as usize;
        if all == 0 { 1.0 } else { f64::from(common) / all as f64 }
    }
}

fn hash(words: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

/// For each text, in the order of a ranking, the first one that it is a copy of. Whether a text is one depends on those before it only.
#[must_use]
pub fn copies(texts: &[Shingles]) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let first = (0..at).find(|&before| found[before].is_none() && texts[before].resemblance(text) >= COPY);
        found.push(first);
    }
    found
}

/// The order of maximal marginal relevance (Carbonell and Goldstein, 1998): each place goes to the hit that is most relevant and least like
/// those before it. With `diversity` 0 the order stays, with 1 relevance decides the first place only.
#[must_use]
pub fn diversified(relevance: &[f64], texts: &[Shingles], diversity: f64) -> Vec<usize> {
    let (low, high) = relevance.iter().fold((f64::MAX, f64::MIN), |(low, high), one| (low.min(*one), high.max(*one)));
    let scaled = |at: usize| (relevance[at] - low) / (high - low).max(f64::MIN_POSITIVE);
    let mut left: Vec<usize> = (0..relevance.len().min(texts.len())).collect();
    let mut nearest = vec![0.0_f64; left.len()];
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let worth = |at: &usize| (1.0 - diversity) * scaled(*at) - diversity * nearest[*at];
        let best = (0..left.len()).max_by(|a, b| worth(&left[*a]).total_cmp(&worth(&left[*b])).then(b.cmp(a))).unwrap_or(0);
        let taken = left.remove(best);
        for at in &left {
            nearest[*at] = nearest[*at].max(texts[*at].resemblance(&texts[taken]));
        }
        order.push(taken);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn copies_are_told_in_spite_of_case_and_marks() {
        let text = "The heron waits by the water and catches a fish when it comes near enough to see.";
        let texts = [
            text,
            "Something else entirely",
            &text.to_uppercase().replace(' ', "  "),
            &format!("{text} But not always, as one may see."),
            "",
        ];
        let shingles: Vec<Shingles> = texts.iter().map(|text| Shingles::of_runs(text)).collect();
        assert_eq!(copies(&shingles), [None, None, Some(0), None, None]);
        assert!((shingles[0].resemblance(&shingles[0]) - 1.0).abs() < 1e-12);
        assert!(Shingles::of_runs("one two").resemblance(&Shingles::of_runs("two one")) < 0.5);
    }

    #[test]
    fn a_likeness_gives_way_to_what_is_new() {
        let texts = ["heron fish water", "heron fish water", "stones and grass"].map(Shingles::of_words);
        assert_eq!(diversified(&[1.0, 0.9, 0.5], &texts, 0.0), [0, 1, 2]);
        assert_eq!(diversified(&[1.0, 0.9, 0.5], &texts, 0.5), [0, 2, 1]);
        assert!(diversified(&[], &[], 0.5).is_empty());
    }

    proptest! {
        #[test]
        fn diversity_only_reorders_and_never_moves_the_first(scores in proptest::collection::vec(0.0_f64..1.0, 1..20), diversity in 0.0_f64..=1.0) {
            let mut scores = scores;
            scores.sort_by(|a, b| b.total_cmp(a));
            let texts: Vec<Shingles> = (0..scores.len()).map(|n| Shingles::of_words(&format!("w{} common", n % 3))).collect();
            let order = diversified(&scores, &texts, diversity);
            prop_assert_eq!(order[0], 0);
            let mut sorted = order;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..scores.len()).collect::<Vec<_>>());
        }
    }
}
