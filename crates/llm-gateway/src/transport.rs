//! Requests on the wire: where they go, what carries the key, how long is waited, and what is told when it goes wrong.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use commandcenter_domain::Clock;
use commandcenter_domain::llm::{Failure, FailureKind, Target};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response};
use url::Url;

use crate::backoff::retry_after;
use crate::dialect::{KeyHeader, Outgoing};
use crate::failure::{detail_of, failure, kind_of};
use crate::guard::{AllowList, Guard, Refused};

/// The most bytes of a whole answer.
const LARGEST: usize = 64 << 20;
/// The most bytes that are read of a refusal.
const LARGEST_REFUSAL: usize = 64 << 10;
/// How long a refusal's text is waited for.
const REFUSAL_TIME: Duration = Duration::from_secs(5);
/// Distinct times to connect in that get a client of their own; further ones share the first's.
const MOST_CLIENTS: usize = 16;

/// The HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the client for language models cannot be made: {0}")]
pub struct SetupError(String);

/// Sends requests to providers, and to no address that must not be reached.
pub(crate) struct Transport {
    guard: Guard,
    user_agent: String,
    clock: Arc<dyn Clock>,
    /// How long a connection may take is a property of a client, so there is one for each such time.
    clients: Mutex<HashMap<Duration, Client>>,
    fallback: Client,
}

/// A request, ready to be sent as often as needed.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) outgoing: Outgoing,
    pub(crate) body: Bytes,
}

impl Ready {
    pub(crate) fn new(mut outgoing: Outgoing) -> Self {
        let body = Bytes::from(outgoing.body.take().to_string());
        Self { outgoing, body }
    }
}

impl Transport {
    pub(crate) fn new(allow: AllowList, user_agent: String, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let guard = Guard::new(allow);
        let fallback = client(&guard, &user_agent, Duration::from_secs(10)).map_err(|err| SetupError(err.to_string()))?;
        Ok(Self { guard, user_agent, clock, clients: Mutex::default(), fallback })
    }

    /// Sends a request; what comes back is the head of a success.
    ///
    /// # Errors
    /// The failure, refusals of the provider included.
    pub(crate) async fn send(&self, target: &Target, connect: Duration, ready: &Ready) -> Result<Response, Failure> {
        let refused = |err: Refused| failure(target, FailureKind::Refused, err);
        self.guard.admit(&target.base_url).map_err(refused)?;
        let url = address(target, &ready.outgoing).ok_or_else(|| refused(Refused::Form))?;
        let request = self.client(connect).post(url).header(CONTENT_TYPE, "application/json").header(ACCEPT, "*/*");
        let request = with_headers(request, target, &ready.outgoing)?;
        let response = request.body(ready.body.clone()).send().await.map_err(|err| broken(target, &err))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let asked = retry_after(response.headers(), self.clock.now());
        let status = response.status().as_u16();
        let body = tokio::time::timeout(REFUSAL_TIME, read_up_to(response, LARGEST_REFUSAL)).await;
        let body = body.ok().and_then(Result::ok).map(|(bytes, _)| bytes).unwrap_or_default();
        let kind = kind_of(status, &body);
        let told = failure(target, kind, detail_of(status, kind, &body));
        Err(Failure { status: Some(status), retry_after: asked, ..told })
    }

    fn client(&self, connect: Duration) -> Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = clients.get(&connect) {
            return known.clone();
        }
        if clients.len() >= MOST_CLIENTS {
            return self.fallback.clone();
        }
        let made = client(&self.guard, &self.user_agent, connect).unwrap_or_else(|_| self.fallback.clone());
        clients.insert(connect, made.clone());
        made
    }
}

/// The body of an answer, whole.
///
/// # Errors
/// The failure when it broke off or is too large.
pub(crate) async fn whole(response: Response, target: &Target) -> Result<Vec<u8>, Failure> {
    match read_up_to(response, LARGEST).await {
        Ok((bytes, true)) => Ok(bytes),
        Ok((_, false)) => Err(failure(target, FailureKind::Malformed, format!("an answer of more than {LARGEST} bytes"))),
        Err(err) => Err(broken(target, &err)),
    }
}

/// What broke a request or an answer, without the address, which may hold secrets.
pub(crate) fn broken(target: &Target, err: &reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = err.source();
    let mut deepest = None;
    while let Some(one) = cause {
        if let Some(refused) = one.downcast_ref::<Refused>() {
            return failure(target, FailureKind::Refused, refused);
        }
        deepest = Some(one.to_string());
        cause = one.source();
    }
    let detail = deepest.unwrap_or_else(|| "the connection failed".to_owned());
    failure(target, if err.is_connect() { FailureKind::Connect } else { FailureKind::Cut }, detail)
}

fn client(guard: &Guard, user_agent: &str, connect: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .user_agent(user_agent)
        .connect_timeout(connect)
        // A proxy would resolve names itself, past the guard; a redirect would carry the key to somebody else.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(guard.clone())
        // Compression would hold back the pieces of a stream.
        .no_gzip()
        .build()
}

/// Whether all of it was read.
async fn read_up_to(mut response: Response, limit: usize) -> reqwest::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > limit {
            return Ok((bytes, false));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, true))
}

fn address(target: &Target, outgoing: &Outgoing) -> Option<Url> {
    let mut url = target.base_url.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(&outgoing.path);
    // A base may carry a query of its own, such as the version of an interface.
    match (url.query(), outgoing.query) {
        (Some(own), Some(further)) => {
            let both = format!("{own}&{further}");
            url.set_query(Some(&both));
        }
        (None, Some(further)) => url.set_query(Some(further)),
        (_, None) => {}
    }
    Some(url)
}

fn with_headers(mut request: RequestBuilder, target: &Target, outgoing: &Outgoing) -> Result<RequestBuilder, Failure> {
    for (name, value) in outgoing.headers {
        request = request.header(*name, *value);
    }
    let Some(key) = target.key.as_deref().map(str::trim).filter(|key| !key.is_empty()) else {
        return Ok(request);
    };
    let (name, value) = match outgoing.key {
        KeyHeader::Bearer => ("authorization", format!("Bearer {key}")),
        KeyHeader::Named(name) => (name, key.to_owned()),
    };
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| failure(target, FailureKind::RejectedKey, "the key holds characters that no key can hold; set it anew"))?;
    value.set_sensitive(true);
    Ok(request.header(name, value))
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Dialect;
    use serde_json::Value;

    use super::*;
    use crate::dialect::tests::target;

    #[test]
    fn an_address_is_the_base_and_the_path() {
        let at = |base: &str, path: &[&str], query| {
            let path = path.iter().map(|segment| (*segment).to_owned()).collect();
            let outgoing = Outgoing { path, query, key: KeyHeader::Bearer, headers: &[], body: Value::Null };
            address(&target(Dialect::OpenAi, base), &outgoing).unwrap().to_string()
        };
        assert_eq!(at("https://h/v1", &["chat", "completions"], None), "https://h/v1/chat/completions");
        assert_eq!(at("https://h/v1/", &["embeddings"], None), "https://h/v1/embeddings");
        assert_eq!(at("https://h/v1?api-version=2", &["x"], Some("alt=sse")), "https://h/v1/x?api-version=2&alt=sse");
        assert_eq!(at("https://h", &["v1beta", "models", "a/b c:verb"], Some("alt=sse")), "https://h/v1beta/models/a%2Fb%20c:verb?alt=sse");
    }
}
