//! The first account of a new server and its project: what every later request carries.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::bench::http::Client;
use crate::process::Failure;

/// Registers, logs in, makes a project; the headers of that caller in that project.
pub(super) fn open(address: SocketAddr) -> Result<String, Failure> {
    let mut client = connect(address, "")?;
    let login = json!({"email": "bench@example.com", "password": "correct horse battery staple"});
    client.post("/api/v1/auth/register", &login)?;
    let tokens = client.post("/api/v1/auth/login", &login)?;
    let bearer = format!("Authorization: Bearer {}\r\n", text(&tokens, "access_token")?);
    let project = connect(address, &bearer)?.post("/api/v1/projects", &json!({"name": "bench"}))?;
    let id = project.get("id").and_then(Value::as_i64).ok_or_else(|| Failure::new("a project without an id"))?;
    Ok(format!("{bearer}X-Project-ID: {id}\r\n"))
}

/// A connection that carries headers.
pub(super) fn connect(address: SocketAddr, headers: &str) -> Result<Client, Failure> {
    Client::connect(address, headers).map_err(|e| Failure::of(address, e))
}

fn text(value: &Value, field: &str) -> Result<String, Failure> {
    value.get(field).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| Failure::new(format!("the answer has no `{field}`")))
}
