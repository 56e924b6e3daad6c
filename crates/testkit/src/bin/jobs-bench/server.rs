//! A PostgreSQL server of the measurement's own, so that it can be restarted: nobody else's tests run on it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A running server, whose data goes with it.
pub(crate) struct Server {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    /// PostgreSQL refuses to run as root, so then it runs as this user.
    user: Option<&'static str>,
}

impl Server {
    /// Starts one from the programs in a folder, or else in the one that `pg_config` names; `None` where there are none.
    pub(crate) fn start(programs: Option<&str>) -> Option<Self> {
        let programs = programs.map(PathBuf::from).or_else(installed)?;
        if !programs.join("initdb").exists() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("jobs-bench-").tempdir().unwrap();
        let server = Self { programs, port: free_port(), user: user(folder.path()), folder };
        server.run(server.program("initdb").args(["--auth=trust", "--username=root", "--encoding=UTF8", "--no-locale", "--pgdata"]));
        server.control("start");
        Some(server)
    }

    /// Where its first database is.
    pub(crate) fn url(&self) -> String {
        format!("postgres://root@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it and starts it again. `fast` cuts connections and tidies up; `immediate` is a crash, after which it recovers from its log.
    pub(crate) fn restart(&self, mode: &str) {
        self.stop(mode);
        self.control("start");
    }

    fn stop(&self, mode: &str) {
        self.run(self.program("pg_ctl").args(["stop", "--silent", "--wait", "--mode", mode, "--pgdata"]));
    }

    /// What was committed is on the disk: settings that trade that for speed stay as they are.
    fn control(&self, verb: &str) {
        let folder = self.folder.path();
        let settings = format!("-p {} -c listen_addresses=127.0.0.1 -k {}", self.port, folder.display());
        let mut command = self.program("pg_ctl");
        command.args([verb, "--silent", "--wait", "--options", &settings, "--log"]).arg(folder.join("log")).arg("--pgdata");
        self.run(&mut command);
    }

    /// Runs a program on the data folder.
    fn run(&self, command: &mut Command) {
        // The server inherits these: a pipe of ours would stay open for as long as it runs.
        let command = command.arg(self.folder.path().join("data")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().unwrap();
        assert!(status.success(), "{command:?}: {status}");
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

/// The folder that `pg_config` names.
fn installed() -> Option<PathBuf> {
    let said = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(said.stdout).ok()?.trim()))
}

/// As whom the server runs, who is given its folder; `None` when we are not root.
fn user(folder: &Path) -> Option<&'static str> {
    let id = |name: &[&str]| Command::new("id").args(name).output().ok().filter(|said| said.status.success());
    if id(&["-u"])?.stdout != b"0\n" {
        return None;
    }
    let user = if id(&["postgres"]).is_some() { "postgres" } else { "nobody" };
    assert!(Command::new("chown").arg(user).arg(folder).status().unwrap().success());
    Some(user)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
