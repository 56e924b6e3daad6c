//! The table of allowed edges. To change it is to change the architecture: write down why in `docs/src/adr/`.

/// What one crate may name.
pub(super) struct Rule {
    /// The package without `commandcenter-`.
    pub(super) name: &'static str,
    /// Crates of ours under `[dependencies]`.
    pub(super) ours: Ours,
    /// Frameworks (of [`FRAMEWORKS`]) that it may name.
    pub(super) frameworks: &'static [&'static str],
}

/// Which crates of ours.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ours {
    /// These, by name without prefix.
    Only(&'static [&'static str]),
    /// Everything but binaries and what is only for tests.
    Product,
    /// Everything.
    Any,
}

const DOMAIN: Ours = Ours::Only(&["domain"]);
const BINARY: Ours = Ours::Only(&["app", "config", "telemetry"]);
const NOTHING: Ours = Ours::Only(&[]);

/// Every crate of the workspace. A crate that is not here fails the check: a new crate is a decision.
pub(super) const RULES: &[Rule] = &[
    Rule { name: "domain", ours: NOTHING, frameworks: &[] },
    Rule { name: "services", ours: DOMAIN, frameworks: &[] },
    Rule { name: "repositories", ours: DOMAIN, frameworks: &["tokio", "sea-orm", "sqlx", "libsqlite3-sys", "pgvector"] },
    Rule { name: "auth", ours: DOMAIN, frameworks: &["tokio", "jsonwebtoken", "argon2", "chacha20poly1305"] },
    Rule { name: "github", ours: DOMAIN, frameworks: &["tokio", "octocrab", "reqwest"] },
    // Its outside systems are the providers of models, and Redis, where processes share what they know of them.
    Rule { name: "llm-gateway", ours: DOMAIN, frameworks: &["tokio", "reqwest", "redis"] },
    Rule { name: "rag", ours: DOMAIN, frameworks: &["tokio", "rten", "tokenizers", "text-splitter"] },
    // Its outside system is the operating system: limits, and the child that they hold for.
    Rule { name: "parsers", ours: DOMAIN, frameworks: &["tokio", "tree-sitter", "pdf", "sandbox"] },
    // Its outside systems are the sites that sources name.
    Rule { name: "ingestion", ours: DOMAIN, frameworks: &["tokio", "reqwest"] },
    // Its outside system is a format: archives.
    Rule { name: "exports", ours: DOMAIN, frameworks: &["tokio"] },
    Rule { name: "files", ours: DOMAIN, frameworks: &["tokio"] },
    Rule { name: "jobs", ours: DOMAIN, frameworks: &["tokio"] },
    // Its outside systems carry signals: PostgreSQL's LISTEN/NOTIFY, or Redis.
    Rule { name: "events", ours: DOMAIN, frameworks: &["tokio", "sqlx", "redis"] },
    Rule { name: "http", ours: Ours::Only(&["domain", "services"]), frameworks: &["tokio", "actix-web", "utoipa"] },
    Rule { name: "dashboard", ours: NOTHING, frameworks: &[] },
    Rule { name: "config", ours: NOTHING, frameworks: &[] },
    Rule { name: "telemetry", ours: Ours::Only(&["config"]), frameworks: &[] },
    Rule { name: "app", ours: Ours::Product, frameworks: &["tokio", "actix-web", "sea-orm", "sqlx", "reqwest"] },
    Rule { name: "api", ours: BINARY, frameworks: &["tokio"] },
    Rule { name: "worker", ours: BINARY, frameworks: &["tokio"] },
    // The client half speaks HTTP to a server; it must not reach past it.
    Rule { name: "cli", ours: BINARY, frameworks: &["tokio", "reqwest"] },
    Rule { name: "migration", ours: NOTHING, frameworks: &["sea-orm"] },
    Rule { name: "testkit", ours: Ours::Any, frameworks: ANY },
    Rule { name: "tests", ours: Ours::Any, frameworks: ANY },
    Rule { name: "xtask", ours: NOTHING, frameworks: &[] },
];

/// Stands for every framework.
pub(super) const ANY: &[&str] = &["*"];

/// Frameworks that must stay where they are, each with the packages that carry it (a trailing `*` stands for any ending).
pub(super) const FRAMEWORKS: &[(&str, &[&str])] = &[
    ("tokio", &["tokio", "tokio-*"]),
    ("actix-web", &["actix-*"]),
    ("utoipa", &["utoipa*"]),
    ("sea-orm", &["sea-orm*", "sea-query*"]),
    ("sqlx", &["sqlx*"]),
    ("libsqlite3-sys", &["libsqlite3-sys", "rusqlite"]),
    ("pgvector", &["pgvector", "sqlite-vec"]),
    ("octocrab", &["octocrab"]),
    ("redis", &["redis*", "deadpool*"]),
    ("reqwest", &["reqwest*", "hyper*", "ureq"]),
    ("jsonwebtoken", &["jsonwebtoken"]),
    ("argon2", &["argon2"]),
    ("chacha20poly1305", &["chacha20poly1305"]),
    ("rten", &["rten*"]),
    ("tokenizers", &["tokenizers"]),
    ("text-splitter", &["text-splitter"]),
    ("tree-sitter", &["tree-sitter*"]),
    ("pdf", &["pdf-extract", "lopdf"]),
    ("sandbox", &["nix", "landlock"]),
];

/// Packages that only tests may use.
pub(super) const TEST_ONLY: &[&str] = &["commandcenter-testkit", "commandcenter-tests", "wiremock", "insta", "proptest", "rstest", "fake"];

/// The two crates at the bottom have closed lists: whatever else they name is a decision.
pub(super) const CLOSED: &[(&str, &[&str])] = &[
    ("domain", &["async-trait", "chrono", "chrono-tz", "croner", "serde", "serde_json", "thiserror", "url", "uuid"]),
    (
        "services",
        &["async-trait", "bytes", "chrono", "futures", "hex", "metrics", "serde", "serde_json", "sha2", "thiserror", "tracing", "uuid"],
    ),
];
