//! A migrated database of a test's own, gone when the test ends.

use std::sync::Arc;

use commandcenter_app::schema;
use commandcenter_repositories::{DatabaseUrl, PoolOptions, SeaStore, connect};
use sea_orm::DatabaseConnection;
use tempfile::TempDir;
use uuid::Uuid;

use crate::template::{self, execute};

/// Which database tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own on the server of `TEST_DATABASE_URL`.
    Postgres,
}

impl Backend {
    /// What `TEST_DB` says: `postgres`, else SQLite.
    #[expect(clippy::disallowed_methods, reason = "the fixture is configured by the environment of the test run")]
    #[must_use]
    pub fn of_environment() -> Self {
        match std::env::var("TEST_DB").as_deref() {
            Ok("postgres") => Self::Postgres,
            _ => Self::Sqlite,
        }
    }
}

/// A migrated database.
#[derive(Debug)]
pub struct TestDb {
    /// The store over it.
    pub store: Arc<SeaStore>,
    /// Its URL.
    pub url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder(#[expect(dead_code, reason = "removes the folder when dropped")] TempDir),
    Server { admin: String, name: String },
}

impl TestDb {
    /// The same database through a pool of its own, as another process has it. When that is dropped, so are its connections.
    pub async fn another_pool(&self) -> Arc<SeaStore> {
        let pool = PoolOptions { size: 2, ..PoolOptions::default() };
        let db = connect(&DatabaseUrl::parse(&self.url).unwrap(), &pool).await.expect("the test database opens");
        Arc::new(SeaStore::new(db))
    }

    /// On the database that the environment names.
    pub async fn open() -> Self {
        Self::open_on(Backend::of_environment()).await
    }

    /// On a given database.
    pub async fn open_on(backend: Backend) -> Self {
        let (url, place, migrated) = match backend {
            Backend::Sqlite => {
                let (url, place) = folder();
                let migrated = match template::file_of(&url) {
                    Some(file) => template::copy_file(&file).await,
                    None => false,
                };
                (url.as_str().to_owned(), place, migrated)
            }
            Backend::Postgres => {
                let (admin, name) = (server_url(), database_name());
                if template::copy_database(&admin, &name).await {
                    (url_of(&admin, &name), Place::Server { admin, name }, true)
                } else {
                    let (url, place) = server_database(admin).await;
                    (url, place, false)
                }
            }
        };
        let database = Self::at(url, place).await;
        if !migrated {
            schema::up(database.connection(), None).await.expect("migrations apply");
        }
        database
    }

    /// A database of its own on the PostgreSQL server of a URL.
    pub async fn open_on_server(admin: &str) -> Self {
        let (url, place) = server_database(admin.to_owned()).await;
        let database = Self::at(url, place).await;
        schema::up(database.connection(), None).await.expect("migrations apply");
        database
    }

    /// Without any table.
    pub async fn empty_on(backend: Backend) -> Self {
        let (url, place) = match backend {
            Backend::Sqlite => {
                let (url, place) = folder();
                (url.as_str().to_owned(), place)
            }
            Backend::Postgres => server_database(server_url()).await,
        };
        Self::at(url, place).await
    }

    async fn at(url: String, place: Place) -> Self {
        let pool = PoolOptions { size: 8, ..PoolOptions::default() };
        let db = connect(&DatabaseUrl::parse(&url).unwrap(), &pool).await.expect("the test database opens");
        Self { store: Arc::new(SeaStore::new(db)), url, place }
    }

    /// The pool.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        self.store.connection()
    }
}

#[expect(clippy::disallowed_methods, reason = "the fixture is configured by the environment of the test run")]
fn server_url() -> String {
    std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://root@127.0.0.1:5432/test".to_owned())
}

fn folder() -> (DatabaseUrl, Place) {
    let folder = tempfile::tempdir().unwrap();
    (DatabaseUrl::in_directory(folder.path()), Place::Folder(folder))
}

fn database_name() -> String {
    format!("cc_test_{}", Uuid::new_v4().simple())
}

fn url_of(admin: &str, name: &str) -> String {
    let (base, _) = admin.rsplit_once('/').expect("the URL names a database");
    format!("{base}/{name}")
}

async fn server_database(admin: String) -> (String, Place) {
    let name = database_name();
    execute(&admin, &format!("CREATE DATABASE {name}")).await.expect("the PostgreSQL server makes a database");
    (url_of(&admin, &name), Place::Server { admin, name })
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Place::Server { admin, name } = &self.place else { return };
        let (admin, sql) = (admin.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&admin, &sql))
        });
        // A database left behind is untidy, not a failure of the test.
        drop(dropping.join());
    }
}
