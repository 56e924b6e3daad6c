//! Tools: the model asks for them in one piece and in many.

use commandcenter_domain::llm::{ChatRequest, Dialect, Gateway, OutputFormat, Part, StopReason, StreamEvent, Tool};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::setup::{call, drained, question, setup, target};

fn request() -> ChatRequest {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    ChatRequest { tools: vec![Tool { name: "weather".into(), description: Some("Tells it.".into()), parameters }], ..question() }
}

fn whole(dialect: Dialect) -> Value {
    match dialect {
        Dialect::OpenAi => json!({ "choices": [{ "finish_reason": "tool_calls", "message": { "content": null, "tool_calls": [
            { "id": "c1", "type": "function", "function": { "name": "weather", "arguments": "{\"city\":\"Paris\"}" } },
        ] } }] }),
        Dialect::Anthropic => json!({ "stop_reason": "tool_use", "content": [
            { "type": "tool_use", "id": "c1", "name": "weather", "input": { "city": "Paris" } },
        ] }),
        Dialect::Gemini => json!({ "candidates": [{ "finishReason": "STOP", "content": { "parts": [
            { "functionCall": { "id": "c1", "name": "weather", "args": { "city": "Paris" } } },
        ] } }] }),
    }
}

fn streamed(dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::OpenAi => {
            let call = |call: Value| json!({ "choices": [{ "delta": { "tool_calls": [call] } }] }).to_string();
            vec![
                call(json!({ "index": 0, "id": "c1", "function": { "name": "weather", "arguments": "" } })),
                call(json!({ "index": 0, "function": { "arguments": "{\"city\":" } })),
                call(json!({ "index": 0, "function": { "arguments": "\"Paris\"}" } })),
                json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] }).to_string(),
                "[DONE]".to_owned(),
            ]
        }
        Dialect::Anthropic => {
            let more = |piece: &str| json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": piece } });
            let start = json!({ "type": "tool_use", "id": "c1", "name": "weather", "input": {} });
            let events = [
                json!({ "type": "message_start", "message": {} }),
                json!({ "type": "content_block_start", "index": 0, "content_block": start }),
                more("{\"city\":"),
                more("\"Paris\"}"),
                json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" } }),
                json!({ "type": "message_stop" }),
            ];
            events.map(|event| event.to_string()).to_vec()
        }
        Dialect::Gemini => vec![whole(dialect).to_string()],
    }
}

#[tokio::test]
async fn a_model_asks_for_a_tool() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::json(200, &whole(dialect)), Reply::events(&streamed(dialect))]).await;
        let setup = setup();
        let call = call([target(dialect, &server)]);
        let answer = setup.gateway.chat(&call, &request()).await.unwrap().answer;
        assert_eq!(answer.stop, StopReason::ToolCalls, "{dialect}");
        let [Part::Call(asked)] = answer.parts.as_slice() else { unreachable!("{answer:?}") };
        assert_eq!((asked.id.as_str(), asked.name.as_str(), &asked.arguments), ("c1", "weather", &json!({ "city": "Paris" })));

        let events = drained(setup.gateway.stream(&call, &request()).await.unwrap()).await;
        assert_eq!(events[0], StreamEvent::CallStart { index: 0, id: "c1".into(), name: "weather".into() }, "{dialect}");
        let arguments = events.iter().filter_map(|event| match event {
            StreamEvent::CallArguments { piece, .. } => Some(piece.as_str()),
            _ => None,
        });
        assert_eq!(arguments.collect::<String>(), r#"{"city":"Paris"}"#);
        assert!(matches!(events.last(), Some(StreamEvent::Done { stop: StopReason::ToolCalls, .. })));
    }
}

#[tokio::test]
async fn the_tool_of_a_form_is_the_answer_itself() {
    let dialect = Dialect::Anthropic;
    let server = Server::start([Reply::json(200, &whole(dialect)), Reply::events(&streamed(dialect))]).await;
    let setup = setup();
    let call = call([target(dialect, &server)]);
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    let request = ChatRequest { output: OutputFormat::Schema { name: "city".into(), schema }, ..question() };
    let answer = setup.gateway.chat(&call, &request).await.unwrap().answer;
    assert_eq!((answer.text().as_str(), answer.stop, answer.parts.len()), (r#"{"city":"Paris"}"#, StopReason::End, 1));

    let events = drained(setup.gateway.stream(&call, &request).await.unwrap()).await;
    let text = events.iter().filter_map(|event| match event {
        StreamEvent::Text { text } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(text.collect::<String>(), r#"{"city":"Paris"}"#);
    assert!(matches!(events.last(), Some(StreamEvent::Done { stop: StopReason::End, .. })), "{events:?}");
}
