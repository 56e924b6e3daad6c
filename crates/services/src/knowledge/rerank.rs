//! Hits in the order of a model that reads them, where a question has time for it.

use std::time::{Duration, Instant};

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Hit, Question, Reranking, regraded};

use super::KnowledgeService;

/// Hits that are read; those behind them keep their places.
pub(super) const READ: usize = 20;

impl KnowledgeService {
    /// Puts the first hits in their new order, if the question wants that, and tells what became of it. Without grades all stays as it is.
    pub(super) async fn reranked(&self, scope: &ProjectScope, question: &Question, hits: &mut Vec<Hit>) -> Option<Reranking> {
        let budget = question.rerank?;
        for (hit, place) in hits.iter_mut().zip(1..) {
            hit.explanation.fused_rank = Some(place);
        }
        let began = Instant::now();
        let outcome = if hits.len() < 2 {
            Err("there is nothing to put in order".to_owned())
        } else if question.offset >= READ {
            Err(format!("only the first {READ} hits are read"))
        } else {
            self.regrade(scope, (question, budget), hits).await
        };
        let took = began.elapsed();
        let done = if outcome.is_ok() { "done" } else { "left" };
        metrics::counter!("commandcenter_retrieval_reranks_total", "outcome" => done).increment(1);
        metrics::histogram!("commandcenter_retrieval_stage_duration_seconds", "stage" => "rerank").record(took.as_secs_f64());
        Some(Reranking { outcome, took })
    }

    async fn regrade(
        &self,
        scope: &ProjectScope,
        (question, budget): (&Question, Duration),
        hits: &mut Vec<Hit>,
    ) -> Result<String, String> {
        let passages: Vec<&str> = hits.iter().take(READ).map(|hit| hit.passage.content.as_str()).collect();
        let grades = self.ports.judge.grade(scope, question.text.as_str(), &passages, budget).await?;
        let rest = hits.split_off(hits.len().min(READ));
        for (hit, grade) in hits.iter_mut().zip(&grades.grades) {
            hit.explanation.grade = Some(*grade);
        }
        let mut slots: Vec<Option<Hit>> = std::mem::take(hits).into_iter().map(Some).collect();
        hits.extend(regraded(&grades.grades).into_iter().filter_map(|at| slots.get_mut(at).and_then(Option::take)).chain(rest));
        Ok(grades.model)
    }
}
