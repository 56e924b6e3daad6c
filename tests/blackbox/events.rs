//! Events that one process commits and another tells, against the real binaries on PostgreSQL.

use std::time::Duration;

use commandcenter_testkit::{Backend, Client, EventReader, Gate, TestDb, redis_url};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

/// How long anything may take. Less than the safety poll of streams.
const PATIENCE: Duration = Duration::from_secs(25);

/// An API and a worker that share nothing but a database, and Redis if there is one.
struct Site {
    _folder: TempDir,
    _database: TestDb,
    _processes: [Process; 2],
    project: Client,
}

impl Site {
    async fn open(redis: Option<&str>) -> Self {
        let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
        let bind = format!("127.0.0.1:{}", free_port());
        let data = folder.path().join("data");
        let mut variables =
            vec![("DATABASE_URL", database.url.as_str()), ("SECRET_KEY", SECRET), ("COMMANDCENTER_RAG__MODEL_DIR", "no-model")];
        variables.extend(redis.map(|url| ("REDIS_URL", url)));
        let start = |name: &str, arguments: &[&str]| {
            let arguments = [&["--data-dir", data.to_str().unwrap()], arguments].concat();
            Process::start(name, &arguments, &variables, &folder.path().join(format!("{name}.log")))
        };
        let mut api = start("commandcenter-api", &["--bind", &bind]);
        let worker = start("commandcenter-worker", &[]);
        let client = until_ready(&format!("http://{bind}"), &mut api).await;
        let project = project(&client).await;
        Self { _folder: folder, _database: database, _processes: [api, worker], project }
    }

    /// Gives the worker something to do; its job.
    async fn upload(&self, name: &str) -> Value {
        let file = (name, b"# Keys\n\nRotate them.\n".to_vec());
        let reply = self.project.upload("/api/v1/knowledge/documents", file, &[("category", "notes")]).await;
        reply.expect(202)["job_id"].clone()
    }

    /// Waits by its row until a job has ended.
    async fn ended(&self, job: &Value) {
        let path = format!("/api/v1/jobs/{job}");
        let ended = async { while self.project.get(&path).await.expect(200)["status"] != "completed" {} };
        timeout(PATIENCE, ended).await.expect("the worker finds its work");
    }

    async fn redis(&self) -> Value {
        self.project.get("/health/detailed").await.expect(200)["components"]["redis"]["status"].clone()
    }
}

async fn hears_the_end_of(reader: &mut EventReader, job: &Value) {
    let event = timeout(PATIENCE, reader.event()).await.expect("it is told");
    assert_eq!((event["type"].as_str(), &event["data"]["job_id"]), (Some("cc.job.completed.v1"), job), "{event}");
    assert_eq!(event["actor"], format!("job:{job}"));
}

#[tokio::test]
async fn what_a_worker_does_is_told_by_the_api_through_postgresql() {
    let site = Site::open(None).await;
    let mut reader = EventReader::open(&site.project, "?types=cc.job.completed.v1").await;
    let job = site.upload("a.md").await;
    hears_the_end_of(&mut reader, &job).await;
}

#[tokio::test]
async fn what_a_worker_does_is_told_by_the_api_through_redis_and_after_its_loss() {
    let Some(url) = redis_url() else { return };
    let (mut gate, through) = Gate::before_redis(&url).await;
    let site = Site::open(Some(&through)).await;
    let mut reader = EventReader::open(&site.project, "?types=cc.job.completed.v1").await;
    let job = site.upload("a.md").await;
    hears_the_end_of(&mut reader, &job).await;
    assert_eq!(site.redis().await, "healthy");

    gate.shut().await;
    let missed = site.upload("b.md").await;
    site.ended(&missed).await;
    assert_eq!(site.redis().await, "degraded");
    gate.open().await;

    hears_the_end_of(&mut reader, &missed).await;
    let job = site.upload("c.md").await;
    hears_the_end_of(&mut reader, &job).await;
}
