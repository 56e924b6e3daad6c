//! Files that mean harm: each fails by itself, with a reason, and nothing else suffers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use commandcenter_domain::knowledge::{DocumentParser, ReadError};
use commandcenter_parsers::{IsolatedParser, ParserLimits};
use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::fixture::{bomb, docx, pdf, written};

const PATH: &str = "/api/v1/knowledge/documents";

/// A parser whose children misbehave on request.
fn parser(cpu: u64, wall: u64) -> IsolatedParser {
    let limits = ParserLimits { memory: 512 << 20, cpu: Duration::from_secs(cpu), wall: Duration::from_secs(wall) };
    IsolatedParser::new(PathBuf::from(env!("CARGO_BIN_EXE_parser-under-test")), limits)
}

async fn refused(parser: &IsolatedParser, name: &str, bytes: &[u8]) -> String {
    parser.parse(name, bytes.to_vec()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_parser_that_misbehaves_is_ended_and_the_reason_is_told() {
    let parser = parser(1, 20);
    for (name, reason) in [
        ("spins.json", "more than 1 seconds of a processor"),
        ("eats.json", "more than 512 MiB of memory"),
        ("recurses.json", "nested too deep"),
        ("aborts.json", "its parser crashed (SIGABRT)"),
        ("panics.json", "its parser gave up on it"),
    ] {
        let said = refused(&parser, name, b"{}").await;
        assert!(said.contains(reason), "{name}: {said}");
    }
    assert_eq!(parser.parse("fine.json", br#"{"a": "b"}"#.to_vec()).await.unwrap().text, "a: b");
}

#[tokio::test]
async fn a_parser_that_hangs_is_ended_by_the_clock() {
    let began = Instant::now();
    let said = refused(&parser(60, 1), "hangs.json", b"{}").await;
    assert!(said.contains("more than 1 seconds"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_parser_that_nobody_waits_for_is_ended() {
    let parser = parser(60, 60);
    tokio::select! {
        _ = parser.parse("hangs.json", b"{}".to_vec()) => panic!("it never ends"),
        () = until(|| !children().is_empty()) => {}
    }
    until(|| children().is_empty()).await;
}

/// Processes below this one that run the program under test.
fn children() -> Vec<String> {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_child = |id: &String| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let after: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        after.get(1) == Some(&own.as_str()) && after.first() != Some(&"Z") && stat.contains("(parser-under")
    };
    processes.filter(|id| id.parse::<u32>().is_ok()).filter(is_child).collect()
}

async fn until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to be");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_parser_opens_and_writes_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("secret");
    std::fs::write(&target, "secret").unwrap();
    let said = refused(&parser(5, 20), "opens.json", serde_json::to_string(&[&target]).unwrap().as_bytes()).await;
    if said.contains("read: true") {
        println!("skipped: this kernel cannot keep a process from reading files");
    }
    assert!(said.contains("written: false"), "{said}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "secret");
}

#[tokio::test]
async fn a_program_that_cannot_be_run_says_nothing_about_the_file() {
    let parser = IsolatedParser::new(PathBuf::from("/nowhere"), ParserLimits::default());
    assert!(matches!(parser.parse("a.json", b"{}".to_vec()).await, Err(ReadError::Parser(_))));
    assert_eq!(parser.parse("a.txt", b"words".to_vec()).await.unwrap().text, "words", "plain text needs no parser");
}

async fn finished(project: &Project, job: &Value) -> Value {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let job = project.get(&format!("/api/v1/jobs/{job}")).await.expect(200);
        if !["pending", "running", "retrying"].contains(&job["status"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < deadline, "never finished: {job}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn million_objects() -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    for number in 1..=1_000_000_u32 {
        file.extend(format!("{number} 0 obj\n<<>>\nendobj\n").bytes());
    }
    file
}

fn sealed() -> Vec<u8> {
    let encrypt = "<< /Filter /Standard /V 1 /R 2 /O (0123456789abcdef0123456789abcdef) /U (0123456789abcdef0123456789abcdef) /P -44 >>";
    let objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>", encrypt].map(str::to_owned);
    written(&objects, "/Root 1 0 R /Encrypt 3 0 R /ID [(0123456789abcdef) (0123456789abcdef)]")
}

#[tokio::test]
async fn every_hostile_file_fails_its_own_job_and_the_others_go_on() {
    let whole = docx("<w:p><w:r><w:t>text</w:t></w:r></w:p>");
    let depth = 10_000;
    let tower = format!("<html><body>{}words{}</body></html>", "<div>".repeat(depth), "</div>".repeat(depth));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("bomb.docx", bomb(300 << 20), "unpacks to more than 256 MiB"),
        ("objects.pdf", million_objects(), "more than 500000 objects"),
        ("sealed.pdf", sealed(), "encrypted"),
        ("tower.html", tower.into_bytes(), "nested more than"),
        ("cut.docx", whole[..whole.len() / 2].to_vec(), "damaged or cut off"),
        ("eats.json", b"{\"a\": 1}".to_vec(), "memory"),
        ("aborts.json", b"{\"a\": 1}".to_vec(), "crashed"),
        ("empty.xlsx", pdf(&[String::new()]), "no text"),
    ];
    // Making them takes longer than an idle connection lives.
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let mut jobs = Vec::new();
    for (name, bytes, reason) in cases {
        let accepted = project.upload(PATH, (name, bytes), &[("category", "hostile")]).await.expect(202);
        jobs.push((name, reason, accepted));
    }
    let good = project
        .upload(PATH, ("good.html", b"<html><body><p>The tapir eats leaves.</p></body></html>".to_vec()), &[("category", "good")])
        .await;
    let good = good.expect(202);
    for (name, reason, accepted) in jobs {
        let job = finished(&project, &accepted["job_id"]).await;
        assert_eq!((&job["status"], &job["attempt"]), (&json!("failed"), &json!(1)), "{name}: {job}");
        let document = project.get(&format!("{PATH}/{}", accepted["document_id"])).await.expect(200);
        assert_eq!(document["status"], "failed");
        assert!(document["error"].as_str().unwrap().contains(reason), "{name}: {}", document["error"]);
    }
    assert_eq!(finished(&project, &good["job_id"]).await["status"], "completed");
    let answer = project.post("/api/v1/knowledge/query", json!({ "query": "tapir" })).await.expect(200);
    assert_eq!(answer["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_line_of_a_gibibyte_is_refused_while_it_comes() {
    let app = TestApp::start_with(&[("COMMANDCENTER_DOCUMENTS__MAX_FILE", "4MiB")]).await;
    let project = app.user("ann").await.project("alpha").await;
    let block = vec![b'a'; 1 << 20];
    let line = futures::stream::iter(std::iter::repeat_n(block, 1024).map(Ok::<_, std::io::Error>));
    let part = reqwest::multipart::Part::stream(reqwest::Body::wrap_stream(line)).file_name("line.txt");
    let form = reqwest::multipart::Form::new().text("category", "x").part("file", part);
    let before = resident();
    let reply = project.client.try_send(project.client.request(reqwest::Method::POST, PATH).multipart(form)).await;
    // The server reads on for a while, so that most clients see the answer; one that never stops is cut off.
    if let Some(reply) = reply {
        assert_eq!(reply.problem(413), "body-too-large");
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 200 << 20, "the process grew by {} MiB", grown >> 20);
    assert_eq!(project.get(PATH).await.expect(200)["total"], 0);
}

/// Bytes of memory that this process, the application in it included, holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) << 10
}
