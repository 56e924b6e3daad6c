//! Whether the client of a request is still there. The server goes on with a request whose client closed its side of the connection, and
//! rightly so where something is written; where a provider is paid for every further token, nobody would read the answer.

use std::any::Any;
use std::future::Future;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::http::StatusCode;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::problem::Problem;

/// Time between two looks: what the client no longer wants is stopped well within a second.
const LOOK: Duration = Duration::from_millis(200);

/// A second handle on a client's connection, to look at and never to read from.
struct Line(TcpStream);

impl Line {
    /// Whether the client closed it. Bytes that wait are a further request of somebody who is there.
    fn is_closed(&self) -> bool {
        match self.0.peek(&mut [0]) {
            Ok(waiting) => waiting == 0,
            Err(err) => !matches!(err.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }
}

/// Keeps a handle on a connection that was made, for its requests.
pub(crate) fn note(connection: &dyn Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
    match stream.as_fd().try_clone_to_owned() {
        Ok(handle) => drop(data.insert(Line(TcpStream::from(handle)))),
        // Without it a client that goes away is noticed when it is answered.
        Err(error) => tracing::debug!(%error, "a connection cannot be watched"),
    }
}

/// Waits for work while the client is there. When it goes away the work is dropped, and with it what was asked of a provider.
///
/// # Errors
/// `client-gone`, which nobody reads but the log.
pub(crate) async fn while_there<T>(request: &HttpRequest, work: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = gone(request) => {
            let status = StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST);
            Err(Problem::new(status, "client-gone", Some("the client closed the connection before it was answered".to_owned())))
        }
    }
}

/// Waits until the client of a request has closed its connection.
async fn gone(request: &HttpRequest) {
    let Some(line) = request.conn_data::<Line>() else { return std::future::pending().await };
    let mut looks = interval_at(Instant::now() + LOOK, LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if line.is_closed() {
            return;
        }
    }
}
