//! Calls to models by name, for every feature that asks one.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{
    Answered, Attribution, Call, CallError, Cause, ChatRequest, Embedded, EmbeddingRequest, OpenedStream, Owning, Patience,
};
use commandcenter_domain::shared::{ApiKeyId, Timestamp};

use super::LlmPorts;
use super::catalogue::{Catalogue, KnownModel};

/// Who asks a model, and what for.
#[derive(Debug, Clone)]
pub struct Asker<'a> {
    /// The right to the project that pays.
    pub scope: &'a ProjectScope,
    /// The key that the request came with.
    pub api_key: Option<ApiKeyId>,
    /// What it is for.
    pub cause: Cause,
    /// Which job, debate or task.
    pub cause_id: Option<String>,
}

/// The models that a project can call, by name: `role:<role>`, `<provider>/<model>` or a model's bare name.
pub struct Models {
    pub(super) ports: LlmPorts,
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Models")
    }
}

impl Models {
    /// Calls over these ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// A whole answer.
    ///
    /// # Errors
    /// [`CallError`]: not configured, unknown, over budget, or no provider answered.
    pub async fn chat(&self, asker: &Asker<'_>, model: &str, request: &ChatRequest) -> Result<Answered, CallError> {
        let call = self.call(asker, model).await?;
        self.ports.gateway.chat(&call, request).await
    }

    /// An answer as it comes.
    ///
    /// # Errors
    /// As for [`Models::chat`], until the first event.
    pub async fn stream(&self, asker: &Asker<'_>, model: &str, request: &ChatRequest) -> Result<OpenedStream, CallError> {
        let call = self.call(asker, model).await?;
        self.ports.gateway.stream(&call, request).await
    }

    /// Texts as vectors.
    ///
    /// # Errors
    /// As for [`Models::chat`].
    pub async fn embed(&self, asker: &Asker<'_>, model: &str, request: &EmbeddingRequest) -> Result<Embedded, CallError> {
        let call = self.call(asker, model).await?;
        self.ports.gateway.embed(&call, request).await
    }

    /// Every model that the project can call.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn known(&self, scope: &ProjectScope) -> Result<Vec<KnownModel>, CallError> {
        Ok(self.catalogue(scope).await?.models())
    }

    /// The present moment, for what answers say of themselves.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// What a name means, and who pays.
    pub(super) async fn call(&self, asker: &Asker<'_>, model: &str) -> Result<Call, CallError> {
        let catalogue = self.catalogue(asker.scope).await?;
        let resolved = catalogue.resolve(self.ports.store.repos(), asker.scope, model.trim()).await?;
        let attribution = Attribution {
            project: asker.scope.project(),
            user: asker.scope.user(),
            api_key: asker.api_key,
            cause: asker.cause,
            cause_id: asker.cause_id.clone(),
            role: resolved.role,
        };
        Ok(Call { attribution, targets: resolved.targets, patience: Patience::default() })
    }

    async fn catalogue(&self, scope: &ProjectScope) -> Result<Catalogue<'_>, CallError> {
        let of = (Owning::Project(scope), self.ports.clock.now());
        Ok(Catalogue::read(self.ports.store.repos(), &*self.ports.cipher, of).await?)
    }
}
