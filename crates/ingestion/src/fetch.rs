//! One GET, from the wait for its turn to an answer that was read within limits, with as many attempts as make sense.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::Clock;
use commandcenter_domain::shared::is_public;
use commandcenter_domain::source::{CanonicalUrl, ReadFailure, Validators};
use futures::StreamExt;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Response, StatusCode};

use crate::guard::{AllowList, Guard, Refused};
use crate::pace::{Host, Pace};
use crate::wait::{backoff, retry_after};

/// Redirects that are followed.
const HOPS: usize = 8;

/// How the outside is reached.
#[derive(Clone)]
pub struct FetchOptions {
    /// What is said of who asks.
    pub user_agent: String,
    /// How long one answer may take, body included.
    pub timeout: Duration,
    /// Attempts before an error counts.
    pub attempts: u32,
    /// The wait before the second attempt; each further one doubles it.
    pub backoff: Duration,
    /// Longest wait that a server may ask for; beyond it the item fails.
    pub longest_wait: Duration,
    /// The pause between two requests to a host of others.
    pub pause: Duration,
    /// Which addresses may be reached although they are not public.
    pub allow: AllowList,
    /// The time, for dates in `Retry-After`.
    pub clock: Arc<dyn Clock>,
}

impl FetchOptions {
    /// The usual limits.
    #[must_use]
    pub fn new(user_agent: impl Into<String>, allow: AllowList, clock: Arc<dyn Clock>) -> Self {
        Self {
            user_agent: user_agent.into(),
            timeout: Duration::from_secs(30),
            attempts: 3,
            backoff: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            pause: Duration::from_secs(1),
            allow,
            clock,
        }
    }
}

/// The client cannot be made: the system has no certificates to trust.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct SetupError(String);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where.
    pub url: &'a CanonicalUrl,
    /// What the last answer said of itself.
    pub known: &'a Validators,
    /// Most bytes that are read.
    pub limit: u64,
    /// The pause after it; the usual one when absent.
    pub pause: Option<Duration>,
}

/// An answer.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// It is the one that was read before.
    Unchanged,
    /// A status of the 4xx range that says something about the page.
    Refused(u16),
    /// This.
    Fresh {
        /// Where it was after redirects.
        url: CanonicalUrl,
        /// Its media type, without parameters, in lower case.
        media_type: String,
        /// What it said of itself.
        validators: Validators,
        /// Its body.
        bytes: Vec<u8>,
    },
}

/// Fetches pages.
pub struct Fetcher {
    client: Client,
    guard: Guard,
    pace: Pace,
    options: FetchOptions,
}

/// What came of one attempt.
enum Attempt {
    Done(Fetched),
    Moved(CanonicalUrl),
    /// The server asks for time.
    Busy(u16, Option<Duration>),
}

impl Fetcher {
    /// A fetcher.
    ///
    /// # Errors
    /// [`SetupError`] when there is no client.
    pub fn new(options: FetchOptions) -> Result<Self, SetupError> {
        let guard = Guard::new(options.allow.clone());
        let client = Client::builder()
            .user_agent(options.user_agent.clone())
            .timeout(options.timeout)
            .connect_timeout(options.timeout.min(Duration::from_secs(10)))
            // A proxy would resolve names itself, past the guard.
            .no_proxy()
            // Every hop is judged here.
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(guard.clone())
            .build()
            .map_err(|err| SetupError(err.to_string()))?;
        Ok(Self { client, guard, pace: Pace::default(), options })
    }

    /// Whether a URL may be reached, as far as that can be told without a resolver.
    pub(crate) fn admit(&self, url: &CanonicalUrl) -> Result<(), ReadFailure> {
        let host = url.host();
        let literal: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        literal.map_or(Ok(()), |address| self.guard.judge(host, address).map_err(|err| refused(&err)))
    }

    /// The pause that a host is owed: none for one of the addresses that were opened by the operator, who runs it.
    pub(crate) async fn owed(&self, url: &CanonicalUrl) -> Duration {
        let host = url.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let addresses = tokio::net::lookup_host((host, 0)).await.map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        let is_ours = !addresses.is_empty() && addresses.iter().all(|address| !is_public(address.ip()));
        if is_ours { Duration::ZERO } else { self.options.pause }
    }

