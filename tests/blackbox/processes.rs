//! The real binaries as child processes, on ports and folders of their own.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use commandcenter_testkit::Client;
use tokio::time::{Instant, sleep};

/// How long a process may take until it answers.
const START: Duration = Duration::from_mins(1);

/// A child process that is killed when dropped, with its output in a file.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a binary of this workspace.
    pub(crate) fn start(binary: &str, arguments: &[&str], variables: &[(&str, &str)], log: &Path) -> Self {
        let path = binaries().join(binary);
        assert!(path.exists(), "{} is missing: run `cargo build --workspace --bins` first", path.display());
        let out = File::create(log).unwrap();
        let child = Command::new(path)
            .args(arguments)
            .env_remove("DATABASE_URL")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap();
        Self { child, log: log.to_owned() }
    }

    /// What it wrote.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// SIGKILL: no goodbye.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; its exit code, if it ended by itself in time.
    pub(crate) async fn terminate(&mut self, within: Duration) -> Option<i32> {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.log.display(), self.output());
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port nobody listens on now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a server says it is ready.
pub(crate) async fn until_ready(url: &str, process: &mut Process) -> Client {
    let client = Client::new(url);
    let deadline = Instant::now() + START;
    loop {
        if client.try_get("/health/ready").await.is_some_and(|reply| reply.status == 200) {
            return client;
        }
        assert!(process.is_running(), "the process ended before it was ready:\n{}", process.output());
        assert!(Instant::now() < deadline, "the process was not ready in time:\n{}", process.output());
        sleep(Duration::from_millis(25)).await;
    }
}

/// Where the binaries of this build lie: beside the folder of the test binaries.
fn binaries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().to_owned()
}
