//! The database goes away and comes back; the disk fills up and is cleared. Nobody restarts anything, and nothing is half-written.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use commandcenter_testkit::{Backend, Client, Gate, Reply, TestDb};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

/// How long anything may take to notice and to recover.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn while_the_database_is_away_requests_are_told_to_come_back_and_then_served_again() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
    let (mut gate, url) = Gate::before_database(&database.url).await;
    let github = format!("127.0.0.1:{}", free_port());
    let _host = Process::start("recorded-github", &["--bind", &github], &[], &folder.path().join("github.log"));
    let github = format!("http://{github}");
    let variables = [
        ("DATABASE_URL", url.as_str()),
        ("SECRET_KEY", SECRET),
        ("COMMANDCENTER_GITHUB__API_URL", &github),
        ("COMMANDCENTER_DATABASE__ACQUIRE_TIMEOUT", "2s"),
    ];
    let data = folder.path().join("data");
    let bind = format!("127.0.0.1:{}", free_port());
    let arguments = ["--data-dir", data.to_str().unwrap()];
    let mut api =
        Process::start("commandcenter-api", &[&arguments[..], &["--bind", &bind]].concat(), &variables, &folder.path().join("api.log"));
    let client = until_ready(&format!("http://{bind}"), &mut api).await;
    let mut worker = Process::start("commandcenter-worker", &arguments, &variables, &folder.path().join("worker.log"));
    let member = project(&client).await;
    let tracked = member.post("/api/v1/repositories", json!({ "owner": "octocat", "name": "Hello-World" })).await.expect(201)["id"].clone();

    gate.shut().await;

    for reply in [member.get("/api/v1/technologies").await, member.post("/api/v1/technologies", technology(0, "")).await] {
        assert_eq!(reply.problem(503), "store-unavailable", "{}", reply.text);
        assert!(seconds(&reply) > 0);
    }
    let ready = member.get("/health/ready").await;
    assert_eq!(ready.problem(503), "not-ready");
    assert!(seconds(&ready) > 0);
    assert_eq!(member.get("/health/live").await.status, 200, "the process itself is well");

    gate.open().await;

    let recovered = until(&member, "/api/v1/technologies", |reply| reply.status == 200).await;
    assert_eq!(recovered.expect(200)["total"], 0, "what was answered with 503 was not written");
    member.post("/api/v1/technologies", technology(0, "")).await.expect(201);
    let job = member.post(&format!("/api/v1/repositories/{tracked}/sync"), json!({})).await.expect(202)["job_id"].clone();
    let ended = until(&member, &format!("/api/v1/jobs/{job}"), |reply| reply.body["completed_at"].is_string()).await;
    assert_eq!(ended.expect(200)["status"], "completed", "the worker came back too");
    assert!(api.is_running() && worker.is_running());
}

#[tokio::test]
async fn a_process_that_starts_before_its_database_waits_for_it_and_can_be_stopped_meanwhile() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
    let (mut gate, url) = Gate::before_database(&database.url).await;
    gate.shut().await;
    let variables = [("DATABASE_URL", url.as_str()), ("SECRET_KEY", SECRET), ("COMMANDCENTER_DATABASE__ACQUIRE_TIMEOUT", "1s")];
    let data = folder.path().join("data");
    let start = |name: &str| {
        let bind = format!("127.0.0.1:{}", free_port());
        let api = ["--data-dir", data.to_str().unwrap(), "--bind", &bind];
        let arguments = if name == "commandcenter-api" { &api[..] } else { &api[..2] };
        (Process::start(name, arguments, &variables, &folder.path().join(format!("{name}.log"))), bind.clone())
    };
    let ((mut api, bind), (mut worker, _)) = (start("commandcenter-api"), start("commandcenter-worker"));
    for log in ["commandcenter-api.log", "commandcenter-worker.log"] {
        until_logged(&folder.path().join(log), "waiting for it").await;
    }

    assert_eq!(worker.terminate(PATIENCE).await, Some(0), "a worker that waits can be told to stop");
    assert!(api.is_running());
    gate.open().await;

    let client = until_ready(&format!("http://{bind}"), &mut api).await;
    project(&client).await;
}

