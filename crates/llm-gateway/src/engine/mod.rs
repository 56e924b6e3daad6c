//! The gateway: what every call goes through, whatever it asks for.

mod chat;
mod course;
mod embed;
mod operation;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::Clock;
use commandcenter_domain::llm::{
    Answered, AttemptLedger, Call, CallError, ChatRequest, Circuits, Embedded, EmbeddingRequest, Gateway, OpenedStream, Waits,
};

use crate::attempt::Desk;
use crate::backoff::{Backoff, Chance};
use crate::check;
use crate::form::Form;
use crate::guard::AllowList;
use crate::transport::{SetupError, Transport};

/// How the gateway reaches providers.
#[derive(Clone)]
pub struct GatewayOptions {
    /// What is said of who asks.
    pub user_agent: String,
    /// Which addresses may be reached although they are not public.
    pub allow: AllowList,
    /// The longest first wait before an attempt is repeated; each further one may be twice as long.
    pub backoff: Duration,
    /// The longest wait of all that the provider does not ask for.
    pub longest_backoff: Duration,
    /// Draws waits.
    pub chance: Chance,
}

impl GatewayOptions {
    /// The usual waits.
    #[must_use]
    pub fn new(user_agent: impl Into<String>, allow: AllowList, chance: Chance) -> Self {
        let (backoff, longest_backoff) = (Duration::from_millis(500), Duration::from_secs(20));
        Self { user_agent: user_agent.into(), allow, backoff, longest_backoff, chance }
    }
}

/// What the gateway stands on.
#[derive(Clone)]
pub struct GatewayParts {
    /// Where attempts are reserved and settled.
    pub ledger: Arc<dyn AttemptLedger>,
    /// Which models are left alone for a while.
    pub circuits: Arc<dyn Circuits>,
    /// The time of what is written.
    pub clock: Arc<dyn Clock>,
    /// Is told of waits for providers.
    pub waits: Arc<dyn Waits>,
}

/// The one door to language models.
pub struct LlmGateway {
    desk: Arc<Desk>,
    transport: Transport,
    backoff: Backoff,
}

impl LlmGateway {
    /// A gateway.
    ///
    /// # Errors
    /// [`SetupError`] when the system has no certificates to trust.
    pub fn new(options: GatewayOptions, parts: GatewayParts) -> Result<Self, SetupError> {
        let GatewayParts { ledger, circuits, clock, waits } = parts;
        let transport = Transport::new(options.allow, options.user_agent, clock.clone())?;
        let backoff = Backoff { base: options.backoff, cap: options.longest_backoff, chance: options.chance };
        Ok(Self { desk: Arc::new(Desk { ledger, circuits, clock, waits }), transport, backoff })
    }
}

impl std::fmt::Debug for LlmGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LlmGateway")
    }
}

#[async_trait]
impl Gateway for LlmGateway {
    async fn chat(&self, call: &Call, request: &ChatRequest) -> Result<Answered, CallError> {
        check::chat(request)?;
        let form = Form::of(&request.output)?;
        let (answered, cost) = self.run(call, &chat::Chat { request, form }).await?;
        Ok(Answered { cost, ..answered })
    }

    async fn stream(&self, call: &Call, request: &ChatRequest) -> Result<OpenedStream, CallError> {
        check::chat(request)?;
        Form::of(&request.output)?;
        let (opened, _) = self.run(call, &stream::Streamed { request }).await?;
        Ok(opened)
    }

    async fn embed(&self, call: &Call, request: &EmbeddingRequest) -> Result<Embedded, CallError> {
        check::embedding(request)?;
        let (embedded, cost) = self.run(call, &embed::Embed { request }).await?;
        Ok(Embedded { cost, ..embedded })
    }
}
