//! A real model behind a real server that speaks like `OpenAI`. What it says is its own affair; that it says it through the gateway is ours.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use commandcenter_testkit::Client;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{PROVIDERS, start};

/// How long the server may take to read its weights.
const START: Duration = Duration::from_mins(2);
const CHAT: &str = "/v1/chat/completions";

/// The running server of the model. Stops when dropped.
struct ModelServer {
    child: Child,
    url: String,
}

impl ModelServer {
    /// `None`, with the reason printed, where it is not installed.
    async fn start() -> Option<Self> {
        let file = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_file());
        let found = (file("COMMANDCENTER_TEST_MODEL_SERVER"), file("COMMANDCENTER_TEST_MODEL_FILE"));
        let (Some(program), Some(weights)) = found else {
            println!("skipped: no local model is installed; `cargo xtask test --with-local-model` installs one");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--ctx-size", "2048", "--model"]).arg(weights);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let (client, deadline) = (Client::new(&url), Instant::now() + START);
        while client.try_get("/health").await.is_none_or(|reply| reply.status != 200) {
            assert!(child.try_wait().unwrap().is_none(), "the server of the model ended");
            assert!(Instant::now() < deadline, "the server of the model is ready in time");
            sleep(Duration::from_millis(50)).await;
        }
        Some(Self { child, url })
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn question(is_streamed: bool) -> Value {
    let messages = json!([{ "role": "user", "content": "Name three colours." }]);
    json!({ "model": "local/smollm2", "max_tokens": 32, "temperature": 0, "stream": is_streamed, "messages": messages })
}

#[tokio::test]
async fn a_real_model_answers_through_the_gateway() {
    let Some(server) = ModelServer::start().await else { return };
    let (_app, _, project) = start().await;
    let model =
        json!({ "name": "smollm2", "input_nano_per_million": 1_000_000, "output_nano_per_million": 2_000_000, "context_window": 2048 });
    let provider = json!({ "alias": "local", "dialect": "openai", "base_url": format!("{}/v1", server.url), "models": [model] });
    project.post(PROVIDERS, provider).await.expect(201);

    let whole = project.post(CHAT, question(false)).await.expect(200);
    let text = whole["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert!(text.split_whitespace().count() > 2, "{whole}");
    let streamed = project.post(CHAT, question(true)).await;
    assert!(streamed.text.matches("\"content\":").count() > 3 && streamed.text.ends_with("data: [DONE]\n\n"), "{}", streamed.text);

    let rows = project.get("/api/v1/llm/usage").await.expect(200);
    let rows = rows["items"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!((&row["outcome"], &row["estimated"]), (&json!("complete"), &json!(false)), "{row}");
        let [input, output] = [&row["input_tokens"], &row["output_tokens"]].map(|count| count.as_i64().unwrap());
        assert!(input > 5 && output > 2, "{row}");
        assert_eq!(row["cost_nano"], input + 2 * output, "{row}");
    }
}
