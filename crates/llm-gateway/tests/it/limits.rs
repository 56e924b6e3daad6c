//! What is not even asked: too long a request, an empty budget, an open circuit, an address that must not be reached, a broken rule.

use commandcenter_domain::llm::{CallError, ChatRequest, Dialect, FailureKind, Gateway, Outcome, Sampling, Target, Tool};
use commandcenter_domain::shared::Classified;
use serde_json::json;

use crate::ledger::Ledger;
use crate::server::{Reply, Server};
use crate::setup::{call, elsewhere, question, setup, setup_bearing, setup_reaching, target};
use crate::speech::{Figures, streamed, whole};

#[tokio::test]
async fn more_than_a_model_holds_is_refused_with_both_numbers() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::json(200, &whole(dialect, "Paris."))]).await;
        let setup = setup();
        let long = ChatRequest::ask("", "word ".repeat(8000));
        let small = target(dialect, &server);
        let err = setup.gateway.chat(&call([small.clone()]), &long).await.unwrap_err();
        assert!(matches!(err, CallError::ContextTooLong { needed: 10_009, window: 8192 }), "{dialect}: {err}");
        assert_eq!((err.classify().1, setup.ledger.rows().len(), server.asked().len()), ("context-too-long", 0, 0));
        let large = Target { context_window: 100_000, ..elsewhere(small) };
        let call = call([target(dialect, &server), large]);
        assert_eq!(setup.gateway.chat(&call, &long).await.unwrap().alias, "spare", "the next one holds it");
    }
}

#[tokio::test]
async fn four_mebibytes_go_through() {
    let server = Server::start([Reply::json(200, &whole(Dialect::OpenAi, "Paris."))]).await;
    let setup = setup();
    let large = Target { context_window: 2_000_000, ..target(Dialect::OpenAi, &server) };
    let request = ChatRequest::ask("", "x".repeat(4 << 20));
    assert_eq!(setup.gateway.chat(&call([large]), &request).await.unwrap().answer.text(), "Paris.");
    assert_eq!(server.asked()[0].body["messages"][1]["content"].as_str().unwrap().len(), 4 << 20);
}

#[tokio::test]
async fn an_empty_budget_asks_nobody() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::json(500, &json!({})), Reply::json(200, &whole(dialect, "Paris."))]).await;
        let setup = setup_bearing(1);
        let call = call([target(dialect, &server), elsewhere(target(dialect, &server))]);
        let err = setup.gateway.chat(&call, &question()).await.unwrap_err();
        assert!(matches!(err, CallError::BudgetExhausted { .. }), "{dialect}: {err}");
        assert_eq!((server.asked().len(), setup.ledger.rows().len()), (1, 1), "the second attempt was not made");
    }
}

#[tokio::test]
async fn what_is_reserved_is_the_most_that_it_can_cost() {
    let server = Server::start([Reply::json(200, &whole(Dialect::OpenAi, "Paris."))]).await;
    let setup = setup();
    let sampling = Sampling { max_tokens: Some(50), ..Sampling::default() };
    setup.gateway.chat(&call([target(Dialect::OpenAi, &server)]), &ChatRequest { sampling, ..question() }).await.unwrap();
    let new = setup.ledger.rows().remove(0).new;
    let sent = server.asked()[0].body.to_string().len() as u64;
    assert!(new.bound.input_tokens >= sent && new.bound.output_tokens == 50, "{new:?}");
    assert_eq!(new.reserved, target(Dialect::OpenAi, &server).price.of(&new.bound));
}

#[tokio::test]
async fn a_model_that_keeps_failing_is_left_alone() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start((0..9).map(|_| Reply::json(500, &json!({})))).await;
        let setup = setup();
        let call = call([target(dialect, &server)]);
        for _ in 0..2 {
            assert!(setup.events(&call).await.is_err());
        }
        let err = setup.gateway.chat(&call, &question()).await.unwrap_err();
        assert!(matches!(&err, CallError::Failed(failure) if failure.kind == FailureKind::CircuitOpen), "{dialect}: {err}");
        assert!(err.retry_after().is_some_and(|seconds| seconds > 0));
        assert_eq!((server.asked().len(), setup.ledger.rows().len()), (4, 4), "neither asked nor reserved");
        let spare = Server::start([Reply::events(&streamed(dialect, &["Paris."], Figures::Once))]).await;
        let call = crate::setup::call([target(dialect, &server), elsewhere(target(dialect, &spare))]);
        assert_eq!(setup.gateway.stream(&call, &question()).await.unwrap().alias, "spare");
    }
}

#[tokio::test]
async fn an_address_that_is_not_opened_is_not_reached() {
    for base in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let server = Server::start([Reply::json(200, &whole(Dialect::OpenAi, "Paris."))]).await;
        let setup = setup_reaching(Ledger::bearing(usize::MAX), |_| false);
        let base_url = format!("http://{base}:{}/v1", server.port).parse().unwrap();
        let call = call([Target { base_url, ..target(Dialect::OpenAi, &server) }]);
        let err = setup.gateway.chat(&call, &question()).await.unwrap_err();
        assert!(err.to_string().contains("net.allow_private"), "{base}: {err}");
        assert_eq!(server.asked().len(), 0);
        let row = setup.ledger.rows().remove(0);
        assert_eq!((row.ended(), row.settled.unwrap().cost.get()), ((Outcome::Failed, Some(FailureKind::Refused)), 0));
    }
}

#[tokio::test]
async fn a_broken_rule_is_told_by_its_field_before_anything_is_reserved() {
    let server = Server::start([]).await;
    let setup = setup();
    let tool = Tool { name: "t".into(), description: None, parameters: json!({ "type": "object", "properties": 7 }) };
    let request = ChatRequest { tools: vec![tool], ..question() };
    let call = call([target(Dialect::OpenAi, &server)]);
    for err in [setup.gateway.chat(&call, &request).await.err(), setup.gateway.stream(&call, &request).await.err()] {
        assert_eq!(err.unwrap().fields()[0].field, "tools.0.parameters");
    }
    assert_eq!((setup.ledger.rows().len(), server.asked().len()), (0, 0));
    let nowhere = crate::setup::call([]);
    assert_eq!(setup.gateway.chat(&nowhere, &question()).await.unwrap_err().classify().1, "llm-not-configured");
}
