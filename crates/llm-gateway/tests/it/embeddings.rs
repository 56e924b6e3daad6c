//! Vectors.

use commandcenter_domain::llm::{CallError, Dialect, EmbeddingRequest, FailureKind, Gateway, Outcome};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::setup::{call, elsewhere, setup, target};

fn request() -> EmbeddingRequest {
    EmbeddingRequest { texts: vec!["four".into(), "eight ch".into()], dimensions: None }
}

fn vectors(dialect: Dialect, vectors: &[Value]) -> Value {
    match dialect {
        Dialect::Gemini => json!({ "embeddings": vectors.iter().map(|values| json!({ "values": values })).collect::<Vec<_>>() }),
        Dialect::OpenAi | Dialect::Anthropic => {
            let rows = vectors.iter().enumerate().map(|(at, values)| json!({ "index": at, "embedding": values }));
            json!({ "data": rows.collect::<Vec<_>>(), "usage": { "prompt_tokens": 5 } })
        }
    }
}

#[tokio::test]
async fn texts_become_vectors() {
    for (dialect, tokens, estimated) in [(Dialect::OpenAi, 5, false), (Dialect::Gemini, 3, true)] {
        let server = Server::start([Reply::json(200, &vectors(dialect, &[json!([1.0, 2.0]), json!([3.0, 4.0])]))]).await;
        let setup = setup();
        let embedded = setup.gateway.embed(&call([target(dialect, &server)]), &request()).await.unwrap();
        assert_eq!(embedded.answer.vectors, [[1.0, 2.0], [3.0, 4.0]], "{dialect}");
        let usage = embedded.answer.usage;
        assert_eq!((usage.input_tokens, usage.output_tokens, usage.estimated), (tokens, 0, estimated));
        assert_eq!(embedded.cost.get(), i64::try_from(1000 * tokens).unwrap());
        assert_eq!(setup.ledger.rows()[0].ended(), (Outcome::Complete, None));
    }
}

#[tokio::test]
async fn vectors_that_would_spoil_an_index_are_refused() {
    for dialect in [Dialect::OpenAi, Dialect::Gemini] {
        for bad in [vec![json!([1.0])], vec![json!([1.0]), json!([1.0, 2.0])], vec![json!([]), json!([])]] {
            let server = Server::start([Reply::json(200, &vectors(dialect, &bad))]).await;
            let setup = setup();
            let err = setup.gateway.embed(&call([target(dialect, &server)]), &request()).await.unwrap_err();
            assert!(matches!(&err, CallError::Failed(failure) if failure.kind == FailureKind::Malformed), "{dialect}: {err}");
            assert_eq!(setup.ledger.rows()[0].ended(), (Outcome::Failed, Some(FailureKind::Malformed)));
        }
    }
}

#[tokio::test]
async fn a_dialect_without_embeddings_is_passed_over() {
    let server = Server::start([Reply::json(200, &vectors(Dialect::OpenAi, &[json!([1.0]), json!([2.0])]))]).await;
    let setup = setup();
    let none = target(Dialect::Anthropic, &server);
    let err = setup.gateway.embed(&call([none.clone()]), &request()).await.unwrap_err();
    assert!(err.to_string().contains("no embeddings"), "{err}");
    let call = call([none, elsewhere(target(Dialect::OpenAi, &server))]);
    assert_eq!(setup.gateway.embed(&call, &request()).await.unwrap().alias, "spare");
    assert_eq!(setup.ledger.rows().len(), 1);
}
