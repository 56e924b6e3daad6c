//! Load with threads: each has a connection of its own and takes the next request that is due. At a steady rate a request's time counts from the
//! moment at which it was due, sent or not: a server that is late is not spared the requests that waited for it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::bench::account;
use crate::bench::http::Client;
use crate::process::Failure;

/// Threads at a steady rate: more than are ever under way at once, unless the server stands still.
const THREADS: usize = 64;
/// Requests that nobody counts: connections are made, statements prepared.
const WARM_UP: usize = 500;

/// Where load goes.
pub(super) struct Target {
    name: &'static str,
    address: SocketAddr,
    path: String,
    headers: String,
    model: String,
}

/// Whether answers come whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Streamed,
}

impl Kind {
    /// For the table.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Whole => "whole answers",
            Self::Streamed => "streams to their end",
        }
    }
}

/// What came of it.
#[derive(Default)]
pub(super) struct Taken {
    /// Of the requests that were answered.
    pub(super) times: Vec<Duration>,
    /// What the others were told.
    pub(super) failed: Vec<String>,
}

impl Taken {
    /// Takes another's in.
    pub(super) fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failed.extend(other.failed);
    }
}

impl Target {
    /// At an address: what comes before `/v1/chat/completions`, the key, and the model's name.
    pub(super) fn new(name: &'static str, address: SocketAddr, (before, key, model): (&str, &str, &str)) -> Self {
        let headers = format!("Authorization: Bearer {key}\r\n");
        Self { name, address, path: format!("{before}/v1/chat/completions"), headers, model: model.to_owned() }
    }

    /// At a URL. Only plain HTTP: what encryption costs is not the gateway's.
    pub(super) fn at(name: &'static str, url: &str, (key, model): (&str, &str)) -> Result<Self, Failure> {
        let wrong = || Failure::new(format!("`{url}`: give it as http://host:port"));
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        let (host, before) = rest.split_once('/').unwrap_or((rest, ""));
        let mut addresses = host.to_socket_addrs().map_err(|e| Failure::of(url, e))?;
        let before = before.trim_end_matches('/');
        let before = if before.is_empty() { String::new() } else { format!("/{before}") };
        Ok(Self::new(name, addresses.next().ok_or_else(wrong)?, (&before, key, model)))
    }

    fn connect(&self) -> Result<Client, Failure> {
        account::connect(self.address, &self.headers)
    }

    fn body(&self, kind: Kind) -> Vec<u8> {
        let question = json!([{ "role": "user", "content": "Why is the sky blue? Answer in one sentence." }]);
        let mut body = json!({ "model": self.model, "messages": question, "max_tokens": 32 });
        if kind == Kind::Streamed {
            body["stream"] = json!(true);
            body["stream_options"] = json!({ "include_usage": true });
        }
        body.to_string().into_bytes()
    }

    /// One request; why it was not answered as it should be.
    fn ask(&self, client: &mut Client, body: &[u8]) -> Result<(), String> {
        match client.send("POST", &self.path, "application/json", body) {
            Ok(reply) if reply.status == 200 => {
                // A stream that broke off has status 200 too, but not this end.
                let is_stream = reply.body.starts_with(b"data:") || reply.body.starts_with(b":");
                let is_whole = !is_stream || reply.body.trim_ascii_end().ends_with(b"[DONE]");
                if is_whole { Ok(()) } else { Err("a stream without its end".to_owned()) }
            }
            Ok(reply) => Err(format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body))),
            Err(err) => {
                // A connection that broke is of no use for the next request.
                if let Ok(fresh) = self.connect() {
                    *client = fresh;
                }
                Err(err.to_string())
            }
        }
    }
}

/// So many requests a second, for so many seconds.
pub(super) fn steady(target: &Target, kind: Kind, (rate, seconds): (u32, u32)) -> Result<Taken, Failure> {
    let body = target.body(kind);
    run(target, &body, (WARM_UP, THREADS.min(8)), |_| None)?;
    let (requests, begun) = ((rate * seconds) as usize, Instant::now() + Duration::from_millis(50));
    let due = |number: usize| Some(begun + Duration::from_secs(1) * u32::try_from(number).unwrap_or(u32::MAX) / rate);
    run(target, &body, (requests, THREADS), due)
}

/// So many requests, so many of them at once; what came of them, and how long all of it took.
pub(super) fn burst(target: &Target, at: (usize, usize)) -> Result<(Taken, Duration), Failure> {
    let begun = Instant::now();
    let taken = run(target, &target.body(Kind::Whole), at, |_| None)?;
    Ok((taken, begun.elapsed()))
}

/// The requests, each when it is due, or else as soon as a thread is free.
fn run(
    target: &Target,
    body: &[u8],
    (requests, threads): (usize, usize),
    due: impl Fn(usize) -> Option<Instant> + Sync,
) -> Result<Taken, Failure> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Taken, Failure> {
        let (mut client, mut taken) = (target.connect()?, Taken::default());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= requests {
                return Ok(taken);
            }
            let begun = due(number).unwrap_or_else(Instant::now);
            thread::sleep(begun.saturating_duration_since(Instant::now()));
            match target.ask(&mut client, body) {
                Ok(()) => taken.times.push(begun.elapsed()),
                Err(failed) => taken.failed.push(failed),
            }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut all = Taken::default();
        for thread in threads {
            all.add(thread.join().map_err(|_| Failure::new(format!("the load on {} died", target.name)))??);
        }
        Ok(all)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::at("x", "http://127.0.0.1:4000/openai/", ("k", "m")).unwrap();
        assert_eq!((target.address.to_string().as_str(), target.path.as_str()), ("127.0.0.1:4000", "/openai/v1/chat/completions"));
        assert_eq!(Target::at("x", "http://127.0.0.1:4000", ("k", "m")).unwrap().path, "/v1/chat/completions");
        assert!(Target::at("x", "https://127.0.0.1:4000", ("k", "m")).is_err());
    }
}
