//! Streams that break off. What was said so far is never passed off as the answer, and what was used is billed.

use std::time::Duration;

use commandcenter_domain::llm::{Dialect, FailureKind, Gateway, Incomplete, Outcome, StreamEvent, Usage};

use crate::server::{Ending, Framing, Reply, Server};
use crate::setup::{GUESS, SOON, Setup, call, elsewhere, guessed, impatient, question, setup, target, text, told};
use crate::speech::{Figures, begun, streamed, trouble, whole};

/// What the provider had said of its use when it broke off: one dialect tells its input at the start.
fn used(dialect: Dialect) -> Usage {
    match dialect {
        Dialect::Anthropic => guessed(7, 1),
        Dialect::OpenAi | Dialect::Gemini => guessed(GUESS, 1),
    }
}

/// A reply that breaks off after `Par` must give `Par`, then how it broke off; its row must say the same.
async fn breaks_off(dialect: Dialect, reply: Reply, cause: FailureKind) -> Setup {
    let server = Server::start([reply]).await;
    let spare = Server::start([Reply::events(&streamed(dialect, &["wrong"], Figures::Once))]).await;
    let setup = setup();
    let main = target(dialect, &server);
    let call = impatient([main.clone(), elsewhere(target(dialect, &spare))], |patience| patience.between_tokens = SOON);
    let events = setup.events(&call).await.unwrap();
    let [first, StreamEvent::Incomplete(Incomplete { cause: named, usage, cost, .. })] = events.as_slice() else {
        unreachable!("{dialect}: {events:?}")
    };
    assert_eq!((first, *named), (&text("Par"), cause), "{dialect}");
    assert_eq!((*usage, *cost), (used(dialect), main.price.of(&used(dialect))), "{dialect}");
    let rows = setup.ledger.rows();
    assert_eq!((rows.len(), rows[0].ended()), (1, (Outcome::Incomplete, Some(cause))), "{dialect}");
    let settled = rows[0].settled.as_ref().unwrap();
    assert_eq!((settled.usage, settled.cost), (*usage, *cost));
    assert_eq!(spare.asked().len(), 0, "nobody else goes on with the answer");
    setup
}

fn par(dialect: Dialect) -> Reply {
    Reply::events(&begun(dialect, &["Par"], Figures::Once))
}

#[tokio::test]
async fn a_cut_is_not_an_end() {
    for dialect in Dialect::ALL.iter().copied() {
        breaks_off(dialect, par(dialect).ending(Ending::Cut), FailureKind::Cut).await;
    }
}

#[tokio::test]
async fn an_orderly_end_before_the_answers_end_is_a_cut() {
    for dialect in Dialect::ALL.iter().copied() {
        breaks_off(dialect, par(dialect), FailureKind::Cut).await;
        breaks_off(dialect, par(dialect).and("data: {\"choices\":[{\"del"), FailureKind::Cut).await;
    }
}

#[tokio::test]
async fn a_mark_of_the_end_without_a_reason_to_stop_is_a_cut() {
    breaks_off(Dialect::OpenAi, par(Dialect::OpenAi).and("data: [DONE]\n\n"), FailureKind::Cut).await;
    breaks_off(Dialect::Anthropic, par(Dialect::Anthropic).and("data: {\"type\":\"message_stop\"}\n\n"), FailureKind::Cut).await;
}

#[tokio::test]
async fn a_server_that_falls_silent_has_stalled() {
    for dialect in Dialect::ALL.iter().copied() {
        breaks_off(dialect, par(dialect).ending(Ending::Hold), FailureKind::Stalled).await;
        breaks_off(dialect, par(dialect).and(": still here\n\n").ending(Ending::Hold), FailureKind::Stalled).await;
    }
}

#[tokio::test]
async fn what_is_no_event_ends_the_answer() {
    for dialect in Dialect::ALL.iter().copied() {
        for garbage in ["data: {\"choices\":[{\"del\n\n", "{\"choices\":[]}\n\n", "data: 1\n\n", "data: \n\n"] {
            breaks_off(dialect, par(dialect).and(garbage).ending(Ending::Hold), FailureKind::Malformed).await;
        }
    }
}

#[tokio::test]
async fn a_length_that_is_not_kept_is_a_cut() {
    for dialect in Dialect::ALL.iter().copied() {
        breaks_off(dialect, par(dialect).framed(Framing::Length(500)), FailureKind::Cut).await;
        let second = Reply::events(&begun(dialect, &["Par", "is."], Figures::Once));
        breaks_off(dialect, second.framed(Framing::Length(-20)), FailureKind::Cut).await;
    }
}

