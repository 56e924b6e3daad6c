//! The server of the model, as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::bench::account;
use crate::process::Failure;

/// A running server that answers like a model; stopped when dropped.
pub(super) struct ModelServer {
    child: Child,
    pub(super) address: SocketAddr,
}

impl ModelServer {
    /// Starts it where it is told to listen, else on a free port.
    pub(super) fn start(programs: &Path, bind: Option<SocketAddr>) -> Result<Self, Failure> {
        let program = programs.join("model-server");
        let bind = bind.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let mut command = Command::new(&program);
        let mut child = command
            .args(["--bind", &bind])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::of(program.display(), e))?;
        let mut said = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut said).map_err(|e| Failure::of(program.display(), e))?;
        }
        let address = said.trim().rsplit("http://").next().and_then(|text| text.parse().ok());
        match address {
            Some(address) => Ok(Self { child, address }),
            None => {
                drop(child.kill());
                Err(Failure::new(format!("{} said `{}`", program.display(), said.trim())))
            }
        }
    }

    /// Answers it gave since it started.
    pub(super) fn served(&self) -> Result<u64, Failure> {
        let said = account::connect(self.address, "")?.get("/served")?;
        said.as_u64().ok_or_else(|| Failure::new(format!("served: {said}")))
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
