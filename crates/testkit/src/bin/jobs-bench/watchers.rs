//! Many watchers on one busy job: how late what it says reaches them, and what they cost the API.

use std::time::{Duration, Instant};

use commandcenter_domain::Store;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobKind, NewJob};
use commandcenter_domain::shared::{Clock, JobId, ProjectId, SystemClock};
use commandcenter_testkit::{Backend, Client, PASSWORD, TestDb};
use futures::StreamExt;
use futures::stream::{self, FuturesUnordered};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::crew::Process;

/// Sockets that are opened at the same time.
const AT_ONCE: usize = 32;
/// How long a process is left alone before its memory is read.
const REST: Duration = Duration::from_secs(2);
/// Longest time that anything is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn run(watchers: usize, seconds: u64) -> Value {
    let (db, folder) = (TestDb::open().await, tempfile::tempdir().unwrap());
    let (api, url) = Process::start(&["api", &db.url, folder.path().to_str().unwrap()]);
    let worker = (Backend::of_environment() == Backend::Postgres).then(|| Process::start(&["busy-worker", &db.url]).0);
    let client = account(&url).await;
    let job = busy(&db, &client, seconds).await;
    // What one socket makes the process load is not what a thousand cost.
    drop(open(&url, &client, job).await);
    sleep(REST).await;
    let before = api.memory();
    let begun = Instant::now();
    let sockets: Vec<Socket> = stream::iter(0..watchers).map(|_| open(&url, &client, job)).buffer_unordered(AT_ONCE).collect().await;
    let opened = begun.elapsed();
    let readers: FuturesUnordered<JoinHandle<Vec<i64>>> = sockets.into_iter().map(|socket| tokio::spawn(read(socket))).collect();
    drop(client.post(&format!("/api/v1/jobs/{job}/dispatch"), json!(null)).await.expect(200));
    let mut peak = before;
    let watching = readers.map(Result::unwrap).collect::<Vec<_>>();
    tokio::pin!(watching);
    let heard = loop {
        tokio::select! {
            heard = &mut watching => break heard,
            () = sleep(Duration::from_millis(250)) => peak = peak.max(api.memory()),
        }
        assert!(begun.elapsed() < opened + Duration::from_secs(seconds) + PATIENCE, "the watchers were not let go");
    };
    drop(worker);
    report(
        &heard,
        json!({
            "watchers": watchers,
            "reports": reports(seconds),
            "opened_seconds": opened.as_secs_f64(),
            "api_before_mib": before,
            "api_peak_mib": peak,
            "api_growth_mib": peak - before,
        }),
    )
}

/// Adds what the watchers heard.
fn report(heard: &[Vec<i64>], mut said: Value) -> Value {
    let mut frames: Vec<usize> = heard.iter().map(Vec::len).collect();
    let mut delays: Vec<i64> = heard.iter().flatten().copied().collect();
    frames.sort_unstable();
    delays.sort_unstable();
    let at = |percent: usize| delays.get((delays.len() * percent / 100).min(delays.len().saturating_sub(1))).map(|us| *us as f64 / 1000.0);
    said["delivery_p50_ms"] = json!(at(50));
    said["delivery_p99_ms"] = json!(at(99));
    said["delivery_max_ms"] = json!(at(100));
    said["frames_least"] = json!(frames.first());
    said["frames_median"] = json!(frames.get(frames.len() / 2));
    said
}

const fn reports(seconds: u64) -> u64 {
    seconds * 10
}

/// The first account and its project.
async fn account(url: &str) -> Client {
    let client = Client::new(url);
    let begun = Instant::now();
    while client.try_get("/health/ready").await.is_none_or(|reply| reply.status != 200) {
        assert!(begun.elapsed() < PATIENCE, "the API is not ready");
        sleep(Duration::from_millis(20)).await;
    }
    let login = json!({ "email": "root@example.com", "password": PASSWORD });
    client.post("/api/v1/auth/register", login.clone()).await.expect(201);
    let tokens = client.post("/api/v1/auth/login", login).await.expect(200);
    let client = client.with_token(tokens["access_token"].as_str().unwrap());
    let project = client.post("/api/v1/projects", json!({ "name": "bench" })).await.expect(201);
    client.in_project(project["id"].as_i64().unwrap())
}

/// The busy job, held until it is dispatched.
async fn busy(db: &TestDb, client: &Client, seconds: u64) -> i64 {
    let project = client.project.as_ref().unwrap().parse().unwrap();
    let scope = ProjectScope::of_job(ProjectId::new(project), JobId::new(1));
    let new = NewJob::held(JobKind::RepositorySync, json!({ "reports": reports(seconds) }), SystemClock.now());
    db.store.repos().jobs().enqueue(&scope, new).await.unwrap().id.get()
}

/// A socket that has had its first frame.
async fn open(url: &str, client: &Client, job: i64) -> Socket {
    let address = format!("{}/api/v1/jobs/ws/{job}", url.replace("http://", "ws://"));
    let mut request = address.into_client_request().unwrap();
    let token = format!("Bearer {}", client.token.as_ref().unwrap());
    request.headers_mut().insert("authorization", token.parse().unwrap());
    request.headers_mut().insert("x-project-id", client.project.as_ref().unwrap().parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(text))) if text.contains("connected")));
    socket
}

/// Microseconds from each report to its arrival, until the job has ended.
async fn read(mut socket: Socket) -> Vec<i64> {
    let (mut delays, mut known) = (Vec::new(), 0);
    while let Some(Ok(message)) = socket.next().await {
        let now = SystemClock.now().timestamp_micros();
        let Message::Text(text) = message else { continue };
        // The frame of the end repeats the last report: that is no delivery.
        if let Some(said) = reported(&text).filter(|said| *said != known) {
            delays.push(now - said);
            known = said;
        }
    }
    delays
}

/// The moment in the step of a frame. Looked for rather than parsed: the clients share the machine with what is measured.
fn reported(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once(r#""current_step":""#)?;
    rest.split_once('"')?.0.parse().ok()
}
