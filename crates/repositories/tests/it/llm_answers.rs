//! Kept answers in storage: they go when their time is over, and when there are too many.

use chrono::TimeDelta;
use commandcenter_domain::Store;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{ChatAnswer, KeptAnswer, Part, StopReason, Usage};
use commandcenter_domain::shared::{JobId, ProjectId, Timestamp};
use commandcenter_testkit::TestDb;
use sea_orm::ConnectionTrait;

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn now() -> Timestamp {
    "2028-02-29T12:00:00Z".parse().unwrap()
}

fn saying(text: &str) -> KeptAnswer {
    let parts = vec![Part::Text { text: text.into() }];
    let answer = ChatAnswer { model: "m".into(), parts, stop: StopReason::End, usage: Usage::default() };
    KeptAnswer { alias: "local".into(), answer }
}

async fn open() -> TestDb {
    let db = TestDb::open().await;
    for id in [1, 2] {
        let at = "'2026-01-01 00:00:00+00:00'";
        let sql = format!("INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', {at}, {at})");
        db.connection().execute_unprepared(&sql).await.unwrap();
    }
    db
}

#[tokio::test]
async fn an_answer_is_found_until_it_expires_and_by_those_for_whom_it_is_new_enough() {
    let db = open().await;
    let answers = db.store.repos().llm_answers();
    let (one, minute) = (scope(1), TimeDelta::minutes(1));
    answers.keep(&one, "k", (&saying("old"), now(), now() + minute)).await.unwrap();
    answers.keep(&one, "k", (&saying("new"), now() + minute, now() + minute * 3)).await.unwrap();
    let found = async |scope: &ProjectScope, at: TimeDelta, age: TimeDelta| {
        answers.find(scope, "k", (now() + at, now() + at - age)).await.unwrap().map(|kept| kept.answer.text())
    };
    assert_eq!(found(&one, minute * 2, minute).await.as_deref(), Some("new"));
    assert_eq!(found(&one, minute * 2, minute / 2).await, None, "it is too old for this caller");
    assert_eq!(found(&one, minute * 3, minute * 9).await, None, "it has expired");
    assert_eq!(found(&scope(2), minute, minute * 9).await, None);
    assert_eq!(answers.figures(&one, now()).await.unwrap().answers, 1);
    assert_eq!(answers.expire(now() + minute * 3).await.unwrap(), 1);
    assert_eq!(answers.clear(&one).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_too_large_is_not_kept_and_of_too_many_the_oldest_go() {
    let db = open().await;
    let answers = db.store.repos().llm_answers();
    let until = now() + TimeDelta::days(1);
    answers.keep(&scope(1), "large", (&saying(&"word ".repeat(60_000)), now(), until)).await.unwrap();
    assert_eq!(answers.figures(&scope(1), now()).await.unwrap().answers, 0);
    let rows: Vec<_> =
        (0..5_000).map(|number| format!("(1, 'k{number}', '{{}}', 2, '2026-01-01 00:00:00+00:00', '2030-01-01 00:00:00+00:00')")).collect();
    let sql = format!("INSERT INTO llm_answers (project_id, key, answer, bytes, created_at, expires_at) VALUES {}", rows.join(", "));
    db.connection().execute_unprepared(&sql).await.unwrap();
    answers.keep(&scope(2), "k", (&saying("theirs"), now(), until)).await.unwrap();
    answers.keep(&scope(1), "k", (&saying("mine"), now(), until)).await.unwrap();
    assert_eq!(answers.figures(&scope(1), now()).await.unwrap().answers, 5_000);
    assert!(answers.find(&scope(1), "k", (now(), now())).await.unwrap().is_some());
    assert_eq!(answers.figures(&scope(2), now()).await.unwrap().answers, 1);
}
