//! A gate before a server: shut, it looks as if the server were gone.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Passes connections on to a server while it is open. Shut, open connections are cut and new ones are refused.
#[derive(Debug)]
pub struct Gate {
    /// Where it listens, open or shut.
    pub address: SocketAddr,
    server: String,
    passing: Option<JoinHandle<()>>,
}

impl Gate {
    /// An open gate before `host:port`.
    pub async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let passing = tokio::spawn(pass(listener, server.to_owned()));
        Self { address, server: server.to_owned(), passing: Some(passing) }
    }

    /// An open gate before the server of a database URL, and the URL that leads through it.
    pub async fn before_database(url: &str) -> (Self, String) {
        let (head, rest) = url.split_once('@').expect("the URL names a user");
        let (server, name) = rest.split_once('/').expect("the URL names a database");
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
        let gate = Self::before(&server).await;
        let through = format!("{head}@{}/{name}", gate.address);
        (gate, through)
    }

    /// An open gate before the server of a Redis URL, and the URL that leads through it.
    pub async fn before_redis(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").expect("the URL has a scheme");
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, server) = authority.rsplit_once('@').map_or(("", authority), |(user, server)| (user, server));
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:6379") };
        let gate = Self::before(&server).await;
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let through = format!("{scheme}://{user}{}/{database}", gate.address);
        (gate, through)
    }

    /// Cuts every connection and refuses new ones.
    pub async fn shut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            // Its end is the cancellation that was just asked for; then the port is free.
            drop(passing.await);
        }
    }

    /// Opens again, at the same address.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port is still the gate's");
        self.passing = Some(tokio::spawn(pass(listener, self.server.clone())));
    }
}

/// The connections live in the set, which cuts them when it is dropped.
async fn pass(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut from, _)) = listener.accept().await {
        let server = server.clone();
        connections.spawn(async move {
            if let Ok(mut to) = TcpStream::connect(server).await {
                // A connection that breaks is not the gate's to report.
                drop(copy_bidirectional(&mut from, &mut to).await);
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
