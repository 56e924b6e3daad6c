//! Attempts in storage: who gets a slot, and who may end what they hold.

use chrono::TimeDelta;
use commandcenter_domain::Store;
use commandcenter_domain::idempotency::{IdempotencyRepo, NewAttempt};
use commandcenter_domain::identity::{NewUser, Registration};
use commandcenter_domain::shared::{ProjectId, Timestamp, UserId};
use commandcenter_testkit::TestDb;
use sea_orm::ConnectionTrait;

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + TimeDelta::seconds(seconds)
}

async fn with_user() -> (TestDb, UserId) {
    let db = TestDb::open().await;
    let Registration { email, full_name, .. } = Registration::parse("ann@example.com", "long enough", None).unwrap();
    let new = NewUser { email, password_hash: "hash".into(), full_name, is_admin: false, at: now() };
    let user = db.store.repos().users().insert(new).await.unwrap().id;
    (db, user)
}

fn attempt(slot: &str, user: UserId) -> NewAttempt {
    NewAttempt { slot: slot.to_owned(), user, project: None, at: now(), expires_at: later(60) }
}

#[tokio::test]
async fn of_many_that_reserve_a_slot_at_once_one_gets_it() {
    let (db, user) = with_user().await;
    let reserve = |_| {
        let store = db.store.clone();
        tokio::spawn(async move { store.repos().idempotency().reserve(&attempt("one", user)).await.unwrap() })
    };
    let tasks: Vec<_> = (0..8).map(reserve).collect();
    let mut granted = 0;
    for task in tasks {
        granted += usize::from(task.await.unwrap().is_some());
    }
    assert_eq!(granted, 1);
    assert!(db.store.repos().idempotency().reserve(&attempt("two", user)).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_complete_stays_and_what_is_released_is_free() {
    let (db, user) = with_user().await;
    let attempts: &dyn IdempotencyRepo = db.store.repos().idempotency();
    let id = attempts.reserve(&attempt("one", user)).await.unwrap().unwrap();
    assert_eq!(attempts.find("one").await.unwrap().unwrap().sealed, None);
    assert!(attempts.complete(id, b"sealed".to_vec()).await.unwrap());
    assert!(!attempts.complete(id, b"again".to_vec()).await.unwrap());
    attempts.release(id).await.unwrap();
    assert_eq!(attempts.find("one").await.unwrap().unwrap().sealed.as_deref(), Some(b"sealed".as_slice()));
    let other = attempts.reserve(&attempt("two", user)).await.unwrap().unwrap();
    attempts.release(other).await.unwrap();
    assert_eq!(attempts.find("two").await.unwrap(), None);
}

#[tokio::test]
async fn a_row_is_cleared_only_as_it_was_read_and_its_old_holder_ends_nothing_of_the_new_one() {
    let (db, user) = with_user().await;
    let attempts = db.store.repos().idempotency();
    let old = attempts.reserve(&attempt("one", user)).await.unwrap().unwrap();
    let seen = attempts.find("one").await.unwrap().unwrap();
    attempts.renew(old, later(1)).await.unwrap();
    attempts.clear(&seen).await.unwrap();
    let renewed = attempts.find("one").await.unwrap().unwrap();
    assert_eq!((renewed.id, renewed.renewed_at), (old, later(1)), "it lives");
    attempts.clear(&renewed).await.unwrap();
    let new = attempts.reserve(&attempt("one", user)).await.unwrap().unwrap();
    assert_ne!(new, old);
    assert!(!attempts.complete(old, b"late".to_vec()).await.unwrap());
    attempts.release(old).await.unwrap();
    let stale = attempts.find("one").await.unwrap().unwrap();
    assert!(attempts.complete(new, b"sealed".to_vec()).await.unwrap());
    attempts.clear(&stale).await.unwrap();
    assert!(attempts.find("one").await.unwrap().is_some(), "it ended meanwhile");
}

#[tokio::test]
async fn what_has_expired_is_removed_and_accounts_take_theirs_along() {
    let (db, user) = with_user().await;
    let attempts = db.store.repos().idempotency();
    attempts.reserve(&attempt("one", user)).await.unwrap();
    attempts.reserve(&NewAttempt { expires_at: later(61), ..attempt("two", user) }).await.unwrap();
    assert_eq!(attempts.remove_expired(later(60)).await.unwrap(), 1);
    assert!(attempts.find("one").await.unwrap().is_none() && attempts.find("two").await.unwrap().is_some());
    let foreign = NewAttempt { project: Some(ProjectId::new(99)), ..attempt("three", user) };
    assert!(attempts.reserve(&foreign).await.is_err(), "no such project");
    db.connection().execute_unprepared("DELETE FROM users").await.unwrap();
    assert!(attempts.find("two").await.unwrap().is_none());
}
