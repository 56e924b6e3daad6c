//! Accounts, sessions, keys and tickets in storage.

use chrono::TimeDelta;
use commandcenter_domain::identity::{Caller, Credential, Membership, NewApiKey, NewUser, ProjectScope, Registration, Role, TicketRow};
use commandcenter_domain::project::NewProject;
use commandcenter_domain::shared::{ProjectId, SessionId, Timestamp, UserId};
use commandcenter_domain::{Store, StoreError};
use commandcenter_testkit::TestDb;
use sea_orm::ConnectionTrait;

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + TimeDelta::seconds(seconds)
}

fn account(name: &str, is_admin: bool) -> NewUser {
    let Registration { email, full_name, .. } = Registration::parse(&format!("{name}@example.com"), "long enough", None).unwrap();
    NewUser { email, password_hash: "hash".into(), full_name, is_admin, at: now() }
}

/// A store with one account, and a session of it.
async fn signed_in() -> (TestDb, UserId, SessionId) {
    let db = TestDb::open().await;
    let repos = db.store.repos();
    let user = repos.users().insert(account("ann", false)).await.unwrap().id;
    let session = repos.sessions().create(user, "refresh", (now(), later(60))).await.unwrap();
    (db, user, session)
}

async fn project_of(db: &TestDb, user: UserId) -> ProjectId {
    let project = db.store.repos().projects().insert(&NewProject::parse("alpha", "ann", None).unwrap(), now()).await.unwrap();
    db.store.repos().memberships().insert(project, user, Role::Maintainer, now()).await.unwrap();
    project
}

#[tokio::test]
async fn of_many_first_accounts_at_once_one_is_the_first() {
    let db = TestDb::open().await;
    let register = |number: usize| {
        let store = db.store.clone();
        tokio::spawn(async move {
            let tx = store.begin().await.unwrap();
            let is_first = !tx.users().is_any().await.unwrap();
            tx.users().insert(account(&format!("user{number}"), is_first)).await.unwrap();
            tx.commit().await.unwrap();
            is_first
        })
    };
    let tasks: Vec<_> = (0..6).map(register).collect();
    let mut first = 0;
    for task in tasks {
        first += usize::from(task.await.unwrap());
    }
    assert_eq!(first, 1);
}

#[tokio::test]
async fn an_address_has_one_account() {
    let (db, _, _) = signed_in().await;
    let again = db.store.repos().users().insert(account("ANN", false)).await;
    assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
    assert!(db.store.repos().users().find_by_email("ann@example.com").await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_opens_until_it_expires_is_revoked_or_its_account_is_switched_off() {
    let (db, user, session) = signed_in().await;
    let project = project_of(&db, user).await;
    let sessions = db.store.repos().sessions();
    let open = sessions.access(session, Some(project), later(59)).await.unwrap().unwrap();
    assert_eq!((open.user, open.role), (user, Some(Role::Maintainer)));
    let elsewhere = sessions.access(session, Some(ProjectId::new(project.get() + 1)), now()).await.unwrap().unwrap();
    assert_eq!(elsewhere.role, None);
    assert_eq!(sessions.access(session, Some(project), later(60)).await.unwrap(), None, "expired");
    db.connection().execute_unprepared("UPDATE users SET is_active = FALSE").await.unwrap();
    assert_eq!(sessions.access(session, Some(project), now()).await.unwrap(), None, "switched off");
    db.connection().execute_unprepared("UPDATE users SET is_active = TRUE").await.unwrap();
    assert!(sessions.access(session, None, now()).await.unwrap().is_some());
    sessions.revoke(session, now()).await.unwrap();
    assert_eq!(sessions.access(session, Some(project), now()).await.unwrap(), None, "revoked");
}

#[tokio::test]
async fn a_refresh_token_is_spent_once_and_is_remembered() {
    let (db, _, session) = signed_in().await;
    let sessions = db.store.repos().sessions();
    assert!(sessions.spend("refresh", now()).await.unwrap());
    assert!(!sessions.spend("refresh", now()).await.unwrap());
    sessions.extend(session, "next", (now(), later(120))).await.unwrap();
    let old = sessions.find_refresh("refresh", now()).await.unwrap().unwrap();
    assert_eq!((old.session, old.is_spent, old.is_live), (session, true, true));
    let next = sessions.find_refresh("next", later(119)).await.unwrap().unwrap();
    assert_eq!((next.is_spent, next.is_live), (false, true));
    assert!(!sessions.find_refresh("next", later(120)).await.unwrap().unwrap().is_live, "the session has ended");
    assert_eq!(sessions.find_refresh("unknown", now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_session_sweeps_the_ended_ones_of_its_account() {
    let (db, user, session) = signed_in().await;
    let sessions = db.store.repos().sessions();
    let second = sessions.create(user, "second", (later(59), later(90))).await.unwrap();
    assert!(sessions.find_refresh("refresh", later(59)).await.unwrap().is_some(), "{session} lives");
    sessions.create(user, "third", (later(60), later(120))).await.unwrap();
    assert_eq!(sessions.find_refresh("refresh", later(60)).await.unwrap(), None);
    assert!(sessions.access(second, None, later(60)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_ticket_lets_one_in_once_while_it_is_fresh() {
    let (db, user, session) = signed_in().await;
    let row = TicketRow { user, session: Some(session), project: None };
    for hash in ["one", "old"] {
        db.store.repos().sessions().insert_ticket(hash, row, later(30)).await.unwrap();
    }
    let take = || {
        let store = db.store.clone();
        tokio::spawn(async move { store.repos().sessions().take_ticket("one", now()).await.unwrap() })
    };
    let (one, other) = (take(), take());
    let taken = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(taken.iter().flatten().collect::<Vec<_>>(), [&row]);
    assert_eq!(db.store.repos().sessions().take_ticket("old", later(30)).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_opens_its_project_until_it_expires_or_its_owner_leaves() {
    let (db, user, _) = signed_in().await;
    let project = project_of(&db, user).await;
    let keys = db.store.repos().api_keys();
    let new = NewApiKey {
        user,
        bound: Some((project, Role::Member)),
        name: "ci".into(),
        prefix: "cck_12345678".into(),
        hash: "hash".into(),
        at: now(),
        expires_at: Some(later(60)),
    };
    let key = keys.insert(new).await.unwrap();
    let row = keys.access("hash", Some(ProjectId::new(99)), now()).await.unwrap().unwrap();
    assert_eq!((row.key, row.bound, row.access.role), (key.id, Some((project, Role::Member)), Some(Role::Maintainer)));
    assert_eq!(row.last_used_at, None);
    keys.used(key.id, now()).await.unwrap();
    assert_eq!(keys.access("hash", None, now()).await.unwrap().unwrap().last_used_at, Some(now()));
    assert_eq!(keys.access("hash", None, later(60)).await.unwrap(), None, "expired");
    assert!(!keys.delete_personal(user, key.id).await.unwrap(), "it is no personal key");
    let caller = Caller { user, email: String::new(), is_admin: false, credential: Credential::PersonalKey(key.id) };
    let scope = ProjectScope::of_member(&caller, &Membership { user, project, role: Role::Owner }).unwrap();
    db.store.repos().memberships().delete(&scope, user).await.unwrap();
    assert_eq!(keys.access("hash", None, now()).await.unwrap().unwrap().access.role, None, "its owner left");
    db.store.repos().projects().delete(&scope).await.unwrap();
    assert_eq!(keys.access("hash", None, now()).await.unwrap(), None, "its project is gone");
}
