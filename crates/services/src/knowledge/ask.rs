//! Questions answered in prose: passages first, then statement by statement, each checked against the passages before it is told.

use std::collections::VecDeque;
use std::sync::Arc;

use commandcenter_domain::Classified;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{AskPolicy, KnowledgeError, NOT_IN_SOURCES, QueryAnswer, Question, Statement, Statements, Support};
use commandcenter_domain::llm::{CallError, Cause, FeatureModels, NanoDollars, OpenedStream, Purpose, StreamEvent, Usage};
use commandcenter_domain::shared::ApiKeyId;

use super::KnowledgeService;
use super::ask_prompt::request;

/// The role whose model answers.
const ROLE: &str = "answer";

/// A question that wants prose.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The question; its hits are what the answer may lean on.
    pub question: Question,
    /// What becomes of statements without a source.
    pub policy: AskPolicy,
    /// The key that the request came with.
    pub api_key: Option<ApiKeyId>,
}

/// What an asker learns, in this order: the passages, the statements, the end.
#[derive(Debug)]
pub enum AskEvent {
    /// What the answer may lean on, numbered from 1 in this order.
    Passages(Arc<QueryAnswer>),
    /// A statement, checked.
    Statement(Statement),
    /// The last.
    End(AskEnd),
}

/// How an answer ended.
#[derive(Debug, Default)]
pub struct AskEnd {
    /// How.
    pub outcome: AskOutcome,
    /// The model that spoke, as `provider/model`.
    pub model: Option<String>,
    /// Statements whose sources hold.
    pub supported: usize,
    /// Statements that were marked.
    pub unsupported: usize,
    /// Statements that were left out.
    pub dropped: usize,
    /// What the model took.
    pub usage: Usage,
    /// What it cost.
    pub cost: NanoDollars,
}

/// The ways in which an answer ends.
#[derive(Debug, Default)]
pub enum AskOutcome {
    /// It is whole.
    #[default]
    Answered,
    /// The passages do not say, or nothing that was said of them held.
    NotFound,
    /// No model is configured: the passages are all there is.
    NoModel(String),
    /// It broke off; what came is not the whole answer.
    Incomplete(String),
    /// No model answered: slug and detail of the problem.
    Failed(&'static str, String),
}

/// Use cases of answers in prose.
pub struct AskService {
    knowledge: Arc<KnowledgeService>,
    models: Arc<dyn FeatureModels>,
}

impl AskService {
    /// A service over the knowledge base and the models.
    #[must_use]
    pub fn new(knowledge: Arc<KnowledgeService>, models: Arc<dyn FeatureModels>) -> Self {
        Self { knowledge, models }
    }

    /// Finds the passages; the model is asked once the first of them has been told.
    ///
    /// # Errors
    /// As for a query. What goes wrong with the model is told by the end.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn ask(&self, scope: ProjectScope, ask: Ask) -> Result<Asking, KnowledgeError> {
        let found = self.knowledge.query(&scope, &ask.question).await?;
        Ok(Asking::new(self.models.clone(), scope, ask, found))
    }
}

enum Stage {
    /// The passages are not told yet.
    Found,
    /// The model is not asked yet.
    Asked,
    /// The model speaks.
    Speaking(OpenedStream, Statements),
    /// Nothing follows but what is waiting to be told.
    Ended,
}

/// An answer under way. Dropped before its end, it stops the model.
pub struct Asking {
    models: Arc<dyn FeatureModels>,
    scope: ProjectScope,
    ask: Ask,
    found: Arc<QueryAnswer>,
    stage: Stage,
    told: VecDeque<AskEvent>,
    end: AskEnd,
}

impl Asking {
    fn new(models: Arc<dyn FeatureModels>, scope: ProjectScope, ask: Ask, found: Arc<QueryAnswer>) -> Self {
        Self { models, scope, ask, found, stage: Stage::Found, told: VecDeque::new(), end: AskEnd::default() }
    }

