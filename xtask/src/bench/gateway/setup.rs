//! The API as a user has it: an account, a project, a provider with a model and its price, and a key.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::bench::account;
use crate::bench::gateway::load::Target;
use crate::bench::http::Client;
use crate::bench::server::{Place, Program, SECRET, Server};
use crate::process::{Failure, run};

/// Nano-dollars for a million tokens: a call of the bench costs 100 x 1,000 + 20 x 4,000 of them.
const INPUT: i64 = 1_000_000_000;
const OUTPUT: i64 = 4_000_000_000;
/// What one call costs, by the model's own count of tokens.
pub(super) const COST: i64 = 180_000;

/// Where an API process keeps its things. Without a server it has a file, which it has to be told of, as it is the API alone.
pub(super) fn place(programs: &Path, folder: PathBuf, database: Option<String>) -> Place {
    let file = || format!("sqlite://{}?mode=rwc", folder.join("bench.db").display());
    let database = Some(database.unwrap_or_else(file));
    Place { binary: programs.join("commandcenter-api"), program: Program::Api, folder, database, model: None }
}

/// Brings the schema of a new database up to date, which the API alone does not do.
pub(super) fn migrate(programs: &Path, place: &Place) -> Result<(), Failure> {
    let mut command = Command::new(programs.join("commandcenter"));
    command.args(["migrate", "up", "--data-dir"]).arg(place.folder.join("data")).env("SECRET_KEY", SECRET).env("RUST_LOG", "warn");
    std::fs::create_dir_all(&place.folder).map_err(|e| Failure::of(place.folder.display(), e))?;
    run(command.envs(place.database.iter().map(|url| ("DATABASE_URL", url))))
}

/// A project that can call the model.
pub(super) struct Gateway {
    address: SocketAddr,
    /// Of the account, in the project.
    headers: String,
    /// An API key of the project.
    key: String,
}

impl Gateway {
    /// Sets everything up over HTTP.
    pub(super) fn open(server: &Server, upstream: SocketAddr) -> Result<Self, Failure> {
        let headers = account::open(server.address)?;
        let mut client = account::connect(server.address, &headers)?;
        let model = json!({
            "name": "bench", "input_nano_per_million": INPUT, "output_nano_per_million": OUTPUT,
            "context_window": 32_000, "max_output_tokens": 32,
        });
        let provider = json!({ "alias": "model", "dialect": "openai", "base_url": format!("http://{upstream}/v1"), "models": [model] });
        client.post("/api/v1/settings/providers", &provider)?;
        let projects = client.get("/api/v1/projects")?;
        let project = projects["items"][0]["id"].as_i64().ok_or_else(|| Failure::new("there is no project"))?;
        let key = client.post(&format!("/api/v1/projects/{project}/api-keys"), &json!({ "name": "bench" }))?;
        let key = key["key"].as_str().ok_or_else(|| Failure::new("the answer has no key"))?.to_owned();
        Ok(Self { address: server.address, headers, key })
    }

    /// What load is put on.
    pub(super) fn target(&self) -> Target {
        self.target_at(self.address)
    }

    /// The same through another process.
    pub(super) fn target_at(&self, address: SocketAddr) -> Target {
        Target::new("the gateway", address, ("", &self.key, "model/bench"))
    }

    /// As the account, in the project.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        account::connect(self.address, &self.headers)
    }

    /// Nano-dollars in the ledger, all rows together.
    pub(super) fn billed(&self) -> Result<i64, Failure> {
        let costs = self.client()?.get("/api/v1/llm/costs?group_by=provider&limit=100")?;
        Ok(costs["items"].as_array().into_iter().flatten().filter_map(|sum| sum["cost_nano"].as_i64()).sum())
    }

    /// A hard budget over everything the project spends from now on; its path.
    pub(super) fn budget(&self, limit: i64) -> Result<String, Failure> {
        let body = json!({ "name": "bench", "scope": "project", "period": "total", "limit_nano": limit, "mode": "hard" });
        let made = self.client()?.post("/api/v1/llm/budgets", &body)?;
        made.get("id")
            .and_then(Value::as_i64)
            .map(|id| format!("/api/v1/llm/budgets/{id}"))
            .ok_or_else(|| Failure::new("a budget without an id"))
    }
}
