//! Calls whose answers are kept, for callers who say that the same answer will do.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::llm::{
    Answered, CacheFigures, Call, CallError, ChatRequest, Heard, KeptAnswer, KeptFor, LlmError, NanoDollars, OpenedStream, StreamEvent,
    Target, TokenStream, canonical,
};
use commandcenter_domain::{Clock, Store, StoreError};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::LlmPorts;
use super::calls::{Asker, Models};

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was kept from before, and cost nothing.
    Hit,
    /// A model was asked.
    Miss,
}

impl Models {
    /// A whole answer, the kept one where there is one that is not too old.
    ///
    /// # Errors
    /// As for [`Models::chat`].
    pub async fn chat_kept(
        &self,
        asker: &Asker<'_>,
        model: &str,
        (request, keep): (&ChatRequest, KeptFor),
    ) -> Result<(Answered, Kept), CallError> {
        let call = self.call(asker, model).await?;
        let Some(place) = Place::of(asker.scope, &call, (request, keep))? else {
            return Ok((self.ports.gateway.chat(&call, request).await?, Kept::Miss));
        };
        if let Some(KeptAnswer { alias, answer }) = self.kept(&place).await? {
            let attempt = self.given(&call, &place.target).await?;
            return Ok((Answered { answer, alias, attempt, cost: NanoDollars::ZERO }, Kept::Hit));
        }
        let answered = self.ports.gateway.chat(&call, request).await?;
        // What another model of the same provider stood in for cannot be told from the first's.
        let stands_in = call.targets.iter().skip(1).any(|other| other.alias == place.target.alias);
        if answered.alias == place.target.alias && !stands_in {
            self.shop().keep(&place, KeptAnswer::of(&answered.alias, &answered.answer)).await;
        }
        Ok((answered, Kept::Miss))
    }

    /// An answer as it comes; a kept one comes at once.
    ///
    /// # Errors
    /// As for [`Models::stream`].
    pub async fn stream_kept(
        &self,
        asker: &Asker<'_>,
        model: &str,
        (request, keep): (&ChatRequest, KeptFor),
    ) -> Result<(OpenedStream, Kept), CallError> {
        let call = self.call(asker, model).await?;
        let Some(place) = Place::of(asker.scope, &call, (request, keep))? else {
            return Ok((self.ports.gateway.stream(&call, request).await?, Kept::Miss));
        };
        if let Some(kept) = self.kept(&place).await? {
            let attempt = self.given(&call, &place.target).await?;
            let events = Box::new(Replay(kept.events().into()));
            return Ok((OpenedStream { alias: kept.alias, model: place.target.model, attempt, events }, Kept::Hit));
        }
        let opened = self.ports.gateway.stream(&call, request).await?;
        if opened.alias != place.target.alias || opened.model != place.target.model {
            return Ok((opened, Kept::Miss));
        }
        let listening = Listening { events: opened.events, heard: Heard::default(), place, shop: self.shop() };
        Ok((OpenedStream { events: Box::new(listening), ..opened }, Kept::Miss))
    }

    async fn kept(&self, place: &Place) -> Result<Option<KeptAnswer>, StoreError> {
        let now = self.ports.clock.now();
        self.ports.store.repos().llm_answers().find(&place.scope, &place.key, (now, now - place.keep.get())).await
    }

    async fn given(&self, call: &Call, target: &Target) -> Result<commandcenter_domain::shared::LlmAttemptId, StoreError> {
        self.ports.store.repos().llm_answers().given(&call.attribution, target, self.ports.clock.now()).await
    }

    fn shop(&self) -> Shop {
        Shop { store: self.ports.store.clone(), clock: self.ports.clock.clone() }
    }
}

/// Where an answer is kept, and for how long.
struct Place {
    scope: ProjectScope,
    target: Target,
    key: String,
    keep: KeptFor,
}

impl Place {
    /// The place of a call's answer, by all that it depends on; none for a call that goes nowhere.
    fn of(scope: &ProjectScope, call: &Call, (request, keep): (&ChatRequest, KeptFor)) -> Result<Option<Self>, StoreError> {
        let Some(target) = call.targets.first().cloned() else { return Ok(None) };
        let key = hex::encode(Sha256::digest(canonical(&target, request)?.as_bytes()));
        Ok(Some(Self { scope: scope.clone(), target, key, keep }))
    }
}

/// Where answers are kept.
struct Shop {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Shop {
    /// Keeps an answer. One that cannot be kept is given all the same.
    async fn keep(&self, place: &Place, kept: Option<KeptAnswer>) {
        let Some(kept) = kept else { return };
        let now = self.clock.now();
        let keeping = self.store.repos().llm_answers();
        if let Err(error) = keeping.keep(&place.scope, &place.key, (&kept, now, now + place.keep.get())).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "an answer could not be kept");
        }
    }
}

/// A kept answer as it was told.
struct Replay(VecDeque<StreamEvent>);

#[async_trait]
impl TokenStream for Replay {
    async fn next(&mut self) -> Option<StreamEvent> {
        self.0.pop_front()
    }
}

/// An answer that is kept once it is whole.
struct Listening {
    events: Box<dyn TokenStream>,
    heard: Heard,
    place: Place,
    shop: Shop,
}

#[async_trait]
impl TokenStream for Listening {
    async fn next(&mut self) -> Option<StreamEvent> {
        let event = self.events.next().await?;
        if let Some(answer) = self.heard.hear(&event, &self.place.target.model) {
            self.shop.keep(&self.place, KeptAnswer::of(&self.place.target.alias, &answer)).await;
        }
        Some(event)
    }
}

/// Use cases of what is kept.
pub struct CacheService {
    ports: LlmPorts,
}

impl std::fmt::Debug for CacheService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CacheService")
    }
}

impl CacheService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// How much is kept of the project.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn figures(&self, scope: &ProjectScope) -> Result<CacheFigures, LlmError> {
        Ok(self.ports.store.repos().llm_answers().figures(scope, self.ports.clock.now()).await?)
    }

    /// Forgets every answer of the project.
    ///
    /// # Errors
    /// A role below maintainer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn clear(&self, scope: &ProjectScope) -> Result<(), LlmError> {
        scope.require(Role::Maintainer)?;
        let tx = self.ports.store.begin().await?;
        let answers = tx.llm_answers().clear(scope).await?;
        let detail = json!({ "answers": answers });
        let entry = NewAudit {
            action: "llm_cache.cleared",
            entity: "project",
            entity_id: scope.project().get(),
            detail,
            at: self.ports.clock.now(),
        };
        tx.audit().record(scope, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Removes what has expired, of all projects.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        self.ports.store.repos().llm_answers().expire(self.ports.clock.now()).await
    }
}
