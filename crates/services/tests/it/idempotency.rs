//! Attempts over time, by a clock that is set.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_auth::{MasterKey, SealingCipher};
use commandcenter_domain::Store;
use commandcenter_domain::idempotency::{Answer, AttemptName, IdempotencyError, IdempotencyKey, Reservation};
use commandcenter_domain::identity::{Caller, Credential, NewUser, Registration};
use commandcenter_domain::shared::{ApiKeyId, SessionId, UserId};
use commandcenter_domain::{Clock, StoreError};
use commandcenter_services::idempotency::{Attempt, IdempotencyService};
use commandcenter_testkit::{TestClock, TestDb};

struct World {
    db: TestDb,
    clock: Arc<TestClock>,
    service: IdempotencyService,
    ann: Caller,
}

impl World {
    async fn new() -> Self {
        let (db, clock) = (TestDb::open().await, Arc::new(TestClock::new()));
        let cipher = Arc::new(SealingCipher::new(&MasterKey::new("a secret of at least thirty-two bytes")));
        let service = IdempotencyService::new(db.store.clone(), cipher, clock.clone());
        let ann = caller(account(&db, &clock, "ann").await);
        Self { db, clock, service, ann }
    }

    async fn begin(&self, caller: &Caller, name: &AttemptName) -> Result<Attempt, IdempotencyError> {
        self.service.begin(caller, None, name).await
    }

    /// Begins what nobody has begun.
    async fn first(&self, caller: &Caller, name: &AttemptName) -> Option<Reservation> {
        match self.begin(caller, name).await.unwrap() {
            Attempt::First(reservation) => Some(reservation),
            Attempt::Repeated(_) => None,
        }
    }
}

async fn account(db: &TestDb, clock: &TestClock, name: &str) -> UserId {
    let Registration { email, full_name, .. } = Registration::parse(&format!("{name}@example.com"), "long enough", None).unwrap();
    let new = NewUser { email, password_hash: "hash".into(), full_name, is_admin: false, at: clock.now() };
    db.store.repos().users().insert(new).await.unwrap().id
}

fn caller(user: UserId) -> Caller {
    Caller { user, email: String::new(), is_admin: false, credential: Credential::Session(SessionId::new(1)) }
}

fn name(operation: &str) -> AttemptName {
    AttemptName { key: IdempotencyKey::parse(b"key-1").unwrap(), operation: operation.to_owned() }
}

fn answer(body: &str) -> Answer {
    Answer { status: 201, headers: vec![("location".into(), "/x/1".into())], body: body.into() }
}

#[tokio::test]
async fn an_answer_is_given_again_for_a_day_and_not_longer() {
    let world = World::new().await;
    let name = name("POST /x");
    let reservation = world.first(&world.ann, &name).await.unwrap();
    world.service.complete(&reservation, "print".into(), answer("{}")).await.unwrap();
    world.clock.advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
    let Attempt::Repeated(record) = world.begin(&world.ann, &name).await.unwrap() else { unreachable!("it is remembered") };
    assert_eq!(record.answer_to(Some("print")).unwrap(), answer("{}"));
    assert_eq!(world.service.sweep().await.unwrap(), 0);
    world.clock.advance(TimeDelta::microseconds(1));
    assert!(world.first(&world.ann, &name).await.is_some(), "a day is over");
    world.clock.advance(TimeDelta::hours(24));
    assert_eq!(world.service.sweep().await.unwrap(), 1);
}

#[tokio::test]
async fn a_reservation_is_taken_over_after_a_minute_of_silence() {
    let world = World::new().await;
    let name = name("POST /x");
    let dead = world.first(&world.ann, &name).await.unwrap();
    world.clock.advance(TimeDelta::seconds(50));
    world.service.renew(&dead).await.unwrap();
    world.clock.advance(TimeDelta::seconds(59));
    assert!(matches!(world.begin(&world.ann, &name).await, Err(IdempotencyError::InProgress)));
    world.clock.advance(TimeDelta::seconds(1));
    let heir = world.first(&world.ann, &name).await.unwrap();
    assert_ne!(heir, dead);
    world.service.complete(&dead, "late".into(), answer("late")).await.unwrap();
    world.service.release(&dead).await.unwrap();
    world.service.complete(&heir, "print".into(), answer("heir")).await.unwrap();
    let Attempt::Repeated(record) = world.begin(&world.ann, &name).await.unwrap() else { unreachable!("it is kept") };
    assert_eq!(record.answer.body, "heir");
}

#[tokio::test]
async fn callers_keys_and_operations_are_told_apart() {
    let world = World::new().await;
    let name_x = name("POST /x");
    let bob = caller(account(&world.db, &world.clock, "bob").await);
    let key = Caller { credential: Credential::PersonalKey(ApiKeyId::new(1)), ..world.ann.clone() };
    for (who, what) in [(&world.ann, &name_x), (&bob, &name_x), (&key, &name_x), (&world.ann, &name("POST /y"))] {
        assert!(world.first(who, what).await.is_some());
        assert!(matches!(world.begin(who, what).await, Err(IdempotencyError::InProgress)));
    }
    let elsewhere = Caller { credential: Credential::Session(SessionId::new(2)), ..world.ann.clone() };
    assert!(world.begin(&elsewhere, &name_x).await.is_err(), "another session of the same account");
}

#[tokio::test]
async fn a_kept_answer_lies_sealed_and_opens_with_its_key_only() {
    let world = World::new().await;
    let name = name("POST /x");
    let reservation = world.first(&world.ann, &name).await.unwrap();
    world.service.complete(&reservation, "print".into(), answer("cck_secret")).await.unwrap();
    let row = world.db.store.repos().idempotency().find(&reservation.slot).await.unwrap().unwrap();
    assert!(!row.sealed.unwrap().windows(5).any(|part| part == b"cck_s" || part == b"print"));
    let cipher = Arc::new(SealingCipher::new(&MasterKey::new("another secret of at least thirty-two bytes")));
    let stranger = IdempotencyService::new(world.db.store.clone(), cipher, world.clock.clone());
    assert!(matches!(stranger.begin(&world.ann, None, &name).await, Err(IdempotencyError::Cipher(_))));
}

#[tokio::test]
async fn of_many_that_take_over_at_once_one_does() {
    let world = Arc::new(World::new().await);
    world.first(&world.ann, &name("POST /x")).await.unwrap();
    world.clock.advance(TimeDelta::minutes(1));
    let take = |_| {
        let world = world.clone();
        tokio::spawn(async move { world.begin(&world.ann, &name("POST /x")).await })
    };
    let tasks: Vec<_> = (0..6).map(take).collect();
    let mut heirs = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(Attempt::First(_)) => heirs += 1,
            Err(IdempotencyError::InProgress | IdempotencyError::Store(StoreError::Unavailable(_))) => {}
            other => unreachable!("{other:?}"),
        }
    }
    assert_eq!(heirs, 1);
}
