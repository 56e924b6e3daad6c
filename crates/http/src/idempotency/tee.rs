//! A body that is read by the handler as always, and whose digest is taken on the way: no byte is held twice.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures::{Stream, StreamExt};

use super::fingerprint::Fingerprint;

/// Most bytes that are read of what a handler left unread: more than the largest body of any operation.
const LEFT_UNREAD: usize = 64 * 1024 * 1024;

/// A body that both the handler and the middleware hold.
#[derive(Clone)]
pub(super) struct Tee(Rc<RefCell<Inner>>);

struct Inner {
    payload: Payload,
    fingerprint: Fingerprint,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    Broken,
}

impl Tee {
    /// Takes the request's body and gives it one that is watched.
    pub(super) fn into(request: &mut ServiceRequest) -> Self {
        let fingerprint = Fingerprint::of(request);
        let payload = std::mem::replace(request.parts_mut().1, Payload::None);
        let tee = Self(Rc::new(RefCell::new(Inner { payload, fingerprint, state: State::Open })));
        request.set_payload(Payload::Stream { payload: Box::pin(tee.clone()) });
        tee
    }

    /// Reads what the handler did not. The digest of the whole, if it could be read and was not far too long.
    pub(super) async fn finish(mut self) -> Option<String> {
        let mut left = LEFT_UNREAD;
        while let Some(Ok(piece)) = self.next().await {
            left = left.checked_sub(piece.len())?;
        }
        let mut inner = self.0.borrow_mut();
        (inner.state == State::Ended).then(|| inner.fingerprint.finish())
    }
}

impl Stream for Tee {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.0.borrow_mut();
        if inner.state != State::Open {
            return Poll::Ready(None);
        }
        let item = ready!(Pin::new(&mut inner.payload).poll_next(context));
        match &item {
            Some(Ok(piece)) => inner.fingerprint.update(piece),
            Some(Err(_)) => inner.state = State::Broken,
            None => inner.state = State::Ended,
        }
        Poll::Ready(item)
    }
}
