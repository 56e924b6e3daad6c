//! One request, from the wait for a free slot to a sorted answer, with as many attempts as make sense.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::Clock;
use commandcenter_domain::repository::{AccessToken, HostError};
use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue, IF_NONE_MATCH};
use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::health::Seen;
use crate::limits::{Limits, key_of};

/// How GitHub is reached.
#[derive(Debug, Clone)]
pub struct GithubOptions {
    /// Base URL of the REST API.
    pub api_url: String,
    /// The token of repositories that have none of their own.
    pub token: Option<AccessToken>,
    /// How long one attempt may take, body included.
    pub timeout: Duration,
    /// Attempts before an error counts.
    pub attempts: u32,
    /// The wait before the second attempt; each further one doubles it.
    pub backoff: Duration,
    /// Requests in flight at once.
    pub concurrency: usize,
}

impl GithubOptions {
    /// The usual limits for a base URL.
    #[must_use]
    pub fn new(api_url: impl Into<String>) -> Self {
        Self {
            api_url: api_url.into(),
            token: None,
            timeout: Duration::from_secs(30),
            attempts: 3,
            backoff: Duration::from_millis(500),
            concurrency: 8,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum GithubError {
    /// The base URL is no URL, or the system has no certificates to trust.
    #[error("the GitHub client cannot be made: {0}")]
    Setup(String),
}

/// GitHub, or a server that speaks like it.
pub struct GithubHost {
    pub(crate) client: Octocrab,
    pub(crate) options: GithubOptions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    pub(crate) seen: Seen,
    slots: Semaphore,
}

impl std::fmt::Debug for GithubHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GithubHost").field("api_url", &self.options.api_url).finish_non_exhaustive()
    }
}

/// What is asked for.
pub(crate) struct Ask<'a> {
    /// For metrics: few and fixed.
    pub(crate) endpoint: &'static str,
    /// Path and query.
    pub(crate) route: String,
    /// What it is, for people.
    pub(crate) what: String,
    /// The media type wanted.
    pub(crate) accept: &'static str,
    /// The validator of an earlier answer.
    pub(crate) etag: Option<&'a str>,
    /// The repository's own token.
    pub(crate) token: Option<&'a AccessToken>,
    /// Most bytes of the body.
    pub(crate) limit: u64,
}

impl GithubHost {
    /// A client for a base URL. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`GithubError::Setup`] when the URL cannot be read or there are no root certificates.
    pub fn new(options: GithubOptions, clock: Arc<dyn Clock>) -> Result<Self, GithubError> {
        let setup = |err: octocrab::Error| GithubError::Setup(chain(&err));
        let client = Octocrab::builder()
            .base_uri(options.api_url.as_str())
            .map_err(setup)?
            // Ours waits between attempts and knows which errors can pass; octocrab's retries at once.
            .add_retry_config(RetryConfig::None)
            .set_connect_timeout(Some(options.timeout.min(Duration::from_secs(10))))
            .build()
            .map_err(setup)?;
        let slots = Semaphore::new(options.concurrency.max(1));
        Ok(Self { client, options, clock, limits: Limits::default(), seen: Seen::default(), slots })
    }

    /// Asks until there is an answer or another attempt would not help.
    pub(crate) async fn get(&self, ask: &Ask<'_>) -> Result<Answer, HostError> {
        let token = ask.token.or(self.options.token.as_ref());
        let key = key_of(token);
        let mut attempt = 1;
        loop {
            self.limits.check(key, self.clock.now())?;
            let outcome = self.once(ask, token).await;
            self.remember(key, &outcome);
            match outcome {
                Err(err) if is_transient(&err) && attempt < self.options.attempts => {
                    tracing::debug!(endpoint = ask.endpoint, attempt, error = %err, "asking GitHub again");
                    tokio::time::sleep(self.pause(attempt)).await;
                    attempt += 1;
                }
                settled => return settled,
            }
        }
    }

    fn remember(&self, key: u64, outcome: &Result<Answer, HostError>) {
        let now = self.clock.now();
        match outcome {
            Ok(answer) => self.limits.note(key, answer::exhausted_until(&answer.headers, now)),
            Err(HostError::RateLimited { until }) => self.limits.note(key, Some(*until)),
            Err(_) => {}
        }
        self.seen.note(outcome.as_ref().err(), now);
    }

    /// Doubles with every attempt; half of it is chance, so that many workers do not come back together.
    fn pause(&self, attempt: u32) -> Duration {
        let whole = self.options.backoff.saturating_mul(1 << (attempt - 1).min(6));
        whole.mul_f64(rand::random_range(0.5..1.0))
    }

    async fn once(&self, ask: &Ask<'_>, token: Option<&AccessToken>) -> Result<Answer, HostError> {
        let headers = headers(ask, token)?;
        let Ok(_slot) = self.slots.acquire().await else {
            return Err(HostError::Network("the client is shutting down".to_owned()));
        };
        let started = Instant::now();
        let outcome = tokio::time::timeout(self.options.timeout, self.exchange(ask, headers)).await;
        let outcome = outcome.unwrap_or(Err(HostError::Timeout));
        let status = outcome.as_ref().map_or_else(answer::label, |answer| answer.status.as_str().to_owned());
        metrics::counter!("commandcenter_github_requests_total", "endpoint" => ask.endpoint, "status" => status).increment(1);
        metrics::histogram!("commandcenter_github_request_duration_seconds", "endpoint" => ask.endpoint)
            .record(started.elapsed().as_secs_f64());
        outcome
    }

    async fn exchange(&self, ask: &Ask<'_>, headers: HeaderMap) -> Result<Answer, HostError> {
        let response = self.client._get_with_headers(ask.route.as_str(), Some(headers)).await;
        let response = response.map_err(|err| HostError::Network(chain(&err)))?;
        let answer = answer::read(response, ask.limit).await?;
        answer::report_remaining(&answer.headers);
        answer::sorted(answer, &ask.what, self.clock.now())
    }
}

fn headers(ask: &Ask<'_>, token: Option<&AccessToken>) -> Result<HeaderMap, HostError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(ask.accept));
    headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
    if let Some(etag) = ask.etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
        headers.insert(IF_NONE_MATCH, etag);
    }
    if let Some(token) = token {
        // A token that does not fit a header cannot be one of GitHub's.
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| HostError::Unauthorized)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

fn is_transient(err: &HostError) -> bool {
    match err {
        HostError::ServerError { .. } | HostError::Timeout | HostError::Network(_) => true,
        HostError::Unauthorized
        | HostError::Forbidden { .. }
        | HostError::NotFound { .. }
        | HostError::RateLimited { .. }
        | HostError::EmptyRepository
        | HostError::TooLarge { .. }
        | HostError::Refused { .. }
        | HostError::Unexpected(_) => false,
    }
}

/// The innermost reason is what tells a refused connection from a wrong name.
fn chain(err: &dyn Error) -> String {
    let mut innermost = err;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
