//! What is tried again, where, and what is not.

use std::time::{Duration, Instant};

use commandcenter_domain::llm::{CallError, Dialect, FailureKind, Gateway, Outcome, StreamEvent};
use serde_json::json;

use crate::server::{Ending, Framing, Reply, Server};
use crate::setup::{KEY, SOON, call, elsewhere, guessed, impatient, question, setup, target, target_at};
use crate::speech::{Figures, streamed, whole};

fn refusal(status: u16) -> Reply {
    Reply::json(status, &json!({ "error": { "message": format!("no, {KEY}") } }))
}

#[tokio::test]
async fn a_provider_that_asks_for_patience_is_given_it() {
    for dialect in Dialect::ALL.iter().copied() {
        let busy = || refusal(429).with("retry-after-ms", "400");
        let stream = Reply::events(&streamed(dialect, &["Paris."], Figures::Once));
        let server = Server::start([busy(), Reply::json(200, &whole(dialect, "Paris.")), busy(), stream]).await;
        let setup = setup();
        let call = call([target(dialect, &server)]);
        let started = Instant::now();
        assert_eq!(setup.gateway.chat(&call, &question()).await.unwrap().answer.text(), "Paris.");
        assert!(matches!(setup.events(&call).await.unwrap().last(), Some(StreamEvent::Done { .. })));
        assert!(started.elapsed() >= Duration::from_millis(800), "{dialect}: waited {:?}", started.elapsed());
        let throttled = (Outcome::Failed, Some(FailureKind::Throttled));
        let ends: Vec<_> = setup.ledger.rows().iter().map(|row| (row.ended(), row.settled.as_ref().unwrap().cost.get())).collect();
        let complete = (Outcome::Complete, None);
        assert_eq!(ends, [(throttled, 0), (complete, 7003), (throttled, 0), (complete, 7003)], "{dialect}");
    }
}

#[tokio::test]
async fn whole_answers_that_break_are_asked_for_again() {
    for dialect in Dialect::ALL.iter().copied() {
        let good = Reply::json(200, &whole(dialect, "Paris."));
        for (bad, kind) in [
            (good.clone().framed(Framing::Length(50)), FailureKind::Cut),
            (good.clone().framed(Framing::Chunked).ending(Ending::Cut), FailureKind::Cut),
            (refusal(500), FailureKind::Upstream),
            (refusal(529), FailureKind::Upstream),
            (refusal(408), FailureKind::Throttled),
            (refusal(409), FailureKind::Throttled),
        ] {
            let server = Server::start([bad, good.clone()]).await;
            let setup = setup();
            let answered = setup.gateway.chat(&call([target(dialect, &server)]), &question()).await.unwrap();
            assert_eq!(answered.answer.text(), "Paris.");
            let rows = setup.ledger.rows();
            assert_eq!((rows.len(), rows[0].ended()), (2, (Outcome::Failed, Some(kind))), "{dialect} {kind}");
            let costs = rows.iter().map(|row| row.settled.as_ref().unwrap().cost.get());
            assert_eq!(costs.sum::<i64>(), answered.cost.get(), "the call costs what its attempts cost");
        }
    }
}

#[tokio::test]
async fn what_does_not_pass_goes_to_the_next_model_at_once() {
    for dialect in Dialect::ALL.iter().copied() {
        let truncated = Reply::json(200, &whole(dialect, "Paris.")).framed(Framing::Length(-20));
        let html = Reply::json(200, &json!("<html>"));
        for (bad, kind) in [
            (refusal(400), FailureKind::Refused),
            (refusal(401), FailureKind::RejectedKey),
            (refusal(302).with("location", "http://example.com"), FailureKind::Refused),
            (truncated, FailureKind::Malformed),
            (html, FailureKind::Malformed),
            (refusal(429).with("retry-after", "20"), FailureKind::Throttled),
        ] {
            let server = Server::start([bad, Reply::json(200, &whole(dialect, "wrong"))]).await;
            let spare = Server::start([Reply::json(200, &whole(dialect, "Paris."))]).await;
            let setup = setup();
            let call = call([target(dialect, &server), elsewhere(target(dialect, &spare))]);
            let answered = setup.gateway.chat(&call, &question()).await.unwrap();
            assert_eq!((answered.alias.as_str(), answered.answer.text().as_str()), ("spare", "Paris."), "{dialect} {kind}");
            assert_eq!((server.asked().len(), setup.ledger.rows()[0].ended()), (1, (Outcome::Failed, Some(kind))));
        }
    }
}

#[tokio::test]
async fn a_rejected_key_is_told_without_the_key() {
    for dialect in Dialect::ALL.iter().copied() {
        for (status, slug) in [(401, "provider-rejected-key"), (400, "provider-refused"), (503, "provider-failed")] {
            let server = Server::start([refusal(status), refusal(status)]).await;
            let setup = setup();
            let err = setup.gateway.chat(&call([target(dialect, &server)]), &question()).await.unwrap_err();
            assert_eq!(commandcenter_domain::shared::Classified::classify(&err).1, slug);
            assert!(!format!("{err} {err:?}").contains(KEY), "{err:?}");
            assert!(matches!(err, CallError::Failed(failure) if failure.status == Some(status)));
        }
    }
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_the_call_may_take() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([refusal(429).with("retry-after", "3600")]).await;
        let setup = setup();
        let err = setup.gateway.chat(&call([target(dialect, &server)]), &question()).await.unwrap_err();
        assert_eq!(commandcenter_domain::shared::Classified::retry_after(&err), Some(3600), "the caller is told");

        let server = Server::start([Reply::silence(), Reply::silence()]).await;
        let call = impatient([target(dialect, &server), elsewhere(target(dialect, &server))], |patience| patience.total = SOON);
        let err = setup.gateway.chat(&call, &question()).await.unwrap_err();
        assert!(matches!(&err, CallError::Failed(failure) if failure.kind == FailureKind::TotalTimeout), "{dialect}: {err}");
        assert_eq!(server.asked().len(), 1);
        let rows = setup.ledger.rows();
        assert_eq!((rows.len(), rows[1].ended()), (2, (Outcome::Failed, Some(FailureKind::TotalTimeout))));
        assert_eq!(rows[1].settled.as_ref().unwrap().usage, guessed(crate::setup::GUESS, 0), "it had the request in hand");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_costs_nothing() {
    for dialect in Dialect::ALL.iter().copied() {
        let setup = setup();
        let err = setup.events(&call([target_at(dialect, "http://127.0.0.1:9")])).await.unwrap_err();
        assert!(matches!(&err, CallError::Failed(failure) if failure.kind == FailureKind::Connect), "{dialect}: {err}");
        for row in setup.ledger.rows() {
            assert_eq!((row.ended(), row.settled.unwrap().cost.get()), ((Outcome::Failed, Some(FailureKind::Connect)), 0));
        }
        assert_eq!(setup.ledger.rows().len(), 2);
    }
}
