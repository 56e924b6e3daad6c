//! Deaths of workers, against the real binaries on PostgreSQL.

use std::path::Path;
use std::time::Duration;

use commandcenter_testkit::{Backend, Client, TestDb};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

/// How long a job may take, the lapse of a lease included.
const JOB: Duration = Duration::from_mins(1);

/// An API on a database of its own, and a GitHub that takes its time.
struct Site {
    folder: TempDir,
    database: TestDb,
    github: String,
    project: Client,
    _processes: Vec<Process>,
}

impl Site {
    async fn open() -> Self {
        let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
        let github = format!("127.0.0.1:{}", free_port());
        let host = Process::start("recorded-github", &["--bind", &github, "--delay-ms", "400"], &[], &folder.path().join("github.log"));
        let github = format!("http://{github}");
        let bind = format!("127.0.0.1:{}", free_port());
        let mut api = start("commandcenter-api", &["--bind", &bind], (folder.path(), &database, &github), "api");
        let client = until_ready(&format!("http://{bind}"), &mut api).await;
        let project = project(&client).await;
        Self { folder, database, github, project, _processes: vec![host, api] }
    }

    fn worker(&self, name: &str) -> Process {
        start("commandcenter-worker", &[], (self.folder.path(), &self.database, &self.github), name)
    }

    /// Asks for a synchronisation; its job.
    async fn job(&self) -> i64 {
        let body = json!({ "owner": "octocat", "name": "Hello-World" });
        let id = self.project.post("/api/v1/repositories", body).await.expect(201)["id"].clone();
        self.project.post(&format!("/api/v1/repositories/{id}/sync"), json!({})).await.expect(202)["job_id"].as_i64().unwrap()
    }

    async fn until(&self, job: i64, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + JOB;
        loop {
            let row = self.project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
            if wanted(&row) {
                return row;
            }
            assert!(Instant::now() < deadline, "never as wanted: {row}");
            sleep(Duration::from_millis(25)).await;
        }
    }
}

fn start(binary: &str, arguments: &[&str], (folder, database, github): (&Path, &TestDb, &str), name: &str) -> Process {
    let data = folder.join("data");
    let arguments = [&["--data-dir", data.to_str().unwrap()], arguments].concat();
    let variables = [
        ("DATABASE_URL", database.url.as_str()),
        ("SECRET_KEY", SECRET),
        ("COMMANDCENTER_GITHUB__API_URL", github),
        ("COMMANDCENTER_JOBS__LEASE", "2s"),
    ];
    Process::start(binary, &arguments, &variables, &folder.join(format!("{name}.log")))
}

#[tokio::test]
async fn a_job_whose_worker_is_killed_finishes_on_another() {
    let site = Site::open().await;
    let mut first = site.worker("first");
    let job = site.job().await;
    site.until(job, |row| row["status"] == "running").await;
    first.kill();
    let _second = site.worker("second");

    let row = site.until(job, |row| row["status"] == "completed").await;

    assert_eq!((&row["attempt"], &row["error"]), (&json!(2), &json!(null)), "{row}");
    let repository = row["parameters"]["repository_id"].clone();
    assert_eq!(site.project.get(&format!("/api/v1/repositories/{repository}")).await.expect(200)["sync_status"], "synced");
}

#[tokio::test]
async fn a_worker_that_is_asked_to_stop_finishes_its_job_first() {
    let site = Site::open().await;
    let mut worker = site.worker("only");
    let job = site.job().await;
    // With its first step the run has begun; a job claimed in the moment of the request would be handed back.
    site.until(job, |row| !row["current_step"].is_null()).await;

    let ended = worker.terminate(Duration::from_secs(40)).await;

    assert_eq!(ended, Some(0), "{}", worker.output());
    let row = site.until(job, |_| true).await;
    assert_eq!((&row["status"], &row["attempt"]), (&json!("completed"), &json!(1)), "{row}");
}
