//! How good a ranking is, by the judgements of people.

use std::collections::HashMap;

/// Hits that count.
pub(super) const DEPTH: usize = 10;

/// The measures of one ranking, or their mean over many.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Quality {
    /// Gain by grade, discounted by place, as a share of the best ranking there could be.
    pub(super) ndcg: f64,
    /// Share of the relevant documents that were found.
    pub(super) recall: f64,
    /// One over the place of the first relevant document.
    pub(super) reciprocal_rank: f64,
}

/// Judges the first ten of a ranking, as `trec_eval` does.
pub(super) fn judge(ranking: &[&str], grades: &HashMap<String, f64>) -> Quality {
    let grade = |document: &&str| grades.get(*document).copied().unwrap_or(0.0).max(0.0);
    let found: Vec<f64> = ranking.iter().take(DEPTH).map(grade).collect();
    let mut ideal: Vec<f64> = grades.values().copied().filter(|grade| *grade > 0.0).collect();
    let relevant = ideal.len() as f64;
    ideal.sort_by(|a, b| b.total_cmp(a));
    ideal.truncate(DEPTH);
    let best = gain(&ideal);
    if best == 0.0 {
        return Quality::default();
    }
    let first = found.iter().position(|grade| *grade > 0.0);
    Quality {
        ndcg: gain(&found) / best,
        recall: found.iter().filter(|grade| **grade > 0.0).count() as f64 / relevant,
        reciprocal_rank: first.map_or(0.0, |place| 1.0 / (place + 1) as f64),
    }
}

fn gain(grades: &[f64]) -> f64 {
    grades.iter().enumerate().map(|(place, grade)| grade / ((place + 2) as f64).log2()).sum()
}

/// The mean over queries.
pub(super) fn mean(all: &[Quality]) -> Quality {
    let count = all.len().max(1) as f64;
    let of = |measure: fn(&Quality) -> f64| all.iter().map(measure).sum::<f64>() / count;
    Quality { ndcg: of(|q| q.ndcg), recall: of(|q| q.recall), reciprocal_rank: of(|q| q.reciprocal_rank) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_agree_with_a_ranking_judged_by_hand() {
        let grades: HashMap<String, f64> = [("a", 2.0), ("b", 1.0), ("c", 0.0)].map(|(id, grade)| (id.to_owned(), grade)).into();
        let judged = judge(&["c", "b", "x", "a"], &grades);
        let expected = (1.0 / 3_f64.log2() + 2.0 / 5_f64.log2()) / (2.0 + 1.0 / 3_f64.log2());
        assert!((judged.ndcg - expected).abs() < 1e-12);
        assert!((judged.recall - 1.0).abs() < 1e-12 && (judged.reciprocal_rank - 0.5).abs() < 1e-12);
        assert_eq!(judge(&["a", "b"], &grades), Quality { ndcg: 1.0, recall: 1.0, reciprocal_rank: 1.0 });
        assert_eq!(judge(&["c"], &grades), Quality::default());
        assert!((mean(&[judged, Quality::default()]).recall - 0.5).abs() < 1e-12);
    }
}
