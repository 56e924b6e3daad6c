//! What the layers make of each other, and what every wrong value is answered with.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::{Config, ConfigError, Environment, Keep, LogFormat, Mode, Overrides, Source};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn overrides(mode: Mode, dir: &Path, variables: &[(&str, &str)]) -> Overrides {
    let variables: BTreeMap<_, _> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Overrides { environment: Environment::Given(variables), ..Overrides::isolated(mode, dir) }
}

fn load(mode: Mode, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    Config::load(&overrides(mode, dir.path(), variables))
}

fn load_file(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("commandcenter.toml");
    std::fs::write(&file, text).unwrap();
    Config::load(&Overrides { file: Some(file), ..overrides(Mode::Up, dir.path(), variables) })
}

/// The message, which is one line and names every one of `parts`.
fn refused(result: Result<Config, ConfigError>, parts: &[&str]) -> String {
    let message = result.unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    for part in parts {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    message
}

#[test]
fn up_needs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::load(&Overrides::isolated(Mode::Up, dir.path())).unwrap();
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(config.server.public_url, "http://127.0.0.1:8000");
    assert_eq!(config.database.url.expose(), format!("sqlite://{}/commandcenter.db?mode=rwc", dir.path().display()));
    assert_eq!(config.rag.model_dir, dir.path().join("models/all-MiniLM-L6-v2"));
    assert_eq!(config.jobs.lease, Duration::from_secs(30));
    assert!(config.jobs.slots >= 2);
    assert!(config.auth.rate_limits && config.metrics.public && !config.auth.open_registration);
    assert!(config.net.allow_private.iter().any(|range| range.contains("127.0.0.1".parse().unwrap())));
    assert_eq!(config.github.graphql_url, "https://api.github.com/graphql");
}

#[test]
fn up_makes_a_secret_key_once_and_for_the_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("new/data");
    let first = Config::load(&Overrides::isolated(Mode::Up, &data)).unwrap();
    let second = Config::load(&Overrides::isolated(Mode::Up, &data)).unwrap();
    assert_eq!(first.secret_key().unwrap(), second.secret_key().unwrap());
    assert_eq!(first.secret_key().unwrap().len(), 64);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(data.join("secret.key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["secret.key"]);
}

#[test]
fn a_server_among_others_uses_the_key_of_its_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("secret.key"), KEY).unwrap();
    let config = Config::load(&overrides(Mode::Api, dir.path(), &[("DATABASE_URL", "postgres://db/cc")])).unwrap();
    assert_eq!(config.secret_key().unwrap().expose(), KEY);
    assert_eq!(config.source("auth.secret_key"), &Source::File(dir.path().join("secret.key")));
    assert!(config.net.allow_private.is_empty());
}

#[test]
fn a_server_among_others_must_be_told_database_and_key() {
    for mode in [Mode::Api, Mode::Worker] {
        refused(load(mode, &[("SECRET_KEY", KEY)]), &["database.url", "not set", "DATABASE_URL"]);
        refused(load(mode, &[("DATABASE_URL", "postgres://db/cc")]), &["auth.secret_key", "not set", "SECRET_KEY", "32"]);
        assert!(load(mode, &[("SECRET_KEY", KEY), ("DATABASE_URL", "postgres://db/cc")]).is_ok());
    }
}

#[test]
fn a_tool_works_without_a_key_and_makes_none() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::load(&Overrides::isolated(Mode::Tool, dir.path())).unwrap();
    assert!(config.secret_key().is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn every_layer_is_stronger_than_the_one_before() {
    let text = "[server]\nbind = \"127.0.0.1:1\"\n[jobs]\nslots = 3\nlease = \"10s\"\n[log]\nformat = \"json\"";
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cc.toml");
    std::fs::write(&file, text).unwrap();
    let variables = [("COMMANDCENTER_SERVER__BIND", "127.0.0.1:2"), ("COMMANDCENTER_JOBS__LEASE", "20s")];
    let flags = Overrides { file: Some(file.clone()), bind: Some("127.0.0.1:3".to_owned()), ..overrides(Mode::Up, dir.path(), &variables) };
    let config = Config::load(&flags).unwrap();
    assert_eq!(config.server.bind.port(), 3);
    assert_eq!(config.source("server.bind"), &Source::Flag("--bind".to_owned()));
    assert_eq!(config.jobs.lease, Duration::from_secs(20));
    assert_eq!(config.source("jobs.lease"), &Source::Environment("COMMANDCENTER_JOBS__LEASE".to_owned()));
    assert_eq!(config.jobs.slots, 3);
    assert_eq!(config.source("jobs.slots"), &Source::File(file));
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.source("jobs.nothing"), &Source::Default);
}

