//! `commandcenter up`, or the API alone, as a child process with a data folder and a database of its own.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::http::Client;
use crate::process::Failure;

/// How long a start may take before we give up on it.
const START: Duration = Duration::from_secs(60);

/// What the binary is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    /// `commandcenter`: everything in one process.
    Up,
    /// `commandcenter-api`, of which several may share a database.
    Api,
}

/// Several processes of one instance share it.
pub(super) const SECRET: &str = "a secret key of a measurement, long enough to be one";

/// Where a server keeps its things.
pub(super) struct Place {
    pub(super) binary: PathBuf,
    pub(super) program: Program,
    pub(super) folder: PathBuf,
    /// PostgreSQL's address; `None` for the embedded default.
    pub(super) database: Option<String>,
    /// The model's folder; `None` to go without.
    pub(super) model: Option<PathBuf>,
}

/// A running server, stopped when dropped.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// From the start of the process to the first healthy answer.
    pub(super) started_in: Duration,
}

impl Place {
    /// Starts a server and waits for its first healthy answer.
    pub(super) fn start(&self) -> Result<Server, Failure> {
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        std::fs::create_dir_all(&self.folder).map_err(|e| Failure::of(self.folder.display(), e))?;
        let log_path = self.folder.join("bench.out");
        let log = File::create(&log_path).map_err(|e| Failure::of(log_path.display(), e))?;
        let mut command = self.command(&address.to_string());
        let errors = log.try_clone().map_err(|e| Failure::of(log_path.display(), e))?;
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().map_err(|e| Failure::of(self.binary.display(), e))?;
        let mut server = Server { child, address, started_in: Duration::ZERO };
        while !server.is_healthy() {
            let ended = server.child.try_wait().is_ok_and(|status| status.is_some());
            if ended || begun.elapsed() > START {
                let said = std::fs::read_to_string(&log_path).unwrap_or_default();
                return Err(Failure::new(format!("the server did not come up:\n{said}")));
            }
            thread::sleep(Duration::from_millis(5));
        }
        server.started_in = begun.elapsed();
        Ok(server)
    }

    fn command(&self, address: &str) -> Command {
        let mut command = Command::new(&self.binary);
        match self.program {
            Program::Up => command.arg("up"),
            // What is a matter of course for `up` has to be said to the API.
            Program::Api => command.env("SECRET_KEY", SECRET).env("COMMANDCENTER_NET__ALLOW_PRIVATE", "127.0.0.0/8"),
        };
        command.args(["--bind", address, "--data-dir"]).arg(self.folder.join("data")).current_dir(&self.folder);
        command.env_remove("DATABASE_URL").env("RUST_LOG", "warn").env("COMMANDCENTER_AUTH__RATE_LIMITS", "false");
        // A large collection takes longer to index than a login usually lasts.
        command.env("COMMANDCENTER_AUTH__ACCESS_TTL", "12h");
        command.env("COMMANDCENTER_RAG__MODEL_DIR", self.model.as_deref().unwrap_or(Path::new("no-model")));
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command
    }
}

impl Server {
    fn is_healthy(&self) -> bool {
        let reply = Client::connect(self.address, "").and_then(|mut client| client.send("GET", "/health/live", "application/json", b""));
        reply.is_ok_and(|reply| reply.status == 200)
    }

    /// Resident memory, in MiB.
    pub(super) fn memory(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(|e| Failure::of(&path, e))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: Option<f64> = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| Failure::new(format!("{path} does not tell VmRSS")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM first: an existing data folder is one that was closed politely.
        drop(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status());
        for _ in 0..200 {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| Failure::of("a free port", e))?;
    listener.local_addr().map(|address| address.port()).map_err(|e| Failure::of("a free port", e))
}