#[tokio::test]
async fn trouble_that_the_provider_tells_of_ends_the_answer() {
    for dialect in Dialect::ALL.iter().copied() {
        let reply = par(dialect).and(&format!("data: {}\n\n", trouble(dialect)));
        breaks_off(dialect, reply.ending(Ending::Hold), FailureKind::Upstream).await;
    }
}

#[tokio::test]
async fn before_the_first_token_another_model_answers_and_nobody_notices() {
    for dialect in Dialect::ALL.iter().copied() {
        let nothing = Reply::events(&begun(dialect, &[], Figures::Never));
        let cases = [
            (Reply::silence(), FailureKind::FirstTokenTimeout),
            (nothing.clone().ending(Ending::Hold), FailureKind::FirstTokenTimeout),
            (nothing.clone(), FailureKind::Cut),
            (nothing.clone().ending(Ending::Cut), FailureKind::Cut),
            (nothing.clone().and("what\n\n"), FailureKind::Malformed),
            (nothing.and(&format!("data: {}\n\n", trouble(dialect))), FailureKind::Upstream),
            (Reply::json(200, &whole(dialect, "whole")), FailureKind::Malformed),
            (Reply::json(529, &serde_json::json!({ "error": { "message": "Overloaded" } })), FailureKind::Upstream),
        ];
        for (reply, cause) in cases {
            let server = Server::start([reply]).await;
            let spare = Server::start([Reply::events(&streamed(dialect, &["Paris."], Figures::Once))]).await;
            let setup = setup();
            let call = impatient([target(dialect, &server), elsewhere(target(dialect, &spare))], |patience| {
                patience.first_token = SOON;
                patience.attempts = 1;
            });
            let events = setup.events(&call).await.unwrap();
            assert_eq!((events.len(), &events[0]), (2, &text("Paris.")), "{dialect} {cause}");
            let rows = setup.ledger.rows();
            let ends: Vec<_> = rows.iter().map(|row| (row.new.alias.as_str(), row.ended())).collect();
            assert_eq!(ends, [("main", (Outcome::Failed, Some(cause))), ("spare", (Outcome::Complete, None))], "{dialect}");
            // What the provider had in hand may be billed; what it refused, or said nothing about, is not.
            let billed = if cause == FailureKind::Upstream { told(0, 0) } else { guessed(GUESS, 0) };
            let used = rows[0].settled.as_ref().unwrap().usage;
            assert_eq!(used, billed, "{dialect} {cause}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_let_go_stops_the_provider_and_is_billed() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([par(dialect).ending(Ending::Hold)]).await;
        let setup = setup();
        let main = target(dialect, &server);
        let mut opened = setup.gateway_stream(&call([main.clone()])).await;
        assert_eq!(opened.events.next().await, Some(text("Par")));
        drop(opened);
        tokio::time::timeout(Duration::from_secs(1), server.is_left()).await.unwrap();
        let rows = setup.ledger.settled(1).await;
        assert_eq!(rows[0].ended(), (Outcome::Cancelled, Some(FailureKind::Cancelled)), "{dialect}");
        let settled = rows[0].settled.as_ref().unwrap();
        assert_eq!((settled.usage, settled.cost), (used(dialect), main.price.of(&used(dialect))));
    }
}

#[tokio::test]
async fn a_call_that_is_let_go_before_its_answer_stops_the_provider_too() {
    for dialect in Dialect::ALL.iter().copied() {
        let server = Server::start([Reply::silence(), Reply::silence()]).await;
        let setup = setup();
        let (call, question) = (call([target(dialect, &server)]), question());
        assert!(tokio::time::timeout(SOON, setup.gateway.chat(&call, &question)).await.is_err());
        tokio::time::timeout(Duration::from_secs(1), server.is_left()).await.unwrap();
        assert!(tokio::time::timeout(SOON, setup.gateway.stream(&call, &question)).await.is_err());
        for row in setup.ledger.settled(2).await {
            assert_eq!(row.ended(), (Outcome::Cancelled, Some(FailureKind::Cancelled)), "{dialect}");
            assert_eq!(row.settled.unwrap().usage, guessed(GUESS, 0), "the provider had the request in hand");
        }
    }
}
