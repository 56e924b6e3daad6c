//! Following jobs: over the WebSocket, without one, and to a bad end.

use futures::SinkExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use wiremock::matchers::{body_json, method};
use wiremock::{Mock, MockServer};

use crate::run::{Home, answer, api, list};

fn job(status: &str, progress: u8) -> Value {
    let error = (status == "failed").then_some("GitHub has no such repository");
    json!({ "id": 5, "job_type": "repository_sync", "status": status, "progress": progress, "current_step": "documents", "result": { "documents": 3 }, "error": error, "duration_seconds": 1.25 })
}

/// A server without WebSockets, whose job is running when it is first asked for and then `end`.
async fn polled(end: &str) -> MockServer {
    let server = MockServer::start().await;
    let repositories = list(&json!([{ "id": 3, "full_name": "octo-org/handbook" }]));
    Mock::given(method("GET")).and(api("/repositories")).respond_with(answer(200, &repositories)).mount(&server).await;
    let asked = body_json(json!({ "force": false }));
    Mock::given(method("POST"))
        .and(api("/repositories/3/sync"))
        .and(asked)
        .respond_with(answer(202, &json!({ "job_id": 5 })))
        .mount(&server)
        .await;
    Mock::given(method("GET")).and(api("/jobs/5")).respond_with(answer(200, &job("running", 40))).up_to_n_times(2).mount(&server).await;
    Mock::given(method("GET")).and(api("/jobs/5")).respond_with(answer(200, &job(end, 100))).with_priority(9).mount(&server).await;
    server
}

#[tokio::test]
async fn a_synchronisation_is_followed_to_its_end_without_a_websocket() {
    let server = polled("completed").await;
    let ended = Home::logged_in(&server.uri()).run(&["sync", "Octo-Org/handbook"]).await.expect(0);
    assert!(ended.out.contains("Job 5 completed in 1.2 s") && ended.out.contains("documents: 3"), "{}", ended.out);
    assert!(ended.err.contains("documents"), "{}", ended.err);
}

#[tokio::test]
async fn a_failed_job_is_exit_code_6_and_says_why() {
    for end in ["failed", "cancelled", "dead"] {
        let server = polled(end).await;
        let ended = Home::logged_in(&server.uri()).run(&["sync", "3", "--json"]).await.expect(6);
        assert_eq!(ended.json()["status"], end);
        assert!(ended.err.contains("\"exit_code\":6"), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_job_need_not_be_waited_for() {
    let server = polled("completed").await;
    let ended = Home::logged_in(&server.uri()).run(&["sync", "3", "--no-wait", "--json"]).await.expect(0);
    assert_eq!(ended.json(), json!({ "job_id": 5 }));
}

#[tokio::test]
async fn a_repository_that_is_not_tracked_is_exit_code_4() {
    let server = polled("completed").await;
    let ended = Home::logged_in(&server.uri()).run(&["sync", "octo-org/other"]).await.expect(4);
    assert!(ended.err.contains("repos add octo-org/other"), "{}", ended.err);
}

#[tokio::test]
async fn documents_are_uploaded_one_after_the_other() {
    let server = MockServer::start().await;
    let accepted = answer(202, &json!({ "job_id": 5, "document_id": 8 }));
    Mock::given(method("POST")).and(api("/knowledge/documents")).respond_with(accepted).expect(2).mount(&server).await;
    Mock::given(method("GET")).and(api("/jobs/5")).respond_with(answer(200, &job("completed", 100))).mount(&server).await;
    let home = Home::logged_in(&server.uri());
    for name in ["a.md", "b.md"] {
        std::fs::write(home.path().join(name), format!("# {name}\n")).unwrap();
    }
    let ended = home.run(&["upload", "a.md", "b.md", "--category", "guides", "--tags", "x,y"]).await.expect(0);
    assert!(ended.out.contains("a.md: document 8 indexed"), "{}", ended.out);
    let requests = server.received_requests().await.unwrap();
    let body = String::from_utf8_lossy(&requests.iter().find(|request| request.method.as_str() == "POST").unwrap().body).into_owned();
    for part in ["filename=\"a.md\"", "# a.md", "name=\"category\"", "guides", "name=\"tags\"", "x,y"] {
        assert!(body.contains(part), "{part} is missing in {body}");
    }
}

/// A server with a job and its WebSocket; it wants the token and the project at both.
async fn with_websocket() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut asked = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let length = stream.peek(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..length]).to_lowercase();
            let known = head.contains("authorization: bearer old") && head.contains("x-project-id: 7");
            if known && head.contains("get /api/v1/jobs/ws/5") {
                tokio::spawn(tell(stream));
            } else {
                asked += 1;
                let body = if !known {
                    json!({})
                } else if asked == 1 {
                    job("pending", 0)
                } else {
                    job("completed", 100)
                };
                reply(stream, &body).await;
            }
        }
    });
    url
}

async fn tell(stream: TcpStream) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    let frames = [
        json!({ "type": "connected", "job_id": 5, "status": "pending", "progress": 0, "current_step": null }),
        json!({ "type": "progress", "job_id": 5, "status": "running", "progress": 50, "current_step": "commits", "is_terminal": false }),
        json!({ "type": "completed", "job_id": 5, "status": "completed", "result": {}, "error": null }),
    ];
    for frame in frames {
        socket.send(Message::text(frame.to_string())).await.unwrap();
    }
    socket.close(None).await.unwrap();
}

async fn reply(mut stream: TcpStream, body: &Value) {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request).await.unwrap();
    let body = body.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_job_is_watched_over_its_websocket() {
    let home = Home::logged_in(&with_websocket().await);
    let ended = home.run(&["jobs", "watch", "5", "--json"]).await.expect(0);
    assert_eq!(kinds(&ended.out), ["connected", "progress", "completed"], "{}", ended.out);
}

#[tokio::test]
async fn without_a_websocket_a_program_sees_the_same_frames() {
    let server = polled("completed").await;
    let ended = Home::logged_in(&server.uri()).run(&["jobs", "watch", "5", "--json"]).await.expect(0);
    assert_eq!(kinds(&ended.out), ["progress", "completed"], "{}", ended.out);
}

fn kinds(lines: &str) -> Vec<String> {
    let frames = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    frames.map(|frame| frame["type"].as_str().unwrap().to_owned()).collect()
}