    /// Fetches a page: redirects are followed and judged one by one; 429 and 503 are waited for; what may pass is tried again.
    ///
    /// # Errors
    /// Why it was not read.
    pub async fn get(&self, request: Request<'_>) -> Result<Fetched, ReadFailure> {
        let mut url = request.url.clone();
        for _ in 0..=HOPS {
            match self.with_patience(&url, &request).await? {
                Attempt::Done(fetched) => return Ok(fetched),
                Attempt::Moved(to) => url = to,
                Attempt::Busy(status, wait) => {
                    return Err(ReadFailure::Busy { status, seconds: wait.unwrap_or(self.options.backoff).as_secs().max(1) });
                }
            }
        }
        Err(ReadFailure::Redirects(HOPS))
    }

    async fn with_patience(&self, url: &CanonicalUrl, request: &Request<'_>) -> Result<Attempt, ReadFailure> {
        let host = self.pace.host(&url.origin());
        let mut attempt = 1;
        loop {
            let last = attempt >= self.options.attempts;
            let outcome = self.attempt(&host, url, request).await;
            let wait = match &outcome {
                Ok(Attempt::Busy(_, asked)) if !last => asked.unwrap_or_else(|| backoff(self.options.backoff, attempt)),
                Err(failure) if failure.is_passing() && !last && !host.is_away() => backoff(self.options.backoff, attempt),
                Ok(_) | Err(_) => return outcome,
            };
            if wait > self.options.longest_wait {
                return outcome;
            }
            host.hold(wait).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, host: &Host, url: &CanonicalUrl, request: &Request<'_>) -> Result<Attempt, ReadFailure> {
        self.admit(url)?;
        if host.is_away() {
            return Err(ReadFailure::Network(format!("{} did not answer lately and is left alone for a while", url.host())));
        }
        let _slot = host.take_turn(request.pause.unwrap_or(self.options.pause)).await;
        let mut asked =
            self.client.get(url.as_str()).header(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5");
        if let Some(etag) = &request.known.etag {
            asked = asked.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &request.known.last_modified {
            asked = asked.header(header::IF_MODIFIED_SINCE, date);
        }
        let response = asked.send().await;
        match &response {
            Ok(_) => host.answered(),
            Err(_) => host.failed(),
        }
        self.sorted(response.map_err(|err| self.failure(&err))?, url, request.limit).await
    }

    async fn sorted(&self, response: Response, url: &CanonicalUrl, limit: u64) -> Result<Attempt, ReadFailure> {
        let status = response.status();
        match status {
            StatusCode::NOT_MODIFIED => Ok(Attempt::Done(Fetched::Unchanged)),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                let asked = retry_after(text(response.headers(), &header::RETRY_AFTER), self.options.clock.now());
                Ok(Attempt::Busy(status.as_u16(), asked))
            }
            _ if status.is_redirection() => {
                let to = text(response.headers(), &header::LOCATION).and_then(|to| url.join(to));
                to.map(Attempt::Moved).ok_or_else(|| ReadFailure::Format(format!("the server answered {status} without a place to go to")))
            }
            _ if status.is_success() => self.read(response, url, limit).await,
            _ if status.is_client_error() => Ok(Attempt::Done(Fetched::Refused(status.as_u16()))),
            _ => Err(ReadFailure::Status(status.as_u16())),
        }
    }

    async fn read(&self, response: Response, url: &CanonicalUrl, limit: u64) -> Result<Attempt, ReadFailure> {
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(ReadFailure::TooLarge(limit));
        }
        let media_type = text(response.headers(), &header::CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let validators = Validators {
            etag: text(response.headers(), &header::ETAG).map(str::to_owned),
            last_modified: text(response.headers(), &header::LAST_MODIFIED).map(str::to_owned),
        };
        let mut bytes = Vec::new();
        // What is counted is what comes out of the decompression.
        let mut body = response.bytes_stream();
        while let Some(part) = body.next().await {
            let part = part.map_err(|err| self.failure(&err))?;
            if bytes.len() as u64 + part.len() as u64 > limit {
                return Err(ReadFailure::TooLarge(limit));
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Attempt::Done(Fetched::Fresh { url: url.clone(), media_type, validators, bytes }))
    }

    fn failure(&self, err: &reqwest::Error) -> ReadFailure {
        let mut cause: Option<&(dyn Error + 'static)> = Some(err);
        let mut deepest = String::new();
        while let Some(one) = cause {
            if let Some(address) = one.downcast_ref::<Refused>() {
                return refused(address);
            }
            deepest = one.to_string();
            cause = one.source();
        }
        if err.is_timeout() { ReadFailure::Timeout(self.options.timeout.as_secs()) } else { ReadFailure::Network(deepest) }
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetcher")
    }
}

fn refused(Refused { host, address }: &Refused) -> ReadFailure {
    ReadFailure::Address { host: host.clone(), address: address.to_string() }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