    /// The next event; none after the end.
    pub async fn next(&mut self) -> Option<AskEvent> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(event);
            }
            match std::mem::replace(&mut self.stage, Stage::Ended) {
                Stage::Found => {
                    self.stage = Stage::Asked;
                    return Some(AskEvent::Passages(self.found.clone()));
                }
                Stage::Asked => self.open().await,
                Stage::Speaking(mut stream, statements) => match stream.events.next().await {
                    Some(event) => self.heard(event, (stream, statements)),
                    None => self.finish(AskOutcome::Incomplete("the stream ended without an end".to_owned())),
                },
                Stage::Ended => return None,
            }
        }
    }

    async fn open(&mut self) {
        if self.found.hits.is_empty() {
            return self.finish(AskOutcome::NotFound);
        }
        let request = request(self.ask.question.text.as_str(), &self.found.hits);
        let purpose = Purpose { role: ROLE, cause: Cause::Ask, cause_id: None, api_key: self.ask.api_key };
        match self.models.stream(&self.scope, &purpose, &request).await {
            Ok(stream) => {
                self.end.model = Some(format!("{}/{}", stream.alias, stream.model));
                self.stage = Stage::Speaking(stream, Statements::default());
            }
            Err(err @ CallError::NotConfigured(_)) => self.finish(AskOutcome::NoModel(err.to_string())),
            Err(CallError::Store(err)) => {
                tracing::error!(error = &err as &dyn std::error::Error, "the ledger of models could not be written");
                self.finish(AskOutcome::Failed(err.classify().1, "storage failed".to_owned()));
            }
            Err(err) => self.finish(AskOutcome::Failed(err.classify().1, err.to_string())),
        }
    }

    fn heard(&mut self, event: StreamEvent, (stream, mut statements): (OpenedStream, Statements)) {
        match event {
            StreamEvent::Text { text } => {
                let whole = statements.push(&text);
                self.stage = Stage::Speaking(stream, statements);
                for statement in &whole {
                    self.tell(statement);
                }
            }
            // It was offered no tools.
            StreamEvent::CallStart { .. } | StreamEvent::CallArguments { .. } => self.stage = Stage::Speaking(stream, statements),
            StreamEvent::Done { stop: _, usage, cost } => {
                if let Some(last) = statements.finish() {
                    self.tell(&last);
                }
                (self.end.usage, self.end.cost) = (usage, cost);
                let said_nothing = self.end.supported + self.end.unsupported == 0;
                self.finish(if said_nothing { AskOutcome::NotFound } else { AskOutcome::Answered });
            }
            // Half a statement is not checked and not told.
            StreamEvent::Incomplete(broken) => {
                (self.end.usage, self.end.cost) = (broken.usage, broken.cost);
                self.finish(AskOutcome::Incomplete(format!("{}: {}", broken.cause, broken.detail)));
            }
        }
    }

    /// Checks a statement and tells it, unless it is to be left out.
    fn tell(&mut self, statement: &str) {
        if statement.contains(NOT_IN_SOURCES) {
            return;
        }
        let passages: Vec<&str> = self.found.hits.iter().map(|hit| hit.passage.content.as_str()).collect();
        let statement = Statement::check(statement, &passages);
        let counted = match (statement.support, self.ask.policy) {
            (Support::Connective, _) => None,
            (Support::Supported, _) => Some(&mut self.end.supported),
            (Support::Unsupported, AskPolicy::Mark) => Some(&mut self.end.unsupported),
            (Support::Unsupported, AskPolicy::Drop) => Some(&mut self.end.dropped),
        };
        if let Some(count) = counted {
            *count += 1;
        }
        if statement.support != Support::Unsupported || self.ask.policy == AskPolicy::Mark {
            self.told.push_back(AskEvent::Statement(statement));
        }
    }

    fn finish(&mut self, outcome: AskOutcome) {
        self.stage = Stage::Ended;
        let end = AskEnd { outcome, ..std::mem::take(&mut self.end) };
        metrics::counter!("commandcenter_answers_total", "outcome" => end.outcome.as_str()).increment(1);
        self.told.push_back(AskEvent::End(end));
    }
}

impl AskOutcome {
    /// Its name for programs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotFound => "not_found",
            Self::NoModel(_) => "no_model",
            Self::Incomplete(_) => "incomplete",
            Self::Failed(..) => "failed",
        }
    }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
