//! A third party's mock as the provider, in all three dialects: what comes of an answer, of a stream and of what breaks, and the rows of the ledger.

use commandcenter_testkit::{Client, DIALECTS, ModelMock, Project, TestApp};
use serde_json::{Value, json};

use super::start;

const CHAT: &str = "/v1/chat/completions";
const TEXT: &str = "one two three four five six seven eight nine ten";

struct Stage {
    _app: TestApp,
    mock: ModelMock,
    project: Project,
    client: Client,
}

impl Stage {
    async fn set() -> Option<Self> {
        let mock = ModelMock::start().await?;
        let (app, _, project) = start().await;
        mock.provide(&project).await;
        let key = project.post(&format!("/api/v1/projects/{}/api-keys", project.id), json!({ "name": "sdk" })).await.expect(201);
        let client = app.anonymous().with_token(key["key"].as_str().unwrap());
        Some(Self { _app: app, mock, project, client })
    }

    /// The rows that were written since there were so many, oldest first.
    async fn rows_after(&self, before: usize) -> Vec<Value> {
        let mut rows = self.project.get("/api/v1/llm/usage?limit=100").await.expect(200)["items"].as_array().unwrap().clone();
        rows.reverse();
        rows.split_off(before)
    }
}

/// A question; each with words of its own, as the mock tells calls apart by them.
fn question(dialect: &str, words: &str, is_streamed: bool) -> Value {
    let messages = json!([{ "role": "user", "content": format!("{words}, {dialect}, streamed: {is_streamed}") }]);
    json!({ "model": format!("{dialect}/{dialect}"), "max_tokens": 50, "stream": is_streamed, "messages": messages })
}

/// The text of a stream's chunks.
fn told(stream: &str) -> String {
    let chunks = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    chunks.filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_foreign_mock_answers_whole_and_streamed_and_is_billed_by_its_own_count() {
    let Some(stage) = Stage::set().await else { return };
    for (dialect, _) in DIALECTS {
        stage.mock.expect(json!([{ "type": "reply", "text": TEXT, "times": 2 }])).await;
        let before = stage.rows_after(0).await.len();
        let whole = stage.client.post(CHAT, question(dialect, "whole", false)).await.expect(200);
        assert_eq!(whole["choices"][0]["message"]["content"], TEXT, "{dialect}: {whole}");
        let streamed = stage.client.post(CHAT, question(dialect, "in pieces", true)).await;
        assert_eq!(told(&streamed.text), TEXT, "{dialect}: {}", streamed.text);
        assert!(streamed.text.ends_with("data: [DONE]\n\n"), "{dialect}: {}", streamed.text);
        let rows = stage.rows_after(before).await;
        assert_eq!(rows.len(), 2, "{dialect}");
        for row in &rows {
            assert_eq!(
                (&row["outcome"], &row["estimated"], &row["provider"]),
                (&json!("complete"), &json!(false), &json!(dialect)),
                "{row}"
            );
            let [input, output] = [&row["input_tokens"], &row["output_tokens"]].map(|count| count.as_i64().unwrap());
            assert!(input > 0 && output > 0, "{row}");
            assert_eq!(row["cost_nano"], input * 150 + output * 600, "{row}");
        }
        assert_eq!(rows[0]["output_tokens"], whole["usage"]["completion_tokens"], "{dialect}");
    }
}

#[tokio::test]
async fn a_foreign_mock_finds_no_fault_with_how_its_refusals_are_met() {
    let Some(stage) = Stage::set().await else { return };
    for (dialect, _) in DIALECTS {
        let cases = [
            ("throttled", json!([{ "type": "fail", "status": 429, "retry_after": 1 }]), false),
            ("upstream", json!([{ "type": "fail", "status": 503 }]), false),
            ("upstream", json!([{ "type": "fail", "status": 529, "match": { "stream": true } }]), true),
            ("cut", json!([{ "type": "stream_fault", "kind": "disconnect", "after_chunks": 0 }]), true),
        ];
        for (failure, behaviours, is_streamed) in cases {
            stage.mock.expect(behaviours).await;
            let before = stage.rows_after(0).await.len();
            let reply = stage.client.post(CHAT, question(dialect, failure, is_streamed)).await;
            assert_eq!(reply.status, 200, "{dialect}, {failure}: {}", reply.text);
            let rows = stage.rows_after(before).await;
            let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
            assert_eq!(outcomes, ["failed", "complete"], "{dialect}, {failure}: {rows:?}");
            assert_eq!(rows[0]["failure"], failure, "{dialect}");
        }
        stage.mock.expect(json!([{ "type": "fail", "status": 401 }])).await;
        let before = stage.rows_after(0).await.len();
        let refused = stage.client.post(CHAT, question(dialect, "refused", false)).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (502, &json!("provider-rejected-key")), "{}", refused.text);
        let rows = stage.rows_after(before).await;
        assert_eq!(rows.len(), 1, "a key is not tried twice: {rows:?}");
        assert_eq!((&rows[0]["outcome"], &rows[0]["cost_nano"]), (&json!("failed"), &json!(0)));
    }
    let verdict = stage.mock.verdict().await;
    assert_eq!((&verdict["passed"], &verdict["findings"]), (&json!(true), &json!([])), "{verdict:#}");
    assert_eq!(verdict["calls"], 15, "{verdict:#}");
}

#[tokio::test]
async fn a_stream_of_a_foreign_mock_that_breaks_is_told_and_billed() {
    let Some(stage) = Stage::set().await else { return };
    for (dialect, _) in DIALECTS {
        for (kind, failure) in [("disconnect", "cut"), ("truncate", "cut"), ("malformed", "malformed")] {
            let fault = json!({ "type": "stream_fault", "kind": kind, "after_chunks": 6 });
            stage.mock.expect(json!([{ "type": "reply", "text": TEXT }, fault])).await;
            let before = stage.rows_after(0).await.len();
            let reply = stage.client.post(CHAT, question(dialect, kind, true)).await;
            let heard = told(&reply.text);
            assert!(TEXT.starts_with(&heard) && !heard.is_empty() && heard != TEXT, "{dialect}, {kind}: {}", reply.text);
            assert!(!reply.text.contains("[DONE]") && reply.text.contains("\"error\""), "{dialect}, {kind}: {}", reply.text);
            let rows = stage.rows_after(before).await;
            assert_eq!(rows.len(), 1, "{dialect}, {kind}: what was told is not asked for again");
            assert_eq!(
                (&rows[0]["outcome"], &rows[0]["failure"]),
                (&json!("incomplete"), &json!(failure)),
                "{dialect}, {kind}: {}",
                rows[0]
            );
            assert!(rows[0]["output_tokens"].as_i64().unwrap() > 0 && rows[0]["cost_nano"].as_i64().unwrap() > 0, "{}", rows[0]);
        }
    }
}
