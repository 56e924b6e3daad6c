//! Running a project's own questions and judging the answers.

use std::sync::Arc;

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::knowledge::{
    Evaluation, Grouping, JudgedQuery, KnowledgeError, Measures, Narrowing, NewEvaluation, QueryAnswer, QueryOutcome, Question,
    RunEvaluation, SearchMode,
};
use commandcenter_domain::shared::EvaluationId;
use commandcenter_domain::{Page, PageRequest};
use serde_json::json;

use super::KnowledgeService;

impl KnowledgeService {
    /// Asks every question, judges what comes back, and stores the figures beside those of the run before. A mode that is not available
    /// is an error: figures of less than was asked for would be compared with others.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn evaluate(&self, scope: &ProjectScope, new: NewEvaluation) -> Result<Evaluation, KnowledgeError> {
        scope.require(Role::Member)?;
        let mut queries = Vec::with_capacity(new.queries.len());
        for query in &new.queries {
            queries.push(self.judged(scope, &new, query).await?);
        }
        let measures = Measures::mean(&queries.iter().map(|query| query.measures).collect::<Vec<_>>());
        let at = self.ports.clock.now();
        let run = RunEvaluation { name: new.name, mode: new.mode, depth: new.depth, measures, queries, at };
        let tx = self.ports.store.begin().await?;
        let evaluation = tx.evaluations().insert_evaluation(scope, &run).await?;
        let detail = json!({ "name": evaluation.name, "queries": evaluation.queries.len() });
        let entity_id = evaluation.id.get();
        tx.audit().record(scope, NewAudit { action: "knowledge.evaluated", entity: "knowledge_evaluation", entity_id, detail, at }).await?;
        tx.commit().await?;
        Ok(evaluation)
    }

    async fn judged(&self, scope: &ProjectScope, new: &NewEvaluation, query: &JudgedQuery) -> Result<QueryOutcome, KnowledgeError> {
        let answer = self.query(scope, &question(new, query)).await?;
        if let Some(reason) = answer.degraded.clone().filter(|_| new.mode != SearchMode::Keyword) {
            return Err(KnowledgeError::NoModel(reason));
        }
        let (names, found) = documents(&answer, new.depth);
        let is_found = |name: &str| names.iter().any(|names| names.iter().any(|one| one == name));
        let missed = query.judgements.iter().filter(|one| one.grade > 0 && !is_found(&one.document)).map(|one| one.document.clone());
        Ok(QueryOutcome {
            id: query.id.clone(),
            query: query.text.as_str().to_owned(),
            measures: Measures::of(&names, &query.judgements, new.depth),
            missed: missed.collect(),
            found,
        })
    }

    /// One evaluation.
    pub async fn evaluation(&self, scope: &ProjectScope, id: EvaluationId) -> Result<Evaluation, KnowledgeError> {
        let found = self.ports.store.repos().evaluations().find_evaluation(scope, id).await?;
        found.ok_or(KnowledgeError::NoEvaluation(id))
    }

    /// A page of evaluations, newest first.
    pub async fn evaluations(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Evaluation>, KnowledgeError> {
        Ok(self.ports.store.repos().evaluations().list_evaluations(scope, page).await?)
    }
}

fn question(new: &NewEvaluation, query: &JudgedQuery) -> Question {
    Question {
        text: query.text.clone(),
        limit: new.depth,
        offset: 0,
        mode: new.mode,
        narrowing: Narrowing::default(),
        grouping: Grouping::Document,
        diversity: 0,
        rerank: None,
    }
}

/// The names that tell each document found, and its source for people, each document once. A copy stands right behind what it is a copy of.
fn documents(answer: &Arc<QueryAnswer>, depth: usize) -> (Vec<Vec<String>>, Vec<String>) {
    let mut seen = Vec::new();
    let (mut names, mut found) = (Vec::new(), Vec::new());
    for hit in &answer.hits {
        let first = std::iter::once((hit.passage.document, hit.passage.source.as_str()));
        let copies = hit.duplicates.iter().map(|copy| (copy.document, copy.source.as_str()));
        for (document, source) in first.chain(copies) {
            if !seen.contains(&document) && seen.len() < depth {
                seen.push(document);
                names.push(vec![document.to_string(), source.to_owned()]);
                found.push(source.to_owned());
            }
        }
    }
    (names, found)
}
