//! What is known of the request being served, for problems, logs and events deep in the call.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use commandcenter_domain::llm::Waits;

tokio::task_local! {
    static REQUEST: RequestContext;
}

/// The request being served.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// Its id: the client's when well formed, else made.
    pub(crate) id: Arc<str>,
    /// Its path, for a problem's `instance`.
    pub(crate) path: Arc<str>,
    /// What of its time is not ours.
    pub(crate) elsewhere: Arc<Elsewhere>,
}

/// How long a request waited for others than us.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    nanoseconds: AtomicU64,
    asked_a_model: AtomicBool,
}

impl Elsewhere {
    /// What of a time was ours; nothing for a request that asked no model.
    pub(crate) fn ours(&self, elapsed: Duration) -> Option<Duration> {
        let waited = Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed));
        self.asked_a_model.load(Ordering::Relaxed).then(|| elapsed.saturating_sub(waited))
    }

    /// Notes that the request asks models, whether or not it comes to that.
    pub(crate) fn asks_models(&self) {
        self.asked_a_model.store(true, Ordering::Relaxed);
    }

    fn add(&self, time: Duration) {
        self.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Counts what a request waits for providers of models.
#[derive(Debug, Clone, Copy)]
pub struct RequestWaits;

impl Waits for RequestWaits {
    fn waited(&self, time: Duration) {
        if let Some(context) = current() {
            context.elsewhere.asks_models();
            context.elsewhere.add(time);
        }
    }
}

/// Notes that the request being served asks a model, perhaps only after its answer has begun.
pub(crate) fn asks_models() {
    if let Some(context) = current() {
        context.elsewhere.asks_models();
    }
}

/// Takes note of a wait for the client itself, such as for the rest of its body.
pub(crate) fn waited_for_client(time: Duration) {
    if let Some(context) = current() {
        context.elsewhere.add(time);
    }
}

/// Runs a future within a request's context.
pub(crate) async fn within<F: Future>(context: RequestContext, future: F) -> F::Output {
    REQUEST.scope(context, future).await
}

/// The request being served, when one is.
pub(crate) fn current() -> Option<RequestContext> {
    REQUEST.try_with(Clone::clone).ok()
}

/// The id of the request being served, when one is.
pub(crate) fn request_id() -> Option<Arc<str>> {
    current().map(|context| context.id)
}

/// Whether the present task serves a request, as opposed to work in the background; for counting what a request costs.
#[must_use]
pub fn serves_a_request() -> bool {
    REQUEST.try_with(|_| ()).is_ok()
}
