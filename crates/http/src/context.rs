//! What is known of the request being served, for problems, logs and events deep in the call.

use std::future::Future;
use std::sync::Arc;

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