#[tokio::test]
async fn on_a_full_disk_writes_are_refused_whole_and_go_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(12) else { return };
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let data = disk.path().join("data");
    let logs = tempfile::tempdir().unwrap();
    let bind = format!("127.0.0.1:{}", free_port());
    let arguments = ["up", "--bind", &bind, "--data-dir", data.to_str().unwrap()];
    let variables = [("COMMANDCENTER_AUTH__RATE_LIMITS", "false"), ("COMMANDCENTER_RAG__MODEL_DIR", "no-model")];
    let mut server = Process::start("commandcenter", &arguments, &variables, &logs.path().join("up.log"));
    let member = project(&until_ready(&format!("http://{bind}"), &mut server).await).await;

    let (written, refusal) = fill(&member).await;

    assert_eq!(refusal.problem(503), "storage-full", "{}", refusal.text);
    assert!(seconds(&refusal) > 0);
    let upload = member.upload("/api/v1/knowledge/documents", ("big.md", vec![b'x'; 1 << 20]), &[("category", "notes")]).await;
    assert_eq!(upload.problem(503), "storage-full", "{}", upload.text);
    assert_eq!(member.get("/api/v1/technologies").await.expect(200)["total"], written, "what is there can be read");
    assert_eq!(member.get("/api/v1/knowledge/documents").await.expect(200)["total"], 0);

    std::fs::remove_file(&ballast).unwrap();

    member.post("/api/v1/technologies", technology(written + 1, "room again")).await.expect(201);
    assert_eq!(member.get("/api/v1/technologies").await.expect(200)["total"], written + 1);
    assert_eq!(server.terminate(PATIENCE).await, Some(0));
    assert_eq!(integrity(&data).await, "ok");
}

/// Adds technologies until one is refused; how many there are, and the refusal.
async fn fill(member: &Client) -> (u64, Reply) {
    let text = "disk ".repeat(3_000);
    let mut number = 0;
    loop {
        let reply = member.post("/api/v1/technologies", technology(number, &text)).await;
        if reply.status != 201 {
            return (number, reply);
        }
        number += 1;
        assert!(number < 4_000, "the disk was never full");
    }
}

fn technology(number: u64, description: &str) -> Value {
    json!({ "title": format!("Technology {number}"), "domain": "performance", "description": description })
}

fn seconds(reply: &Reply) -> u64 {
    reply.header("retry-after").and_then(|text| text.parse().ok()).unwrap_or_default()
}

async fn until(client: &Client, path: &str, wanted: impl Fn(&Reply) -> bool) -> Reply {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let reply = client.get(path).await;
        if wanted(&reply) {
            return reply;
        }
        assert!(Instant::now() < deadline, "{path} never was as wanted: {}", reply.text);
        sleep(Duration::from_millis(50)).await;
    }
}

async fn until_logged(log: &Path, words: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !std::fs::read_to_string(log).unwrap_or_default().contains(words) {
        assert!(Instant::now() < deadline, "{} never said `{words}`", log.display());
        sleep(Duration::from_millis(50)).await;
    }
}

async fn integrity(data: &Path) -> String {
    let url = format!("sqlite://{}", data.join("commandcenter.db").display());
    let db = Database::connect(url).await.unwrap();
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check")).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// A file system of a few MiB, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, with the reason printed, where this user may not mount.
    fn mount(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap().keep();
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        if mounted.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        println!("skipped: a small disk needs the right to mount one ({mounted:?})");
        std::fs::remove_dir(&folder).unwrap();
        None
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A mount left behind is untidy, not a failure of the test.
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
        drop(std::fs::remove_dir(&self.0));
    }
}
