//! Circuits of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use commandcenter_domain::llm::{Admission, CircuitKey, CircuitState, Circuits, Verdict};

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

    fn admit_at(&self, key: &CircuitKey, now: Instant) -> Admission {
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

    fn report_at(&self, key: &CircuitKey, verdict: Verdict, now: Instant) -> CircuitState {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let circuit = circuits.get(key).copied().unwrap_or(Circuit::Closed { failures: 0 });
        let next = self.after(circuit, verdict, now);
        if matches!(next, Circuit::Closed { failures: 0 }) {
            circuits.remove(key);
        } else {
            circuits.insert(key.clone(), next);
        }
        match next {
            Circuit::Closed { .. } => CircuitState::Closed,
            Circuit::Open { .. } => CircuitState::Open,
            Circuit::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// What a circuit becomes.
    fn after(&self, circuit: Circuit, verdict: Verdict, now: Instant) -> Circuit {
        let open = |rest: Duration| {
            let rest = rest.min(self.rules.longest_rest);
            Circuit::Open { until: now + rest, rest }
        };
        match (circuit, verdict) {
            // What ends while the circuit is open began before; it does not say how the model is now.
            (Circuit::Open { .. }, _) | (Circuit::Closed { .. }, Verdict::Unknown) => circuit,
            (Circuit::Closed { .. } | Circuit::HalfOpen { .. }, Verdict::Good) => Circuit::Closed { failures: 0 },
            (Circuit::Closed { failures }, Verdict::Bad) if failures + 1 >= self.rules.failures => open(self.rules.rest),
            (Circuit::Closed { failures }, Verdict::Bad) => Circuit::Closed { failures: failures + 1 },
            (Circuit::HalfOpen { rest, .. }, Verdict::Bad) => open(rest.saturating_mul(2)),
            (Circuit::HalfOpen { rest, .. }, Verdict::Unknown) => Circuit::Open { until: now, rest },
        }
    }
}

#[async_trait]
impl Circuits for MemoryCircuits {
    async fn admit(&self, key: &CircuitKey) -> Admission {
        self.admit_at(key, Instant::now())
    }

    async fn report(&self, key: &CircuitKey, verdict: Verdict) -> CircuitState {
        self.report_at(key, verdict, Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::shared::ProviderId;

    use super::*;

    const REST: Duration = Duration::from_secs(10);

    fn key() -> CircuitKey {
        CircuitKey { provider: ProviderId::new(1), model: "m".into() }
    }

    fn circuits() -> MemoryCircuits {
        MemoryCircuits::new(CircuitRules { failures: 2, rest: REST, longest_rest: Duration::from_secs(15) })
    }

    fn opened(now: Instant) -> MemoryCircuits {
        let circuits = circuits();
        assert_eq!(circuits.report_at(&key(), Verdict::Bad, now), CircuitState::Closed);
        assert_eq!(circuits.report_at(&key(), Verdict::Bad, now), CircuitState::Open);
        circuits
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_probe_closes_it() {
        let now = Instant::now();
        let circuits = opened(now);
        let other = CircuitKey { model: "n".into(), ..key() };
        assert_eq!(circuits.admit_at(&other, now), Admission::Pass);
        assert_eq!(circuits.admit_at(&key(), now), Admission::Refused { retry_after: REST });
        let later = now + REST;
        assert_eq!(circuits.admit_at(&key(), later), Admission::Probe);
        assert!(matches!(circuits.admit_at(&key(), later), Admission::Refused { .. }), "one probe at a time");
        assert_eq!(circuits.report_at(&key(), Verdict::Good, later), CircuitState::Closed);
        assert_eq!(circuits.admit_at(&key(), later), Admission::Pass);
    }

    #[test]
    fn a_failed_probe_doubles_the_rest_up_to_a_limit() {
        let now = Instant::now();
        let circuits = opened(now);
        let later = now + REST;
        assert_eq!(circuits.admit_at(&key(), later), Admission::Probe);
        assert_eq!(circuits.report_at(&key(), Verdict::Bad, later), CircuitState::Open);
        assert_eq!(circuits.admit_at(&key(), later), Admission::Refused { retry_after: Duration::from_secs(15) });
    }

    #[test]
    fn a_probe_that_says_nothing_leaves_the_way_to_the_next() {
        let now = Instant::now();
        let circuits = opened(now);
        let later = now + REST;
        assert_eq!(circuits.admit_at(&key(), later), Admission::Probe);
        assert_eq!(circuits.report_at(&key(), Verdict::Unknown, later), CircuitState::Open);
        assert_eq!(circuits.admit_at(&key(), later), Admission::Probe);
        assert_eq!(circuits.admit_at(&key(), later + REST), Admission::Probe, "the last one never reported");
    }

    #[test]
    fn a_success_between_failures_starts_the_count_anew() {
        let (circuits, now) = (circuits(), Instant::now());
        for _ in 0..3 {
            circuits.report_at(&key(), Verdict::Bad, now);
            assert_eq!(circuits.report_at(&key(), Verdict::Good, now), CircuitState::Closed);
        }
        assert_eq!(opened(now).report_at(&key(), Verdict::Good, now), CircuitState::Open, "it began before the circuit opened");
    }
}
