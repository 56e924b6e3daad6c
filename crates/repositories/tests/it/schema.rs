//! The schema goes up, down and up again on both databases, and constraints hold.

use commandcenter_app::schema;
use commandcenter_testkit::{Backend, TestDb};

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let db = TestDb::empty_on(Backend::of_environment()).await;
    schema::up(db.connection(), None).await.unwrap();
    schema::require_current(db.connection()).await.unwrap();
    schema::down(db.connection(), None).await.unwrap();
    assert!(schema::status(db.connection()).await.unwrap().applied.is_empty());
    schema::up(db.connection(), None).await.unwrap();
    schema::require_current(db.connection()).await.unwrap();
}

#[tokio::test]
async fn an_older_and_a_newer_schema_are_refused_by_name() {
    use sea_orm::ConnectionTrait;
    let db = TestDb::open().await;
    schema::down(db.connection(), Some(1)).await.unwrap();
    let older = schema::require_current(db.connection()).await.unwrap_err().to_string();
    assert!(older.contains("migrate up"), "{older}");
    schema::up(db.connection(), None).await.unwrap();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_future', 1)";
    db.connection().execute_unprepared(newer).await.unwrap();
    let refused = schema::require_current(db.connection()).await.unwrap_err().to_string();
    assert!(refused.contains("m99991231_000001_future"), "{refused}");
}
