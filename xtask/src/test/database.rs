//! The PostgreSQL that tests run on: the one that is there, else one of our own.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::postgres;
use crate::process::{Failure, note};
use crate::workspace::{is_ci, variable};

const DEFAULT: &str = "postgres://root@127.0.0.1:5432/test";

/// Its address; `None` when there is none and a developer may go on without.
pub(crate) fn find() -> Result<Option<String>, Failure> {
    let given = variable("TEST_DATABASE_URL");
    let url = given.clone().unwrap_or_else(|| DEFAULT.to_owned());
    if answers(&url) {
        note(format_args!("PostgreSQL answers at {}", address(&url).unwrap_or_default()));
        return Ok(Some(url));
    }
    if given.is_some() {
        return Err(Failure::new("nothing answers at the address in TEST_DATABASE_URL"));
    }
    note("no PostgreSQL answers on this machine: starting one of our own");
    match postgres::start() {
        Ok(url) => Ok(Some(url)),
        Err(failure) if is_ci() => Err(failure),
        Err(failure) => {
            note(format_args!("{failure}"));
            note("going on with SQLite only; CI does not");
            Ok(None)
        }
    }
}

fn answers(url: &str) -> bool {
    let Some(mut addresses) = address(url).and_then(|address| address.to_socket_addrs().ok()) else { return false };
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
}

/// Host and port, without the credentials.
fn address(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    Some(if host.rsplit(']').next().is_some_and(|tail| tail.contains(':')) { host.to_owned() } else { format!("{host}:5432") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_said_without_its_password() {
        let cases = [
            ("postgres://root@127.0.0.1:5432/test", "127.0.0.1:5432"),
            ("postgres://user:se@cret@db.internal/test?sslmode=require", "db.internal:5432"),
            ("postgres://localhost:6000", "localhost:6000"),
            ("postgres:///test", "127.0.0.1:5432"),
            ("postgres://root@[::1]:5433/test", "[::1]:5433"),
        ];
        for (url, wanted) in cases {
            assert_eq!(address(url).as_deref(), Some(wanted), "{url}");
        }
    }
}
