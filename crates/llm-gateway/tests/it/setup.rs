//! A gateway with a ledger that remembers, and targets on this machine.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::llm::{
    Attribution, Call, CallError, Cause, ChatRequest, Dialect, Gateway, OpenedStream, Patience, Price, StreamEvent, Target, Usage,
};
use commandcenter_domain::shared::{ProjectId, ProviderId, SystemClock};
use commandcenter_llm_gateway::{CircuitRules, GatewayOptions, GatewayParts, LlmGateway, MemoryCircuits};

use crate::ledger::Ledger;
use crate::server::Server;

/// The key of every target.
pub(crate) const KEY: &str = "sk-very-secret";

/// What a test works with.
pub(crate) struct Setup {
    pub(crate) gateway: LlmGateway,
    pub(crate) ledger: Arc<Ledger>,
}

/// A gateway whose budget bears everything.
pub(crate) fn setup() -> Setup {
    setup_bearing(usize::MAX)
}

/// A gateway whose budget bears so many reservations.
pub(crate) fn setup_bearing(reservations: usize) -> Setup {
    setup_reaching(Ledger::bearing(reservations), |address| address.is_loopback())
}

/// A gateway that may reach these of the addresses that are not public.
pub(crate) fn setup_reaching(ledger: Ledger, allow: fn(IpAddr) -> bool) -> Setup {
    rustls::crypto::ring::default_provider().install_default().ok();
    let ledger = Arc::new(ledger);
    // Whoever is repeated is repeated at once.
    let options = GatewayOptions::new("CommandCenter/test", Arc::new(allow), Arc::new(|| 0.0));
    let rules = CircuitRules { failures: 4, ..CircuitRules::default() };
    let parts = GatewayParts {
        ledger: ledger.clone(),
        circuits: Arc::new(MemoryCircuits::new(rules)),
        clock: Arc::new(SystemClock),
        waits: Arc::new(()),
    };
    Setup { gateway: LlmGateway::new(options, parts).unwrap(), ledger }
}

/// A model at a server; its price makes tokens countable: 1000 for one in, 1 for one out.
pub(crate) fn target(dialect: Dialect, server: &Server) -> Target {
    target_at(dialect, &format!("http://127.0.0.1:{}", server.port))
}

/// A model at an address.
pub(crate) fn target_at(dialect: Dialect, base_url: &str) -> Target {
    Target {
        provider: ProviderId::new(1),
        alias: "main".into(),
        dialect,
        base_url: base_url.parse().unwrap(),
        key: Some(KEY.into()),
        model: "m-1".into(),
        price: Price { input_nano_per_million: 1_000_000_000, cached_nano_per_million: None, output_nano_per_million: 1_000_000 },
        context_window: 8192,
        max_output_tokens: 1024,
    }
}

/// The same model elsewhere.
pub(crate) fn elsewhere(target: Target) -> Target {
    Target { provider: ProviderId::new(2), alias: "spare".into(), ..target }
}

/// A call to these targets, with little patience: what takes longer than a moment is a test that hangs.
pub(crate) fn call(targets: impl IntoIterator<Item = Target>) -> Call {
    let attribution = Attribution { project: ProjectId::new(1), user: None, api_key: None, cause: Cause::Api, cause_id: None, role: None };
    let patience = Patience {
        connect: Duration::from_secs(5),
        first_token: Duration::from_secs(20),
        between_tokens: Duration::from_secs(20),
        total: Duration::from_secs(30),
        attempts: 2,
    };
    Call { attribution, targets: targets.into_iter().collect(), patience }
}

/// A call that waits only so long for what a patience names.
pub(crate) fn impatient(targets: impl IntoIterator<Item = Target>, set: impl FnOnce(&mut Patience)) -> Call {
    let mut call = call(targets);
    set(&mut call.patience);
    call
}

/// A short time to wait for what never comes.
pub(crate) const SOON: Duration = Duration::from_millis(300);

/// The question of every test.
pub(crate) fn question() -> ChatRequest {
    ChatRequest::ask("You answer in few words.", "What is the capital of France?")
}

/// The guess for [`question`].
pub(crate) const GUESS: u64 = 22;

impl Setup {
    /// Every event of an answer.
    pub(crate) async fn events(&self, call: &Call) -> Result<Vec<StreamEvent>, CallError> {
        Ok(drained(self.gateway.stream(call, &question()).await?).await)
    }

    /// The answer as it comes.
    pub(crate) async fn gateway_stream(&self, call: &Call) -> OpenedStream {
        self.gateway.stream(call, &question()).await.map_err(|err| err.to_string()).unwrap()
    }
}

/// What is left of a stream.
pub(crate) async fn drained(mut opened: OpenedStream) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    while let Some(event) = opened.events.next().await {
        events.push(event);
    }
    assert!(opened.events.next().await.is_none(), "nothing follows the last event");
    assert_eq!(events.iter().filter(|event| event.is_last()).count(), 1, "one last event: {events:?}");
    assert!(events.last().unwrap().is_last(), "{events:?}");
    events
}

/// A piece of text.
pub(crate) fn text(text: &str) -> StreamEvent {
    StreamEvent::Text { text: text.into() }
}

/// Figures by the provider's word.
pub(crate) fn told(input: u64, output: u64) -> Usage {
    Usage { input_tokens: input, cached_tokens: 0, output_tokens: output, estimated: false }
}

/// Figures that were counted here, in part or as a whole.
pub(crate) fn guessed(input: u64, output: u64) -> Usage {
    Usage { estimated: true, ..told(input, output) }
}
