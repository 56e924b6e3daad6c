//! The Redis that tests run on: the one that is there, else one of our own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Failure, note, run as execute, step};
use crate::tools;
use crate::workspace::{is_ci, target, variable};

const DEFAULT: &str = "redis://127.0.0.1:6379";
/// Where our own listens.
const PORT: u16 = 63799;
/// How long our own may take to start.
const START: Duration = Duration::from_secs(10);

/// Its address; `None` when there is none and a developer may go on without.
pub(crate) fn find() -> Result<Option<String>, Failure> {
    let given = variable("TEST_REDIS_URL");
    let url = given.clone().unwrap_or_else(|| DEFAULT.to_owned());
    if answers(&url) {
        note(format_args!("Redis answers at {}", address(&url).unwrap_or_default()));
        return Ok(Some(url));
    }
    if given.is_some() {
        return Err(Failure::new("nothing answers at the address in TEST_REDIS_URL"));
    }
    match start() {
        Ok(url) => Ok(Some(url)),
        Err(failure) if is_ci() => Err(failure),
        Err(failure) => {
            note(format_args!("{failure}"));
            note("the tests with Redis are left out; CI does not leave them out");
            Ok(None)
        }
    }
}

/// Starts one that keeps nothing, unless it runs already.
fn start() -> Result<String, Failure> {
    let url = format!("redis://127.0.0.1:{PORT}");
    if answers(&url) {
        return Ok(url);
    }
    if !tools::has("redis-server") {
        return Err(Failure::new(
            "no Redis answers on this machine, and redis-server is not installed: `apt-get install redis-server` brings it",
        ));
    }
    step("Starting Redis");
    let home = target().join("redis");
    std::fs::create_dir_all(&home).map_err(|e| Failure::of(home.display(), e))?;
    let port = PORT.to_string();
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no", "--daemonize", "yes"]);
    execute(server.args(["--logfile", "log", "--dir"]).arg(&home))?;
    let deadline = Instant::now() + START;
    while !answers(&url) {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("redis-server does not answer; see {}", home.join("log").display())));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(url)
}

/// Whether what listens there speaks Redis' language. One that asks for a password does.
fn answers(url: &str) -> bool {
    let Some(addresses) = address(url).and_then(|address| address.to_socket_addrs().ok()) else { return false };
    // A TLS server does not answer plain words: that somebody listens has to do.
    let plain = url.starts_with("redis://");
    addresses.into_iter().any(|address| greets(address).is_some_and(|answer| !plain || answer.starts_with(['+', '-'])))
}

/// What it says to a greeting; `None` when nobody is there.
fn greets(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let mut answer = [0; 64];
    let read = stream.write_all(b"PING\r\n").and_then(|()| stream.read(&mut answer)).unwrap_or_default();
    Some(String::from_utf8_lossy(answer.get(..read)?).into_owned())
}

/// Host and port, without the credentials.
fn address(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?']).next()?.rsplit('@').next()?;
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    Some(if host.rsplit(']').next().is_some_and(|tail| tail.contains(':')) { host.to_owned() } else { format!("{host}:6379") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_said_without_its_password() {
        let cases = [
            ("redis://127.0.0.1", "127.0.0.1:6379"),
            ("redis://:se@cret@cache.internal:6380/2", "cache.internal:6380"),
            ("rediss://user:secret@cache/0?x=y", "cache:6379"),
            ("redis://[::1]/0", "[::1]:6379"),
        ];
        for (url, wanted) in cases {
            assert_eq!(address(url).as_deref(), Some(wanted), "{url}");
        }
    }

    #[test]
    fn somebody_else_on_the_port_is_not_redis() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let other = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"HTTP/1.1 400 Bad Request\r\n").unwrap());
        assert!(!answers(&format!("redis://{address}")));
        other.join().unwrap();
    }
}
