//! Circuits that two gateways share through a real Redis; a gate before the server takes it away.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::llm::{Admission, CallError, CircuitKey, CircuitState, Circuits, Dialect, FailureKind, Gateway, Verdict};
use commandcenter_domain::shared::{ProviderId, SystemClock};
use commandcenter_llm_gateway::{CircuitRules, GatewayOptions, GatewayParts, LlmGateway, NotARedisUrl, RedisCircuits};
use commandcenter_testkit::{Gate, redis_url};
use serde_json::json;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::ledger::Ledger;
use crate::server::{Reply, Server};
use crate::setup::{call, question, target};

const REST: Duration = Duration::from_millis(1500);

fn rules() -> CircuitRules {
    CircuitRules { failures: 3, rest: REST, longest_rest: Duration::from_secs(60) }
}

fn key() -> CircuitKey {
    CircuitKey { provider: ProviderId::new(1), model: "m".into() }
}

/// Two processes of one installation.
fn two(url: &str) -> (RedisCircuits, RedisCircuits) {
    let prefix = format!("test:{}", Uuid::new_v4());
    let one = || RedisCircuits::new(url, &prefix, rules()).unwrap();
    (one(), one())
}

/// Waits until a circuit lets a probe through.
async fn probe(circuits: &RedisCircuits) {
    let begun = Instant::now();
    loop {
        match circuits.admit(&key()).await {
            Admission::Probe => return,
            Admission::Refused { .. } => assert!(begun.elapsed() < Duration::from_secs(20), "no probe is ever let through"),
            Admission::Pass => unreachable!("the circuit is closed"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn failures_in_several_processes_open_one_circuit_and_one_probe_of_all_closes_it() {
    let Some(url) = redis_url() else { return };
    let (here, there) = two(&url);
    assert_eq!(here.admit(&key()).await, Admission::Pass);
    assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Closed);
    assert_eq!(there.report(&key(), Verdict::Bad).await, CircuitState::Closed);
    assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Open);
    for circuits in [&here, &there] {
        let refused = circuits.admit(&key()).await;
        assert!(matches!(refused, Admission::Refused { retry_after } if retry_after <= REST), "{refused:?}");
    }
    let other = CircuitKey { model: "n".into(), ..key() };
    assert_eq!(there.admit(&other).await, Admission::Pass);
    probe(&there).await;
    assert!(matches!(here.admit(&key()).await, Admission::Refused { .. }), "one probe at a time, whoever sends it");
    assert_eq!(there.report(&key(), Verdict::Bad).await, CircuitState::Open);
    let refused = here.admit(&key()).await;
    assert!(matches!(refused, Admission::Refused { retry_after } if retry_after > REST), "a failed probe doubles the rest: {refused:?}");
    probe(&here).await;
    assert_eq!(here.report(&key(), Verdict::Unknown).await, CircuitState::Open);
    probe(&there).await;
    assert_eq!(there.report(&key(), Verdict::Good).await, CircuitState::Closed);
    assert_eq!((here.admit(&key()).await, there.admit(&key()).await), (Admission::Pass, Admission::Pass));
}

#[tokio::test]
async fn a_success_anywhere_starts_the_count_anew() {
    let Some(url) = redis_url() else { return };
    let (here, there) = two(&url);
    for _ in 0..3 {
        assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Closed);
        assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Closed);
        assert_eq!(there.admit(&key()).await, Admission::Pass);
        assert_eq!(there.report(&key(), Verdict::Good).await, CircuitState::Closed);
    }
}

#[tokio::test]
async fn without_redis_each_process_has_its_own_and_no_call_waits() {
    let Some(url) = redis_url() else { return };
    let (mut gate, url) = Gate::before_redis(&url).await;
    let (here, there) = two(&url);
    assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Closed);
    gate.shut().await;
    let begun = Instant::now();
    assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Closed);
    assert_eq!(here.report(&key(), Verdict::Bad).await, CircuitState::Open, "its own saw all that happened here");
    assert!(matches!(here.admit(&key()).await, Admission::Refused { .. }));
    assert_eq!(there.admit(&key()).await, Admission::Pass);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(matches!(RedisCircuits::new("nowhere", "x", rules()), Err(NotARedisUrl)));
}

/// Two gateways, as two processes have them: what one finds out the other need not.
#[tokio::test]
async fn a_gateway_leaves_a_model_alone_that_failed_another() {
    let Some(url) = redis_url() else { return };
    let (here, there) = two(&url);
    rustls::crypto::ring::default_provider().install_default().ok();
    let gateway = |circuits: RedisCircuits| {
        let options = GatewayOptions::new("test", Arc::new(|address: std::net::IpAddr| address.is_loopback()), Arc::new(|| 0.0));
        let ledger = Arc::new(Ledger::bearing(usize::MAX));
        let parts = GatewayParts { ledger, circuits: Arc::new(circuits), clock: Arc::new(SystemClock), waits: Arc::new(()) };
        LlmGateway::new(options, parts).unwrap()
    };
    let (here, there) = (gateway(here), gateway(there));
    let server = Server::start(vec![Reply::json(500, &json!({})); 9]).await;
    let call = call([target(Dialect::OpenAi, &server)]);
    for _ in 0..2 {
        here.chat(&call, &question()).await.map(|_| ()).unwrap_err();
    }
    let asked = server.asked().len();
    let refused = there.chat(&call, &question()).await.map(|_| ()).unwrap_err();
    assert!(matches!(&refused, CallError::Failed(failure) if failure.kind == FailureKind::CircuitOpen), "{refused}");
    assert_eq!(server.asked().len(), asked, "it is not asked again");
}
