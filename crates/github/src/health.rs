//! How GitHub was doing lately. Asks nothing: a health page must not use up anybody's rate limit.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use commandcenter_domain::health::{Component, HealthProbe, HealthStatus};
use commandcenter_domain::repository::HostError;
use commandcenter_domain::shared::Timestamp;

use crate::client::GithubHost;

/// The last answers.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Last>);

#[derive(Debug, Default, Clone)]
struct Last {
    success: Option<Timestamp>,
    failure: Option<(Timestamp, String)>,
}

impl Seen {
    /// Takes note of how a request ended. A refusal is an answer too: only silence, trouble and limits are failures of the host.
    pub(crate) fn note(&self, err: Option<&HostError>, at: Timestamp) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match err {
            Some(
                err @ (HostError::RateLimited { .. }
                | HostError::ServerError { .. }
                | HostError::Timeout
                | HostError::Network(_)
                | HostError::Unexpected(_)),
            ) => last.failure = Some((at, err.to_string())),
            Some(
                HostError::Unauthorized
                | HostError::Forbidden { .. }
                | HostError::NotFound { .. }
                | HostError::EmptyRepository
                | HostError::TooLarge { .. }
                | HostError::Refused { .. },
            )
            | None => *last = Last { success: Some(at), failure: None },
        }
    }
}

#[async_trait]
impl HealthProbe for GithubHost {
    fn name(&self) -> &'static str {
        "github"
    }

    async fn check(&self) -> Component {
        let last = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let component = match last.failure {
            Some((at, reason)) => Component::new(HealthStatus::Degraded).because(reason).with("last_failure_at", at.to_rfc3339()),
            None => Component::new(HealthStatus::Healthy),
        };
        let component = component.with("api_url", self.options.api_url.clone()).with("has_token", self.options.token.is_some());
        match last.success {
            Some(at) => component.with("last_success_at", at.to_rfc3339()),
            None => component,
        }
    }
}
