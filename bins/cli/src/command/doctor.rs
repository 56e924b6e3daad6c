//! `doctor`: is everything there that a server needs, and what to do about what is not.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use commandcenter_app::schema;
use commandcenter_config::Config;
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::{models, operator};
use crate::error::CliError;
use crate::output::{Format, table};

const PATIENCE: Duration = Duration::from_secs(5);
const GIB: u64 = 1 << 30;

/// What a check found.
enum Finding {
    /// As it should be.
    Fine(String),
    /// Works, but not as well as it could; what to do.
    Poor(String, String),
    /// Keeps the server from working; what to do.
    Broken(String, String),
}

use Finding::{Broken, Fine, Poor};

/// Checks everything, shows it, and fails when something is broken.
pub(crate) async fn run(global: &Global, bind: Option<String>, format: Format) -> Result<(), CliError> {
    let config = Config::load(&operator::overrides(global, commandcenter_config::Mode::Tool, bind));
    let findings = match &config {
        Ok(config) => examine(config).await,
        Err(error) => vec![("configuration", Broken(error.to_string(), "mend the value that is named".to_owned()))],
    };
    let items: Vec<_> = findings.iter().map(|(name, finding)| row(name, finding)).collect();
    let broken = findings.iter().filter(|(_, finding)| matches!(finding, Broken(..))).count();
    format.show(&json!({ "ok": broken == 0, "items": items }), |_| {
        table(&items, &[("CHECK", "check"), ("STATE", "state"), ("FOUND", "found"), ("WHAT TO DO", "advice")])
    })?;
    match broken {
        0 => Ok(()),
        1 => Err(CliError::Failed("1 check found something broken".to_owned())),
        many => Err(CliError::Failed(format!("{many} checks found something broken"))),
    }
}

async fn examine(config: &Config) -> Vec<(&'static str, Finding)> {
    vec![
        ("configuration", Fine("read".to_owned())),
        ("data directory", data_directory(&config.data_dir)),
        ("free disk", free_disk(&config.data_dir)),
        ("secret key", secret_key(config)),
        ("database", database(config).await),
        ("embedding model", model(config)),
        ("GitHub", github(config).await),
        ("address", address(config).await),
    ]
}

fn row(name: &str, finding: &Finding) -> Value {
    let (state, found, advice) = match finding {
        Fine(found) => ("ok", found, None),
        Poor(found, advice) => ("warning", found, Some(advice)),
        Broken(found, advice) => ("broken", found, Some(advice)),
    };
    json!({ "check": name, "state": state, "found": found, "advice": advice })
}

fn data_directory(directory: &Path) -> Finding {
    let written = std::fs::create_dir_all(directory).and_then(|()| tempfile::Builder::new().prefix(".doctor-").tempfile_in(directory));
    match written {
        Ok(_) => Fine(format!("{} can be written", directory.display())),
        Err(error) => {
            Broken(format!("{}: {error}", directory.display()), "give this user the right to write there, or another --data-dir".to_owned())
        }
    }
}

fn free_disk(directory: &Path) -> Finding {
    match rustix::fs::statvfs(directory) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let found = format!("{} MiB free under {}", free >> 20, directory.display());
            match free {
                free if free < GIB / 10 => Broken(found, "make room: the database cannot be written to a full disk".to_owned()),
                free if free < GIB => Poor(found, "make room soon".to_owned()),
                _ => Fine(found),
            }
        }
        Err(error) => Poor(format!("{}: {error}", directory.display()), "see to the data directory first".to_owned()),
    }
}

fn secret_key(config: &Config) -> Finding {
    let source = config.source("auth.secret_key").to_string();
    if config.auth.secret_key.is_none() {
        return Fine("none yet; `commandcenter up` makes one".to_owned());
    }
    let file = config.secret_file();
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(&file) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Poor(format!("{} can be read by others (mode {mode:o})", file.display()), format!("chmod 600 {}", file.display()));
        }
    }
    Fine(format!("from {source}"))
}

