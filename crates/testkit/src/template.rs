//! One migrated database for a whole run of tests, which each of them copies: to migrate takes a second or two, to copy a moment.
//!
//! Tests are processes of their own. That they belong to one run, and so to one state of the migrations, is told by the name which nextest
//! gives it. Without that name, or where copying fails, a test migrates for itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use commandcenter_app::schema;
use commandcenter_repositories::{DatabaseUrl, PoolOptions, connect};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};

/// What runs of the last day left is kept: they may still go on.
const KEPT: Duration = Duration::from_hours(24);
/// Names whoever makes a template among the advisory locks of a server.
const MAKING: i64 = 0x6363_7465_6d70_6c01;

/// What this process' run is called.
#[expect(clippy::disallowed_methods, reason = "the fixture is configured by the environment of the test run")]
fn run() -> Option<String> {
    let name = std::env::var("NEXTEST_RUN_ID").ok()?;
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    (!name.is_empty()).then_some(name)
}

/// Puts a migrated file in the place of a database that is not there yet; whether it did.
pub(crate) async fn copy_file(to: &Path) -> bool {
    let Some(run) = run() else { return false };
    let folder = std::env::temp_dir().join("commandcenter-tests");
    let template = folder.join(format!("{run}.db"));
    if !template.exists() && make_file(&folder, &template).await.is_none() {
        return false;
    }
    std::fs::copy(&template, to).is_ok()
}

/// Whoever is first moves a whole file into place; who comes at the same time does the same with an equal one.
async fn make_file(folder: &Path, template: &Path) -> Option<()> {
    std::fs::create_dir_all(folder).ok()?;
    remove_old(folder);
    let own = tempfile::tempdir_in(folder).ok()?;
    let url = DatabaseUrl::in_directory(own.path());
    migrate(&url).await?;
    std::fs::rename(file_of(&url)?, template).ok()
}

/// The file of an SQLite database.
pub(crate) fn file_of(url: &DatabaseUrl) -> Option<PathBuf> {
    let (path, _) = url.as_str().strip_prefix("sqlite://")?.split_once('?')?;
    Some(path.into())
}

fn remove_old(folder: &Path) {
    let is_old = |path: &Path| {
        let changed = path.metadata().and_then(|data| data.modified()).ok();
        changed.and_then(|at| SystemTime::now().duration_since(at).ok()).is_some_and(|age| age > KEPT)
    };
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| is_old(path)) {
        // Another process may have been faster.
        drop(std::fs::remove_file(path));
    }
}

/// Makes a migrated database on a server; whether it did.
pub(crate) async fn copy_database(admin: &str, name: &str) -> bool {
    let Some(run) = run() else { return false };
    let template = format!("cc_template_{run}");
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
    if execute(admin, &copy).await.is_ok() {
        return true;
    }
    make_database(admin, &template).await.is_some() && execute(admin, &copy).await.is_ok()
}

/// One process makes the template, the others wait for it.
async fn make_database(admin: &str, template: &str) -> Option<()> {
    let mut one = ConnectOptions::new(admin);
    one.max_connections(1);
    // The lock goes with the connection.
    let db = Database::connect(one).await.ok()?;
    db.execute_unprepared(&format!("SELECT pg_advisory_lock({MAKING})")).await.ok()?;
    let named = |text: &str| Statement::from_string(DbBackend::Postgres, format!("SELECT datname FROM pg_database WHERE {text}"));
    if db.query_one_raw(named(&format!("datname = '{template}'"))).await.ok()?.is_none() {
        for row in db.query_all_raw(named("datname LIKE 'cc_template_%'")).await.ok()? {
            let old: String = row.try_get_by_index(0).ok()?;
            // One of a run that still goes on is made anew by it.
            drop(db.execute_unprepared(&format!("DROP DATABASE IF EXISTS {old}")).await);
        }
        let (base, _) = admin.rsplit_once('/')?;
        let unfinished = format!("{template}_unfinished");
        db.execute_unprepared(&format!("CREATE DATABASE {unfinished}")).await.ok()?;
        migrate(&DatabaseUrl::parse(&format!("{base}/{unfinished}")).ok()?).await?;
        db.execute_unprepared(&format!("ALTER DATABASE {unfinished} RENAME TO {template}")).await.ok()?;
    }
    db.close().await.ok()
}

async fn migrate(url: &DatabaseUrl) -> Option<()> {
    let db = connect(url, &PoolOptions { size: 1, ..PoolOptions::default() }).await.ok()?;
    schema::up(&db, None).await.ok()?;
    db.close().await.ok()
}

/// Carries out one statement on a connection of its own.
pub(crate) async fn execute(url: &str, sql: &str) -> Result<(), sea_orm::DbErr> {
    let db = Database::connect(url).await?;
    db.execute_unprepared(sql).await?;
    db.close().await
}
