//! Three worker processes on one database, one of them killed: every job completes once, and never two of one repository at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use commandcenter_testkit::{Backend, Client, TestDb};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

/// How long everything may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// Jobs of each repository.
const EACH: usize = 4;

#[tokio::test]
async fn three_workers_share_the_jobs_and_one_may_die() {
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(Backend::Postgres).await);
    let github = format!("127.0.0.1:{}", free_port());
    let slow = ["--bind", &github, "--delay-ms", "60"];
    let _host = Process::start("recorded-github", &slow, &[], &folder.path().join("github.log"));
    let github = format!("http://{github}");
    let variables = [
        ("DATABASE_URL", database.url.as_str()),
        ("SECRET_KEY", SECRET),
        ("COMMANDCENTER_GITHUB__API_URL", &github),
        ("COMMANDCENTER_JOBS__LEASE", "3s"),
        ("COMMANDCENTER_JOBS__SLOTS", "2"),
        ("COMMANDCENTER_RAG__MODEL_DIR", "no-model"),
    ];
    let (data, bind) = (folder.path().join("data"), format!("127.0.0.1:{}", free_port()));
    let place = ["--data-dir", data.to_str().unwrap()];
    let mut api =
        Process::start("commandcenter-api", &[&place[..], &["--bind", &bind]].concat(), &variables, &folder.path().join("api.log"));
    let client = project(&until_ready(&format!("http://{bind}"), &mut api).await).await;
    let mut workers: Vec<_> =
        (0..3).map(|n| Process::start("commandcenter-worker", &place, &variables, &folder.path().join(format!("worker{n}.log")))).collect();

    let jobs = dispatched(&client).await;
    until(&client, |total| total >= 2).await;
    workers[0].kill();
    until(&client, |total| total == jobs.len()).await;

    let (mut runs, mut names) = (Vec::new(), BTreeSet::new());
    for (repository, job) in jobs {
        let attempts = client.get(&format!("/api/v1/jobs/{job}/attempts")).await.expect(200)["items"].as_array().unwrap().clone();
        let completed = attempts.iter().filter(|attempt| attempt["outcome"] == "completed").count();
        assert_eq!(completed, 1, "{attempts:?}");
        names.extend(attempts.iter().map(|attempt| attempt["worker"].as_str().unwrap().to_owned()));
        runs.extend(attempts.into_iter().map(|attempt| (repository, attempt)));
    }
    assert!(names.len() >= 2, "the workers shared the work: {names:?}");
    assert!(never_at_once(runs), "two runs of one repository overlapped");
}

/// Tracks three repositories and sends several synchronisations of each: repository and job.
async fn dispatched(client: &Client) -> Vec<(i64, i64)> {
    let mut jobs = Vec::new();
    for (owner, name) in [("octocat", "Hello-World"), ("octo-org", "handbook"), ("octocat", "empty")] {
        let repository =
            client.post("/api/v1/repositories", json!({ "owner": owner, "name": name })).await.expect(201)["id"].as_i64().unwrap();
        for _ in 0..EACH {
            let body = json!({ "job_type": "repository_sync", "parameters": { "repository_id": repository, "force": true } });
            let job = client.post("/api/v1/jobs", body).await.expect(201)["id"].as_i64().unwrap();
            drop(client.post(&format!("/api/v1/jobs/{job}/dispatch"), json!(null)).await.expect(200));
            jobs.push((repository, job));
        }
    }
    jobs
}

/// Waits until as many jobs as wanted have completed.
async fn until(client: &Client, wanted: impl Fn(usize) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let summary = client.get("/api/v1/jobs/statistics/summary").await.expect(200);
        let completed = summary["by_status"]["completed"].as_u64().and_then(|total| usize::try_from(total).ok()).unwrap_or(0);
        if wanted(completed) {
            return;
        }
        assert!(Instant::now() < deadline, "not in time: {summary}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Whether no two runs of one repository overlap. What a dead worker left open ended when its lease was taken away.
fn never_at_once(mut runs: Vec<(i64, Value)>) -> bool {
    let moment = |attempt: &Value, name: &str| attempt[name].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    runs.sort_by_key(|(repository, attempt)| (*repository, moment(attempt, "started_at")));
    runs.windows(2).all(|pair| {
        let ((before, first), (after, second)) = (&pair[0], &pair[1]);
        before != after || moment(first, "ended_at") <= moment(second, "started_at")
    })
}
