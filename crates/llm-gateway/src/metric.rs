//! What is measured of attempts.

use std::time::Duration;

use commandcenter_domain::llm::{CircuitState, NanoDollars, Outcome, Usage};
use metrics::{counter, gauge, histogram};

/// Takes note of an attempt's end.
pub(crate) fn attempt(provider: &str, model: &str, outcome: Outcome, latency: Duration) {
    let (provider, model) = (provider.to_owned(), model.to_owned());
    counter!("commandcenter_llm_requests_total", "provider" => provider.clone(), "model" => model.clone(), "outcome" => outcome.as_str())
        .increment(1);
    histogram!("commandcenter_llm_request_duration_seconds", "provider" => provider, "model" => model).record(latency.as_secs_f64());
}

/// Takes note of what an attempt took.
pub(crate) fn spent(provider: &str, usage: &Usage, cost: NanoDollars) {
    for (direction, tokens) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
        counter!("commandcenter_llm_tokens_total", "provider" => provider.to_owned(), "direction" => direction).increment(tokens);
    }
    let cost = u64::try_from(cost.get()).unwrap_or(0);
    counter!("commandcenter_llm_cost_nano_dollars_total", "provider" => provider.to_owned()).increment(cost);
}

/// Takes note of how long a first token took.
pub(crate) fn first_token(provider: &str, model: &str, after: Duration) {
    histogram!("commandcenter_llm_first_token_seconds", "provider" => provider.to_owned(), "model" => model.to_owned())
        .record(after.as_secs_f64());
}

/// Takes note of how a circuit stands: 0 closed, 1 half open, 2 open.
pub(crate) fn circuit(provider: &str, model: &str, state: CircuitState) {
    let figure = match state {
        CircuitState::Closed => 0.0,
        CircuitState::HalfOpen => 1.0,
        CircuitState::Open => 2.0,
    };
    gauge!("commandcenter_llm_circuit_state", "provider" => provider.to_owned(), "model" => model.to_owned()).set(figure);
}
