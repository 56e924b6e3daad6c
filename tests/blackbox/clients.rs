//! The official Python clients of OpenAI and Anthropic against the real binary, each with a provider of every dialect behind it.

use std::path::Path;
use std::process::Command;

use commandcenter_testkit::{Backend, Client, DIALECTS, ModelMock, TestDb, foreign_clients};
use serde_json::{Value, json};

use crate::account::{SECRET, project};
use crate::processes::{Process, free_port, until_ready};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/clients.py");

#[tokio::test]
async fn the_official_clients_work_by_changing_their_base_url_on_sqlite() {
    clients(Backend::Sqlite).await;
}

#[tokio::test]
async fn the_official_clients_work_by_changing_their_base_url_on_postgres() {
    clients(Backend::Postgres).await;
}

async fn clients(backend: Backend) {
    let Some(mock) = ModelMock::start().await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), TestDb::open_on(backend).await);
    let bind = format!("127.0.0.1:{}", free_port());
    let arguments = ["--bind", &bind, "--data-dir", folder.path().to_str().unwrap()];
    let variables = [
        ("DATABASE_URL", database.url.as_str()),
        ("SECRET_KEY", SECRET),
        ("COMMANDCENTER_NET__ALLOW_PRIVATE", "127.0.0.0/8"),
        ("COMMANDCENTER_RAG__MODEL_DIR", "no-model"),
    ];
    let mut api = Process::start("commandcenter-api", &arguments, &variables, &folder.path().join("api.log"));
    let base = format!("http://{bind}");
    let member = project(&until_ready(&base, &mut api).await).await;
    mock.provide(&member).await;
    let id = member.project.clone().unwrap();
    let key = member.post(&format!("/api/v1/projects/{id}/api-keys"), json!({ "name": "sdk" })).await.expect(201);
    let key = key["key"].as_str().unwrap();

    let openai = report("openai", (&base, key), &mock).await;
    answered(&openai, ("stop", "tool_calls"));
    let mut listed: Vec<String> = serde_json::from_value(openai["models"].clone()).unwrap();
    listed.sort();
    let mut wanted: Vec<_> = DIALECTS.iter().map(|(dialect, _)| format!("{dialect}/{dialect}")).collect();
    wanted.sort();
    assert_eq!(listed, wanted);
    assert!(openai["others"]["json"]["city"].is_string(), "{openai:#}");
    assert_eq!(openai["others"]["vectors"], json!([["float"], ["float"]]));
    assert_eq!(
        (&openai["broken"]["class"], &openai["broken"]["code"]),
        (&json!("APIError"), &json!("incomplete")),
        "{:#}",
        openai["broken"]
    );
    refused(&openai, ("UnprocessableEntityError", "AuthenticationError"));

    let anthropic = report("anthropic", (&base, key), &mock).await;
    answered(&anthropic, ("end_turn", "tool_use"));
    assert!(anthropic["broken"]["message"].as_str().unwrap().contains("incomplete"), "{:#}", anthropic["broken"]);
    refused(&anthropic, ("UnprocessableEntityError", "AuthenticationError"));
    billed(&member).await;
}

/// What a client says, by the script beside the tests.
async fn report(client: &str, (base, key): (&str, &str), mock: &ModelMock) -> Value {
    let python = foreign_clients().unwrap().join("bin/python");
    let models = DIALECTS.iter().map(|(dialect, _)| format!("{dialect}/{dialect}"));
    let mut command = Command::new(python);
    command.arg(Path::new(SCRIPT)).args([client, base, key]).args(models).env("BREAK", mock.script_url());
    let said = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(said.status.success(), "{client}: {}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

/// Every dialect behind it gave text, pieces of text, and calls of tools.
fn answered(report: &Value, (stop, stop_for_tools): (&str, &str)) {
    for (dialect, _) in DIALECTS {
        let said = &report["answers"][format!("{dialect}/{dialect}")];
        let (plain, stream, tool) = (&said["plain"], &said["stream"], &said["tool"]);
        assert_eq!((&plain["stop"], &plain["model"]), (&json!(stop), &json!(format!("{dialect}/{dialect}"))), "{said:#}");
        assert!(!plain["text"].as_str().unwrap().is_empty() && plain["usage"][0].as_u64() > Some(0), "{said:#}");
        assert!(stream["pieces"].as_u64() > Some(1) && stream["usage"][1].as_u64() > Some(1), "{said:#}");
        assert_eq!((&stream["stop"], &stream["usage"][0]), (&json!(stop), &plain["usage"][0]), "the question is the same: {said:#}");
        let arguments = json!({ "city": "mock-city" });
        for call in [tool, &said["streamed_tool"]] {
            assert_eq!((&call["name"], &call["arguments"]), (&json!("get_weather"), &arguments), "{said:#}");
        }
        assert_eq!(tool["stop"], stop_for_tools, "{said:#}");
        assert!(!tool["then"].as_str().unwrap().is_empty(), "the result of the tool was answered: {said:#}");
    }
}

/// Errors are the client's own, and say what is wrong.
fn refused(report: &Value, (unknown, wrong_key): (&str, &str)) {
    let said = &report["unknown_model"];
    assert_eq!((&said["class"], &said["status"]), (&json!(unknown), &json!(422)), "{said:#}");
    assert!(said["message"].as_str().unwrap().contains("openai/openai"), "it names the known ones: {said:#}");
    let said = &report["wrong_key"];
    assert_eq!((&said["class"], &said["status"]), (&json!(wrong_key), &json!(401)), "{said:#}");
}

/// Every call is in the ledger, and only what was told to break did.
async fn billed(member: &Client) {
    let rows = member.get("/api/v1/llm/usage?limit=100").await.expect(200);
    let rows = rows["items"].as_array().unwrap();
    let count = |outcome: &str| rows.iter().filter(|row| row["outcome"] == outcome).count();
    // Two clients and three models: an answer, a stream, a tool and its result, a streamed tool; a form and vectors; a broken stream of each.
    assert_eq!((count("complete"), count("incomplete"), rows.len()), (2 * 3 * 5 + 2, 2, 2 * 3 * 5 + 4), "{rows:#?}");
}
