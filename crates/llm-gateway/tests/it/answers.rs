//! What goes well: whole answers and streams of each dialect, what is sent for them and what is written of them.

use commandcenter_domain::llm::{ChatRequest, Dialect, FailureKind, Gateway, Outcome, OutputFormat, StopReason, StreamEvent};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::setup::{KEY, call, guessed, question, setup, target, text, told};
use crate::speech::{Figures, streamed, whole};

#[tokio::test]
async fn a_whole_answer_is_read_billed_and_settled() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::json(200, &whole(dialect, "Paris."))]).await;
        let setup = setup();
        let answered = setup.gateway.chat(&call([target(dialect, &server)]), &question()).await.unwrap();
        assert_eq!((answered.answer.text(), answered.answer.stop), ("Paris.".to_owned(), StopReason::End), "{dialect}");
        assert_eq!((answered.answer.model.as_str(), answered.alias.as_str()), ("m-told", "main"));
        assert_eq!((answered.answer.usage, answered.cost.get()), (told(7, 3), 7003));
        let rows = setup.ledger.rows();
        assert_eq!((rows.len(), rows[0].ended(), rows[0].new.number), (1, (Outcome::Complete, None), 1));
        let settled = rows[0].settled.as_ref().unwrap();
        assert_eq!((settled.usage, settled.cost), (told(7, 3), answered.cost));
        assert!(settled.first_token.is_some_and(|first| first <= settled.latency));
    }
}

#[tokio::test]
async fn what_is_sent_carries_the_key_where_the_dialect_wants_it() {
    for (dialect, path, header) in [
        (Dialect::OpenAi, "/v1/chat/completions", format!("authorization: Bearer {KEY}")),
        (Dialect::Anthropic, "/v1/messages", format!("x-api-key: {KEY}")),
        (Dialect::Gemini, "/v1beta/models/m-1:generateContent", format!("x-goog-api-key: {KEY}")),
    ] {
        let server = Server::start([Reply::json(200, &whole(dialect, "Paris."))]).await;
        setup().gateway.chat(&call([target(dialect, &server)]), &question()).await.unwrap();
        let asked = server.asked().remove(0);
        assert_eq!(asked.path, path);
        assert!(asked.head.contains(&header), "{}", asked.head);
        assert!(asked.body.to_string().contains("capital of France"));
    }
}

#[tokio::test]
async fn a_stream_comes_piece_by_piece_and_ends_with_its_bill() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::events(&streamed(dialect, &["Par", "is."], Figures::Once))]).await;
        let setup = setup();
        let events = setup.events(&call([target(dialect, &server)])).await.unwrap();
        let (usage, cost) = (told(7, 3), target(dialect, &server).price.of(&told(7, 3)));
        assert_eq!(events, [text("Par"), text("is."), StreamEvent::Done { stop: StopReason::End, usage, cost }], "{dialect}");
        let rows = setup.ledger.rows();
        assert_eq!((rows.len(), rows[0].ended()), (1, (Outcome::Complete, None)));
        let settled = rows[0].settled.as_ref().unwrap();
        assert_eq!((settled.usage, settled.cost), (usage, cost));
        assert!(settled.first_token.is_some());
    }
}

#[tokio::test]
async fn figures_told_twice_are_billed_once() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::events(&streamed(dialect, &["Paris."], Figures::Twice))]).await;
        let setup = setup();
        let events = setup.events(&call([target(dialect, &server)])).await.unwrap();
        assert!(matches!(events.last(), Some(StreamEvent::Done { usage, .. }) if *usage == told(7, 3)), "{dialect}: {events:?}");
        assert_eq!(setup.ledger.rows()[0].settled.as_ref().unwrap().usage, told(7, 3));
    }
}

#[tokio::test]
async fn figures_that_are_missing_are_counted_and_said_to_be() {
    for dialect in Dialect::ALL.iter().copied() {
        let mut silent = whole(dialect, "Paris is it.");
        for name in ["usage", "usageMetadata"] {
            silent.as_object_mut().unwrap().remove(name);
        }
        let server =
            Server::start([Reply::events(&streamed(dialect, &["Paris ", "is it."], Figures::Never)), Reply::json(200, &silent)]).await;
        let setup = setup();
        let call = call([target(dialect, &server)]);
        let events = setup.events(&call).await.unwrap();
        let usage = guessed(crate::setup::GUESS, 3);
        assert!(matches!(events.last(), Some(StreamEvent::Done { usage: used, .. }) if *used == usage), "{dialect}: {events:?}");
        assert_eq!(setup.gateway.chat(&call, &question()).await.unwrap().answer.usage, usage);
        for row in setup.ledger.rows() {
            assert_eq!((row.ended(), row.settled.as_ref().unwrap().usage), ((Outcome::Complete, None), usage));
        }
    }
}

fn schema_request() -> ChatRequest {
    let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"] });
    ChatRequest { output: OutputFormat::Schema { name: "n".into(), schema }, ..question() }
}

#[tokio::test]
async fn an_answer_without_its_form_is_asked_for_once_more() {
    for dialect in Dialect::ALL.iter().copied() {
        let replies = ["so: 1", "```json\n{\"n\":1}\n```"].map(|said| Reply::json(200, &whole(dialect, said)));
        let server = Server::start(replies).await;
        let setup = setup();
        let answered = setup.gateway.chat(&call([target(dialect, &server)]), &schema_request()).await.unwrap();
        assert_eq!((answered.answer.text().as_str(), answered.cost.get()), ("{\"n\":1}", 2 * 7003), "{dialect}");
        let ends: Vec<_> = setup.ledger.rows().iter().map(|row| (row.new.number, row.ended())).collect();
        let mismatch = (Outcome::Failed, Some(FailureKind::SchemaMismatch));
        assert_eq!(ends, [(1, mismatch), (2, (Outcome::Complete, None))]);
        let second: Value = server.asked().remove(1).body;
        assert!(second.to_string().contains("so: 1") && second.to_string().contains("cannot be used"), "{second}");
    }
}

#[tokio::test]
async fn an_answer_that_never_has_its_form_is_none() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([1, 2, 3].map(|_| Reply::json(200, &whole(dialect, "{}")))).await;
        let setup = setup();
        let err = setup.gateway.chat(&call([target(dialect, &server)]), &schema_request()).await.unwrap_err();
        assert!(err.to_string().contains("schema_mismatch"), "{dialect}: {err}");
        assert_eq!((server.left(), setup.ledger.rows().len()), (1, 2), "asked twice, and not more");

        let server = Server::start([Reply::events(&streamed(dialect, &["{}"], Figures::Once))]).await;
        let opened = setup.gateway.stream(&call([target(dialect, &server)]), &schema_request()).await.unwrap();
        let events = crate::setup::drained(opened).await;
        assert!(matches!(events.last(), Some(StreamEvent::Incomplete(end)) if end.cause == FailureKind::SchemaMismatch), "{events:?}");
    }
}