#[test]
fn the_environment_says_everything_as_text() {
    let config = load(
        Mode::Up,
        &[
            ("SECRET_KEY", "12345678901234567890123456789012"),
            ("GITHUB_TOKEN", "ghp_x"),
            ("RUST_LOG", "info,commandcenter_http=debug"),
            ("OPENAI_API_KEY", "sk-1"),
            ("COMMANDCENTER_AUTH__OPEN_REGISTRATION", "true"),
            ("COMMANDCENTER_NET__ALLOW_PRIVATE", "[]"),
            ("COMMANDCENTER_SERVER__CORS_ORIGINS", r#"["https://a.example", "http://localhost:5173"]"#),
            ("COMMANDCENTER_INGESTION__ALLOWED_ROOTS", "/srv/a,/srv/b"),
            ("COMMANDCENTER_GITHUB__API_URL", "https://git.example/api/v3/"),
            ("COMMANDCENTER_LLM__PROVIDERS__LOCAL__BASE_URL", "http://127.0.0.1:11434"),
            ("COMMANDCENTER_LLM__PROVIDERS__LOCAL__MODELS", "llama3.2:1b,phi=0/0/4096"),
            ("COMMANDCENTER_URL", "http://elsewhere"),
            ("COMMANDCENTER_JOBS_SERVICE_HOST", "10.0.0.1"),
            ("REDIS_URL", ""),
        ],
    )
    .unwrap();
    assert_eq!(config.secret_key().unwrap().len(), 32);
    assert!(config.auth.open_registration);
    assert!(config.net.allow_private.is_empty());
    assert_eq!(config.server.cors_origins, ["https://a.example", "http://localhost:5173"]);
    assert_eq!(config.ingestion.allowed_roots.len(), 2);
    assert_eq!(config.github.api_url, "https://git.example/api/v3");
    assert_eq!(config.github.graphql_url, "https://git.example/api/graphql");
    assert_eq!(config.log.level.as_str(), "info,commandcenter_http=debug");
    assert_eq!(config.llm.providers.len(), 2);
    assert_eq!(config.llm.providers["local"].models[1].context_window, Some(4096));
    assert!(config.redis.url.is_none());
}

#[test]
fn ended_jobs_are_kept_by_how_they_ended_or_for_ever() {
    let days = |n: u64| Keep::For(Duration::from_hours(24 * n));
    let kept = load(Mode::Up, &[]).unwrap().jobs.retention;
    assert_eq!([kept.completed, kept.cancelled, kept.failed, kept.dead, kept.archive], [30, 30, 90, 90, 365].map(days));
    let config = load_file("[jobs.retention]\ndead = \"forever\"", &[("COMMANDCENTER_JOBS__RETENTION__COMPLETED", "36h")]).unwrap();
    let kept = config.jobs.retention;
    assert_eq!((kept.dead, kept.completed, kept.failed), (Keep::Forever, Keep::For(Duration::from_hours(36)), days(90)));
    let shown = |key: &str| config.settings().into_iter().find(|setting| setting.key == key).unwrap().value;
    assert_eq!((shown("jobs.retention.dead"), shown("jobs.retention.archive")), ("\"forever\"".to_owned(), "\"365d\"".to_owned()));
}

#[test]
fn a_listener_on_every_address_is_reached_on_loopback() {
    let config = load(Mode::Up, &[("COMMANDCENTER_SERVER__BIND", "0.0.0.0:9000")]).unwrap();
    assert_eq!(config.server.public_url, "http://127.0.0.1:9000");
}

#[test]
fn a_wrong_value_names_key_source_and_what_is_allowed() {
    let cases = [
        ("COMMANDCENTER_SERVER__BIND", "8000", "server.bind", "127.0.0.1:8000"),
        ("COMMANDCENTER_SERVER__PUBLIC_URL", "ftp://x", "server.public_url", "http or https"),
        ("COMMANDCENTER_SERVER__CORS_ORIGINS", "*", "server.cors_origins", "http or https"),
        ("COMMANDCENTER_SERVER__DRAIN", "30", "server.drain", "unit"),
        ("COMMANDCENTER_AUTH__OPEN_REGISTRATION", "yes", "auth.open_registration", "`true` or `false`"),
        ("COMMANDCENTER_JOBS__SLOTS", "0", "jobs.slots", "1 to 1000"),
        ("COMMANDCENTER_JOBS__SLOTS", "", "jobs.slots", "1 to 1000"),
        ("COMMANDCENTER_JOBS__LEASE", "0s", "jobs.lease", "above zero"),
        ("COMMANDCENTER_JOBS__RETENTION__DEAD", "0s", "jobs.retention.dead", "`forever`"),
        ("COMMANDCENTER_JOBS__RETENTION__FAILED", "never", "jobs.retention.failed", "`1h`"),
        ("COMMANDCENTER_JOBS__RETENTION__ARCHIVE", "36501d", "jobs.retention.archive", "`36500d`"),
        ("COMMANDCENTER_NET__ALLOW_PRIVATE", "10.0.0.0/40", "net.allow_private", "10.0.0.0/8"),
        ("COMMANDCENTER_LOG__FORMAT", "xml", "log.format", "`pretty` or `json`"),
        ("RUST_LOG", "loud", "log.level", "debug"),
        ("SECRET_KEY", "short", "auth.secret_key", "at least 32 bytes"),
        ("DATABASE_URL", "mysql://db/cc", "database.url", "postgres://"),
        ("DATABASE_URL", "nonsense", "database.url", "postgres://"),
        ("REDIS_URL", "http://cache:6379", "redis.url", "rediss://"),
        ("REDIS_URL", "redis:6379", "redis.url", "rediss://"),
        ("COMMANDCENTER_REDIS__URL", "redis://", "redis.url", "redis://:password@host:6379/0"),
        ("COMMANDCENTER_RAG__MODEL_DIR", "", "rag.model_dir", "path"),
        ("COMMANDCENTER_DOCUMENTS__MAX_FILE", "50", "documents.max_file", "`50MiB`"),
        ("COMMANDCENTER_GITHUB__TIMEOUT", "soon", "github.timeout", "unit"),
    ];
    for (name, value, key, allowed) in cases {
        let message = refused(load(Mode::Up, &[(name, value)]), &[key, "allowed", allowed]);
        assert!(message.contains(&format!("environment variable {name}")), "{message}");
    }
}

#[test]
fn a_wrong_flag_is_named_as_the_flag() {
    let dir = tempfile::tempdir().unwrap();
    let flags = Overrides { bind: Some("nowhere".to_owned()), ..Overrides::isolated(Mode::Up, dir.path()) };
    refused(Config::load(&flags), &["server.bind", "flag --bind", "nowhere", "127.0.0.1:8000"]);
}

#[test]
fn a_wrong_file_is_named_with_the_key_or_the_line() {
    refused(load_file("[jobs]\nlease = 30", &[]), &["jobs.lease", "commandcenter.toml", "unit"]);
    refused(load_file("[jobs]\nlease = [1]", &[]), &["jobs.lease", "commandcenter.toml", "allowed"]);
    refused(load_file("jobs = 3", &[]), &["jobs", "commandcenter.toml", "allowed"]);
    refused(load_file("a = 1\n[jobs\n", &[]), &["commandcenter.toml", "line 2", "not TOML"]);
    let dir = tempfile::tempdir().unwrap();
    let flags = Overrides { file: Some(dir.path().join("absent.toml")), ..Overrides::isolated(Mode::Up, dir.path()) };
    refused(Config::load(&flags), &["absent.toml", "cannot be read"]);
}

#[test]
fn an_unknown_key_is_refused_with_the_known_ones() {
    refused(load_file("[server]\nbindd = \"x\"", &[]), &["server.bindd", "commandcenter.toml", "unknown key", "bind, public_url"]);
    refused(load_file("[sever]\nbind = \"x\"", &[]), &["sever", "commandcenter.toml", "unknown key", "server"]);
    refused(load(Mode::Up, &[("COMMANDCENTER_SERVER__BINDD", "x")]), &["server.bindd", "COMMANDCENTER_SERVER__BINDD", "unknown key"]);
    refused(load(Mode::Up, &[("COMMANDCENTER_SERVER_BIND", "x")]), &["COMMANDCENTER_SERVER_BIND", "COMMANDCENTER_SERVER__BIND"]);
}

#[test]
fn no_message_and_no_listing_holds_a_secret() {
    let variables = [
        ("SECRET_KEY", "hunter2-hunter2-hunter2-hunter2-hunter2"),
        ("GITHUB_TOKEN", "hunter2"),
        ("ANTHROPIC_API_KEY", "hunter2"),
        ("DATABASE_URL", "postgres://ann:hunter2@db/cc"),
        ("REDIS_URL", "redis://:hunter2@cache"),
    ];
    let config = load(Mode::Up, &variables).unwrap();
    let listing = format!("{:?} {config:?}", config.settings());
    assert!(!listing.contains("hunter2"), "{listing}");
    let url = config.settings().into_iter().find(|setting| setting.key == "database.url").unwrap();
    assert_eq!(url.value, r#""postgres://ann:redacted@db/cc""#);
    assert_eq!(url.source, "environment variable DATABASE_URL");

    let wrong = [
        ("DATABASE_URL", "mysql://ann:hunter2@db/cc"),
        ("REDIS_URL", "http://:hunter2@cache"),
        ("SECRET_KEY", "hunter2"),
        ("GITHUB_TOKEN", "hunter2\n"),
    ];
    for (name, value) in wrong {
        if let Err(error) = load(Mode::Up, &[(name, value)]) {
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}

#[test]
fn a_key_file_that_is_too_short_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("secret.key"), "abc\n").unwrap();
    refused(Config::load(&Overrides::isolated(Mode::Up, dir.path())), &["auth.secret_key", "secret.key", "3 bytes", "at least 32"]);
}

#[test]
fn every_key_is_documented() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/configuration.md")).unwrap();
    for setting in load(Mode::Up, &[]).unwrap().settings() {
        assert!(page.contains(&format!("`{}`", setting.key)), "{} is missing in docs/src/configuration.md", setting.key);
    }
}
