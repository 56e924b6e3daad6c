//! What can be said of a prompt: by its words at once, by a model for what a call costs.

mod ask;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::llm::{CallError, Cause, FeatureModels, LlmError, NanoDollars, Purpose};
use commandcenter_domain::prompt::{PASSABLE, PromptText, QuickCheck, Review, quick_check};
use commandcenter_domain::shared::ApiKeyId;

use ask::{Task, read, request};

/// The role whose model judges and rewrites.
const ROLE: &str = "prompt";

/// What a model said, and what that took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// What it said.
    pub review: Review,
    /// The model, as `provider/model`.
    pub model: String,
    /// What all of it cost.
    pub cost: NanoDollars,
}

/// Use cases of prompts.
pub struct PromptService {
    models: Arc<dyn FeatureModels>,
}

impl std::fmt::Debug for PromptService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PromptService")
    }
}

impl PromptService {
    /// A service over the models.
    #[must_use]
    pub fn new(models: Arc<dyn FeatureModels>) -> Self {
        Self { models }
    }

    /// What the words alone tell; no model is asked, and everybody in the project may.
    #[must_use]
    pub fn quick_check(&self, _scope: &ProjectScope, prompt: &PromptText) -> QuickCheck {
        quick_check(prompt)
    }

    /// What a model finds wrong.
    ///
    /// # Errors
    /// Below member, no model plays the role, over budget, or none answered.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn analyze(&self, scope: &ProjectScope, prompt: &PromptText, key: Option<ApiKeyId>) -> Result<Reviewed, LlmError> {
        scope.require(Role::Member)?;
        Ok(self.ask(scope, key, Task::Analyze(prompt.as_str())).await?)
    }

    /// What a model makes of it. A rewritten prompt that the model itself does not think good enough is given back to it once; the better of
    /// the two is the answer.
    ///
    /// # Errors
    /// As for [`PromptService::analyze`]. When the second call fails, the first answer stands.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn improve(&self, scope: &ProjectScope, prompt: &PromptText, key: Option<ApiKeyId>) -> Result<Reviewed, LlmError> {
        scope.require(Role::Member)?;
        let first = self.ask(scope, key, Task::Improve(prompt.as_str())).await?;
        if first.review.scores.overall >= PASSABLE {
            return Ok(first);
        }
        let again = Task::Again(prompt.as_str(), &first.review);
        let second = match self.ask(scope, key, again).await {
            Ok(second) => second,
            Err(error) => {
                tracing::info!(error = &error as &dyn std::error::Error, "a prompt was not improved a second time");
                return Ok(first);
            }
        };
        let cost = first.cost.plus(second.cost);
        let better = if second.review.scores.overall >= first.review.scores.overall { second } else { first };
        Ok(Reviewed { cost, ..better })
    }

    async fn ask(&self, scope: &ProjectScope, api_key: Option<ApiKeyId>, task: Task<'_>) -> Result<Reviewed, CallError> {
        let purpose = Purpose { role: ROLE, cause: Cause::Prompt, cause_id: None, api_key };
        let answered = self.models.chat(scope, &purpose, &request(task)).await?;
        read(answered)
    }
}