async fn database(config: &Config) -> Finding {
    let shown = config.database.url.to_string();
    // Opening would make the file, and a doctor changes nothing.
    if let Some(file) = sqlite_file(config.database.url.expose()).filter(|file| !Path::new(file).exists()) {
        return Fine(format!("{file} does not exist yet; `commandcenter up` makes it"));
    }
    let asked = async {
        let store = commandcenter_app::open(config, None).await.map_err(|e| e.to_string())?;
        schema::status(store.connection()).await.map_err(|e| e.to_string())
    };
    match tokio::time::timeout(PATIENCE * 2, asked).await {
        Err(_) => Broken(format!("{shown} does not answer"), "start the database, or mend DATABASE_URL".to_owned()),
        Ok(Err(error)) => Broken(format!("{shown}: {error}"), "start the database, or mend DATABASE_URL".to_owned()),
        Ok(Ok(status)) if !status.unknown.is_empty() => Broken(
            format!("{shown} was made by a newer version ({})", status.unknown.join(", ")),
            "run that version, or a newer one".to_owned(),
        ),
        Ok(Ok(status)) if !status.pending.is_empty() => {
            Poor(format!("{shown} lacks {} migrations", status.pending.len()), "commandcenter migrate up".to_owned())
        }
        Ok(Ok(status)) => Fine(format!("{shown}, all {} migrations applied", status.applied.len())),
    }
}

fn sqlite_file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then_some(path)
}

fn model(config: &Config) -> Finding {
    let directory = &config.rag.model_dir;
    if models::present(directory) {
        return Fine(format!("in {}", directory.display()));
    }
    let found = format!("{} has no model.onnx and tokenizer.json: search goes by words only", directory.display());
    Poor(found, "commandcenter models fetch".to_owned())
}

async fn github(config: &Config) -> Finding {
    let url = format!("{}/rate_limit", config.github.api_url);
    let Ok(client) = reqwest::Client::builder().user_agent("commandcenter").timeout(PATIENCE).build() else {
        return Poor("no HTTP client".to_owned(), "check the system's certificates".to_owned());
    };
    let request = match &config.github.token {
        Some(token) => client.get(url).bearer_auth(token.expose()),
        None => client.get(url),
    };
    let api = &config.github.api_url;
    match request.send().await.map(|response| response.status()) {
        Ok(status) if status.is_success() && config.github.token.is_some() => Fine(format!("{api} accepts the token")),
        Ok(status) if status.is_success() => Poor(
            format!("{api} answers, without a token"),
            "set GITHUB_TOKEN for private repositories and more requests an hour".to_owned(),
        ),
        Ok(status) if status == reqwest::StatusCode::UNAUTHORIZED => {
            Broken(format!("{api} refuses the token"), "make a new token and set GITHUB_TOKEN".to_owned())
        }
        Ok(status) => Poor(format!("{api} answers {status}"), "check github.api_url".to_owned()),
        Err(_) => Poor(format!("{api} cannot be reached"), "repositories cannot be synchronised: check network and proxy".to_owned()),
    }
}

async fn address(config: &Config) -> Finding {
    let bind = config.server.bind;
    let Err(error) = TcpListener::bind(bind) else {
        return Fine(format!("{bind} is free"));
    };
    if error.kind() == std::io::ErrorKind::AddrInUse && is_ours(&config.server.public_url).await {
        return Fine(format!("CommandCenter runs at {}", config.server.public_url));
    }
    Broken(format!("{bind}: {error}"), "stop what listens there, or choose another with --bind".to_owned())
}

async fn is_ours(url: &str) -> bool {
    let ask = async {
        let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
        let answer: Value = client.get(format!("{url}/health/live")).send().await.ok()?.json().await.ok()?;
        answer.get("version")?.as_str().map(drop)
    };
    ask.await.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_sqlite_url_is_found() {
        let cases = [
            ("sqlite:///srv/cc.db?mode=rwc", Some("/srv/cc.db")),
            ("sqlite://./data/cc.db", Some("./data/cc.db")),
            ("sqlite::memory:", None),
            ("postgres://db/cc", None),
        ];
        for (url, file) in cases {
            assert_eq!(sqlite_file(url), file, "{url}");
        }
    }
}
