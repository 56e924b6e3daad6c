//! Calls by role, for the features that ask a model.

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{Answered, CallError, ChatRequest, FeatureModels, OpenedStream, Purpose};

use super::calls::{Asker, Models};

#[async_trait]
impl FeatureModels for Models {
    async fn chat(&self, scope: &ProjectScope, purpose: &Purpose<'_>, request: &ChatRequest) -> Result<Answered, CallError> {
        Self::chat(self, &asker(scope, purpose), &role(purpose), request).await
    }

    async fn stream(&self, scope: &ProjectScope, purpose: &Purpose<'_>, request: &ChatRequest) -> Result<OpenedStream, CallError> {
        Self::stream(self, &asker(scope, purpose), &role(purpose), request).await
    }
}

fn asker<'a>(scope: &'a ProjectScope, purpose: &Purpose<'_>) -> Asker<'a> {
    Asker { scope, api_key: purpose.api_key, cause: purpose.cause, cause_id: purpose.cause_id.map(str::to_owned) }
}

fn role(purpose: &Purpose<'_>) -> String {
    format!("role:{}", purpose.role)
}
