//! The first account of a new server and its project: what every later request carries.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::bench::http::Client;
use crate::process::Failure;

/// Registers, logs in, makes a project; the headers of that caller in that project.
pub(super) fn open(address: SocketAddr) -> Result<String, Failure> {
    connect(address, "")?.post("/api/v1/auth/register", &credentials())?;
    let bearer = log_in(address)?;
    let project = make(address, &bearer, "bench")?;
    Ok(format!("{bearer}X-Project-ID: {project}\r\n"))
}

/// The same on a server that may have been here before: account and project are made when they are not there.
pub(super) fn enter(address: SocketAddr, name: &str) -> Result<String, Failure> {
    let bearer = match log_in(address) {
        Ok(bearer) => bearer,
        Err(_) => {
            connect(address, "")?.post("/api/v1/auth/register", &credentials())?;
            log_in(address)?
        }
    };
    let list = connect(address, &bearer)?.get("/api/v1/projects?limit=100")?;
    let there =
        list["items"].as_array().into_iter().flatten().find(|project| project["name"] == name).and_then(|found| found["id"].as_i64());
    let project = there.map_or_else(|| make(address, &bearer, name), Ok)?;
    Ok(format!("{bearer}X-Project-ID: {project}\r\n"))
}

fn credentials() -> Value {
    json!({"email": "bench@example.com", "password": "correct horse battery staple"})
}

fn log_in(address: SocketAddr) -> Result<String, Failure> {
    let tokens = connect(address, "")?.post("/api/v1/auth/login", &credentials())?;
    Ok(format!("Authorization: Bearer {}\r\n", text(&tokens, "access_token")?))
}

fn make(address: SocketAddr, bearer: &str, name: &str) -> Result<i64, Failure> {
    let project = connect(address, bearer)?.post("/api/v1/projects", &json!({"name": name}))?;
    project.get("id").and_then(Value::as_i64).ok_or_else(|| Failure::new("a project without an id"))
}

/// A connection that carries headers.
pub(super) fn connect(address: SocketAddr, headers: &str) -> Result<Client, Failure> {
    Client::connect(address, headers).map_err(|e| Failure::of(address, e))
}

fn text(value: &Value, field: &str) -> Result<String, Failure> {
    value.get(field).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| Failure::new(format!("the answer has no `{field}`")))
}
