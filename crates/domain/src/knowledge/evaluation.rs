//! How well a project's own questions are answered, by the judgements of its people.

use std::collections::HashMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::identity::ProjectScope;
use crate::shared::{Checker, EvaluationId, Invalid, Limits, Page, PageRequest, StoreError, Timestamp};

use super::{QueryText, SearchMode};

/// Most questions of an evaluation.
const MOST_QUERIES: usize = 1_000;
/// Most judgements of a question.
const MOST_JUDGEMENTS: usize = 200;
/// The highest grade.
const HIGHEST: u8 = 100;

/// A document that answers a question, and how well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What tells the document: its file name or its path in the repository, or its id in digits.
    pub document: String,
    /// From 1, or 0 for a document that does not answer.
    pub grade: u8,
}

/// A question with its judgements.
#[derive(Debug, Clone)]
pub struct JudgedQuery {
    /// What its author calls it.
    pub id: Option<String>,
    /// The question.
    pub text: QueryText,
    /// What answers it.
    pub judgements: Vec<Judgement>,
}

/// Questions to be asked and judged. **Invariant:** 1 to 1,000 questions, each with 1 to 200 judgements of which one at least answers.
#[derive(Debug, Clone)]
pub struct NewEvaluation {
    /// What tells it from other evaluations: runs of the same name are compared.
    pub name: String,
    /// How passages are looked for.
    pub mode: SearchMode,
    /// Hits that count, 1 to 50.
    pub depth: usize,
    /// The questions.
    pub queries: Vec<JudgedQuery>,
}

/// What a client sends of a question.
#[derive(Debug, Clone)]
pub struct QueryFields {
    /// What its author calls it.
    pub id: Option<String>,
    /// The question.
    pub query: String,
    /// Documents with their grades.
    pub judgements: Vec<(String, i64)>,
}

impl NewEvaluation {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule, each by the question's place.
    pub fn parse(name: &str, (mode, depth): (SearchMode, i64), queries: &[QueryFields]) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let name = check.line("name", name, Limits { min: 1, max: 100 });
        let depth = check.number("k", depth, (1, 50));
        if queries.is_empty() || queries.len() > MOST_QUERIES {
            check.note("queries", "wrong_number", format!("must have 1 to {MOST_QUERIES} items"));
        }
        let queries: Vec<JudgedQuery> =
            queries.iter().take(MOST_QUERIES).enumerate().filter_map(|(at, fields)| judged(&mut check, at, fields)).collect();
        check.finish(Self { name, mode, depth: usize::try_from(depth).unwrap_or(10), queries })
    }
}

fn judged(check: &mut Checker, at: usize, fields: &QueryFields) -> Option<JudgedQuery> {
    let judgements = judgements(check, &format!("queries.{at}.judgements"), &fields.judgements);
    let id = check.optional_line(&format!("queries.{at}.id"), fields.id.as_deref(), 100);
    match QueryText::parse(&fields.query) {
        Ok(text) => Some(JudgedQuery { id, text, judgements }),
        Err(Invalid(errors)) => {
            for error in errors {
                check.note(&format!("queries.{at}.query"), error.code, error.message);
            }
            None
        }
    }
}

fn judgements(check: &mut Checker, field: &str, judged: &[(String, i64)]) -> Vec<Judgement> {
    if judged.is_empty() || judged.len() > MOST_JUDGEMENTS {
        check.note(field, "wrong_number", format!("must have 1 to {MOST_JUDGEMENTS} items"));
    }
    if !judged.iter().any(|(_, grade)| *grade > 0) {
        check.note(field, "nothing_relevant", "must have a document with a relevance above 0");
    }
    let mut found: Vec<Judgement> = Vec::new();
    for (document, grade) in judged.iter().take(MOST_JUDGEMENTS) {
        let document = check.line(field, document, Limits { min: 1, max: 1_000 });
        let grade = u8::try_from(check.number(field, *grade, (0, i64::from(HIGHEST)))).unwrap_or(0);
        if found.iter().any(|judgement| judgement.document == document) {
            check.note(field, "twice", format!("`{document}` is judged twice"));
        }
        found.push(Judgement { document, grade });
    }
    found
}

/// The measures of a ranking, or their mean over several: each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Gain by grade, discounted by place, as a share of the best there could be.
    pub ndcg: f64,
    /// The share of the documents that answer that were found.
    pub recall: f64,
    /// One over the place of the first document that answers.
    pub mrr: f64,
}

impl Measures {
    /// Judges the first `depth` documents of a ranking. Each entry lists the names that tell the document.
    #[must_use]
    pub fn of(ranking: &[Vec<String>], judgements: &[Judgement], depth: usize) -> Self {
        let grades: HashMap<&str, u8> = judgements.iter().map(|one| (one.document.as_str(), one.grade)).collect();
        let grade = |names: &Vec<String>| names.iter().filter_map(|name| grades.get(name.as_str())).max().copied().unwrap_or(0);
        let found: Vec<u8> = ranking.iter().take(depth).map(grade).collect();
        let mut ideal: Vec<u8> = judgements.iter().map(|one| one.grade).filter(|grade| *grade > 0).collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let relevant = ideal.len().max(1);
        ideal.truncate(depth);
        let first = found.iter().position(|grade| *grade > 0);
        Self {
            ndcg: gain(&found) / gain(&ideal).max(f64::MIN_POSITIVE),
            recall: found.iter().filter(|grade| **grade > 0).count() as f64 / relevant as f64,
            mrr: first.map_or(0.0, |place| 1.0 / (place + 1) as f64),
        }
    }

