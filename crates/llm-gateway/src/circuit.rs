//! Circuits of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::llm::{Admission, CircuitKey, CircuitState, Circuits, Verdict};
use tokio::time::Instant;

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct CircuitRules {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open the first time; each failed probe doubles it.
    pub rest: Duration,
    /// The longest that it stays open.
    pub longest_rest: Duration,
}

impl Default for CircuitRules {
    fn default() -> Self {
        Self { failures: 5, rest: Duration::from_secs(10), longest_rest: Duration::from_secs(300) }
    }
}

/// Circuits kept in memory, for one process.
#[derive(Debug, Default)]
pub struct MemoryCircuits {
    rules: CircuitRules,
    circuits: Mutex<HashMap<CircuitKey, Circuit>>,
}

/// A circuit that is not in best health; one that is has no entry.
#[derive(Debug, Clone, Copy)]
enum Circuit {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
        rest: Duration,
    },
    /// One probe is under way. Should it never report, another may go at `until`.
    HalfOpen {
        until: Instant,
        rest: Duration,
    },
}

impl MemoryCircuits {
    /// Circuits by these rules, all closed.
    #[must_use]
    pub fn new(rules: CircuitRules) -> Self {
        Self { rules, circuits: Mutex::default() }
    }

    fn open(&self, rest: Duration) -> Circuit {
        let rest = rest.min(self.rules.longest_rest);
        Circuit::Open { until: Instant::now() + rest, rest }
    }

    /// What a circuit becomes; `None` for the best of health.
    fn after(&self, circuit: Circuit, verdict: Verdict) -> Option<Circuit> {
        match (circuit, verdict) {
            // What ends while the circuit is open began before; it does not say how the model is now.
            (Circuit::Open { .. }, _) | (Circuit::Closed { .. }, Verdict::Unknown) => Some(circuit),
            (Circuit::Closed { .. } | Circuit::HalfOpen { .. }, Verdict::Good) => None,
            (Circuit::Closed { failures }, Verdict::Bad) if failures + 1 >= self.rules.failures => Some(self.open(self.rules.rest)),
            (Circuit::Closed { failures }, Verdict::Bad) => Some(Circuit::Closed { failures: failures + 1 }),
            (Circuit::HalfOpen { rest, .. }, Verdict::Bad) => Some(self.open(rest.saturating_mul(2))),
            (Circuit::HalfOpen { rest, .. }, Verdict::Unknown) => Some(Circuit::Open { until: Instant::now(), rest }),
        }
    }
}

#[async_trait]
impl Circuits for MemoryCircuits {
    async fn admit(&self, key: &CircuitKey) -> Admission {
        let now = Instant::now();
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, rest) = match circuits.get(key).copied() {
            None | Some(Circuit::Closed { .. }) => return Admission::Pass,
            Some(Circuit::Open { until, rest } | Circuit::HalfOpen { until, rest }) => (until, rest),
        };
        if now < until {
            return Admission::Refused { retry_after: until - now };
        }
        circuits.insert(key.clone(), Circuit::HalfOpen { until: now + rest, rest });
        Admission::Probe
    }

    async fn report(&self, key: &CircuitKey, verdict: Verdict) -> CircuitState {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let circuit = circuits.get(key).copied().unwrap_or(Circuit::Closed { failures: 0 });
        match self.after(circuit, verdict) {
            None | Some(Circuit::Closed { failures: 0 }) => {
                circuits.remove(key);
                CircuitState::Closed
            }
            Some(next) => {
                circuits.insert(key.clone(), next);
                match next {
                    Circuit::Closed { .. } => CircuitState::Closed,
                    Circuit::Open { .. } => CircuitState::Open,
                    Circuit::HalfOpen { .. } => CircuitState::HalfOpen,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::shared::ProviderId;

    use super::*;

    fn key() -> CircuitKey {
        CircuitKey { provider: ProviderId::new(1), model: "m".into() }
    }

    fn circuits() -> MemoryCircuits {
        MemoryCircuits::new(CircuitRules { failures: 2, rest: Duration::from_secs(10), longest_rest: Duration::from_secs(15) })
    }

    async fn opened() -> MemoryCircuits {
        let circuits = circuits();
        assert_eq!(circuits.report(&key(), Verdict::Bad).await, CircuitState::Closed);
        assert_eq!(circuits.report(&key(), Verdict::Bad).await, CircuitState::Open);
        circuits
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_and_one_probe_closes_it() {
        let circuits = opened().await;
        let other = CircuitKey { model: "n".into(), ..key() };
        assert_eq!(circuits.admit(&other).await, Admission::Pass);
        assert_eq!(circuits.admit(&key()).await, Admission::Refused { retry_after: Duration::from_secs(10) });
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(circuits.admit(&key()).await, Admission::Probe);
        assert!(matches!(circuits.admit(&key()).await, Admission::Refused { .. }), "one probe at a time");
        assert_eq!(circuits.report(&key(), Verdict::Good).await, CircuitState::Closed);
        assert_eq!(circuits.admit(&key()).await, Admission::Pass);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_probe_doubles_the_rest_up_to_a_limit() {
        let circuits = opened().await;
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(circuits.admit(&key()).await, Admission::Probe);
        assert_eq!(circuits.report(&key(), Verdict::Bad).await, CircuitState::Open);
        assert_eq!(circuits.admit(&key()).await, Admission::Refused { retry_after: Duration::from_secs(15) });
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_says_nothing_leaves_the_way_to_the_next() {
        let circuits = opened().await;
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(circuits.admit(&key()).await, Admission::Probe);
        assert_eq!(circuits.report(&key(), Verdict::Unknown).await, CircuitState::Open);
        assert_eq!(circuits.admit(&key()).await, Admission::Probe);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(circuits.admit(&key()).await, Admission::Probe, "the last one never reported");
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_between_failures_starts_the_count_anew() {
        let circuits = circuits();
        for _ in 0..3 {
            circuits.report(&key(), Verdict::Bad).await;
            assert_eq!(circuits.report(&key(), Verdict::Good).await, CircuitState::Closed);
        }
        let opened = opened().await;
        assert_eq!(opened.report(&key(), Verdict::Good).await, CircuitState::Open, "it began before the circuit opened");
    }
}
