//! Hits put in another order by a model that reads each with the question, as far as a budget of time allows.

use std::time::Duration;

use async_trait::async_trait;

use crate::identity::ProjectScope;

/// What became of the wish for another order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reranking {
    /// The model, as `provider/model`, or why the order is the fused one.
    pub outcome: Result<String, String>,
    /// How long it took.
    pub took: Duration,
}

/// Grades for passages, in their order: 0 does not answer, 10 answers wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grades {
    /// The model, as `provider/model`.
    pub model: String,
    /// One for each passage.
    pub grades: Vec<u8>,
}

impl Grades {
    /// The highest grade.
    pub const HIGHEST: u8 = 10;
}

/// Reads passages with a question.
#[async_trait]
pub trait PassageJudge: Send + Sync {
    /// How well each passage answers, within a budget of time, paid by the project.
    ///
    /// # Errors
    /// Why there are no grades, for a person: no model, no budget, no time, or an answer that is none.
    async fn grade(&self, scope: &ProjectScope, question: &str, passages: &[&str], budget: Duration) -> Result<Grades, String>;
}

/// The places of graded hits in their new order: by grade, and as before among equals.
#[must_use]
pub fn regraded(grades: &[u8]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..grades.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(grades[at]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_grades_stay_as_they_were() {
        assert_eq!(regraded(&[3, 9, 3, 10]), [3, 1, 0, 2]);
        assert_eq!(regraded(&[5, 5]), [0, 1]);
        assert!(regraded(&[]).is_empty());
    }
}
