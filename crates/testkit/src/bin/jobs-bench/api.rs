//! The API as a process of its own. On SQLite, which other processes do not hear of, it runs the busy job too, as `commandcenter up` would.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use commandcenter_app::App;
use commandcenter_config::{Config, Environment, Mode, Overrides};
use commandcenter_telemetry::Metrics;
use sea_orm::DbBackend;

use crate::busy::Busy;
use crate::worker;

/// Serves until the standard input ends; says first where.
pub(crate) async fn run(url: &str, folder: &str) {
    let app = App::build(config(url, folder), Metrics::detached()).await.unwrap();
    let stop = worker::end_of_input();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let working = async {
        if app.database().get_database_backend() == DbBackend::Sqlite {
            worker::work_with(Arc::new(Busy), worker::store(url).await, (app.signals(), 1), stop.clone()).await;
        }
    };
    let (served, ()) = tokio::join!(app.serve_api(listener, stop.clone().cancelled_owned()), working);
    served.unwrap();
}

fn config(url: &str, folder: &str) -> Config {
    let variables = [
        ("DATABASE_URL", url),
        ("SECRET_KEY", "a secret key of a measurement, long enough to be one"),
        ("COMMANDCENTER_AUTH__RATE_LIMITS", "false"),
        ("COMMANDCENTER_RAG__MODEL_DIR", "no-model"),
    ];
    let variables: BTreeMap<String, String> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let overrides = Overrides { environment: Environment::Given(variables), ..Overrides::isolated(Mode::Api, Path::new(folder)) };
    Config::load(&overrides).unwrap()
}