    /// The mean.
    #[must_use]
    pub fn mean(all: &[Self]) -> Self {
        let of = |measure: fn(&Self) -> f64| all.iter().map(measure).sum::<f64>() / all.len().max(1) as f64;
        Self { ndcg: of(|one| one.ndcg), recall: of(|one| one.recall), mrr: of(|one| one.mrr) }
    }

    /// How much better this is.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { ndcg: self.ndcg - other.ndcg, recall: self.recall - other.recall, mrr: self.mrr - other.mrr }
    }
}

fn gain(grades: &[u8]) -> f64 {
    grades.iter().enumerate().map(|(place, grade)| f64::from(*grade) / ((place + 2) as f64).log2()).sum()
}

/// How one question was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryOutcome {
    /// What its author calls it.
    #[serde(default)]
    pub id: Option<String>,
    /// The question.
    pub query: String,
    /// Its measures.
    pub measures: Measures,
    /// The sources of the documents found, best first.
    pub found: Vec<String>,
    /// Documents that answer and were not found.
    pub missed: Vec<String>,
}

/// An evaluation that was run.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Its id.
    pub id: EvaluationId,
    /// What tells it from other evaluations.
    pub name: String,
    /// How passages were in fact looked for.
    pub mode: SearchMode,
    /// Hits that counted.
    pub depth: usize,
    /// The mean over its questions.
    pub measures: Measures,
    /// Question by question.
    pub queries: Vec<QueryOutcome>,
    /// The run of the same name before it.
    pub before: Option<(EvaluationId, Measures)>,
    /// When it was run.
    pub created_at: Timestamp,
}

/// An evaluation to store.
#[derive(Debug, Clone)]
pub struct RunEvaluation {
    /// What tells it from other evaluations.
    pub name: String,
    /// How passages were in fact looked for.
    pub mode: SearchMode,
    /// Hits that counted.
    pub depth: usize,
    /// The mean over its questions.
    pub measures: Measures,
    /// Question by question.
    pub queries: Vec<QueryOutcome>,
    /// When.
    pub at: Timestamp,
}

/// Evaluations in storage. Every method is told the scope.
#[async_trait]
pub trait EvaluationRepo: Send + Sync {
    /// Stores a run, compared with the newest of its name.
    async fn insert_evaluation(&self, scope: &ProjectScope, run: &RunEvaluation) -> Result<Evaluation, StoreError>;
    /// `None` when absent or another project's.
    async fn find_evaluation(&self, scope: &ProjectScope, id: EvaluationId) -> Result<Option<Evaluation>, StoreError>;
    /// A page of runs, newest first.
    async fn list_evaluations(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Evaluation>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judgement(document: &str, grade: u8) -> Judgement {
        Judgement { document: document.to_owned(), grade }
    }

    #[test]
    fn measures_agree_with_a_ranking_judged_by_hand() {
        let ranking: Vec<Vec<String>> = ["c", "b", "x", "a"].map(|name| vec!["7".to_owned(), name.to_owned()]).into();
        let measures = Measures::of(&ranking, &[judgement("a", 2), judgement("b", 1), judgement("c", 0)], 10);
        let expected = (1.0 / 3_f64.log2() + 2.0 / 5_f64.log2()) / (2.0 + 1.0 / 3_f64.log2());
        assert!((measures.ndcg - expected).abs() < 1e-12);
        assert_eq!((measures.recall, measures.mrr), (1.0, 0.5));
        assert_eq!(Measures::of(&ranking, &[judgement("a", 2)], 3), Measures::default());
        assert!((Measures::mean(&[measures, Measures::default()]).mrr - 0.25).abs() < 1e-12);
        assert_eq!(measures.minus(measures), Measures::default());
    }

    #[test]
    fn broken_rules_are_told_by_the_questions_place() {
        let fields = |query: &str, judged: &[(&str, i64)]| QueryFields {
            id: None,
            query: query.to_owned(),
            judgements: judged.iter().map(|(name, grade)| ((*name).to_owned(), *grade)).collect(),
        };
        let broken = [fields("x", &[("a", 1)]), fields(" ", &[]), fields("y", &[("a", 0), ("a", 101)])];
        let Invalid(errors) = NewEvaluation::parse("", (SearchMode::Hybrid, 51), &broken).unwrap_err();
        let fields_of: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        for field in ["name", "k", "queries.1.query", "queries.1.judgements", "queries.2.judgements"] {
            assert!(fields_of.contains(&field), "{field} in {fields_of:?}");
        }
        assert!(NewEvaluation::parse("x", (SearchMode::Hybrid, 10), &[]).is_err());
        assert!(NewEvaluation::parse("x", (SearchMode::Hybrid, 10), &broken[..1]).is_ok());
    }
}
