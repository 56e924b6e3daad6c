//! `register`, `login`, `logout`.

use std::io::Read;

use console::Term;
use serde_json::json;

use crate::args::LoginArgs;
use crate::client::Client;
use crate::error::CliError;
use crate::output::Format;

/// Creates an account and logs in to it.
pub(crate) async fn register(client: &Client, login: LoginArgs, format: Format) -> Result<(), CliError> {
    let (email, password) = ask(login).await?;
    client.register(&email, &password).await?;
    finish(client, &email, &password, format).await
}

/// Logs in.
pub(crate) async fn log_in(client: &Client, login: LoginArgs, format: Format) -> Result<(), CliError> {
    let (email, password) = ask(login).await?;
    finish(client, &email, &password, format).await
}

/// Ends the session.
pub(crate) async fn log_out(client: &Client, format: Format) -> Result<(), CliError> {
    client.log_out().await?;
    format.done(&format!("Logged out of {}.", client.server()), &json!({ "server": client.server() }))
}

async fn finish(client: &Client, email: &str, password: &str, format: Format) -> Result<(), CliError> {
    client.log_in(email, password).await?;
    let sentence = format!("Logged in to {} as {email}.", client.server());
    format.done(&sentence, &json!({ "server": client.server(), "email": email }))
}

/// Address and password from flags, environment, standard input or the terminal.
async fn ask(login: LoginArgs) -> Result<(String, String), CliError> {
    tokio::task::spawn_blocking(move || ask_now(login)).await.map_err(|e| CliError::Failed(e.to_string()))?
}

fn ask_now(login: LoginArgs) -> Result<(String, String), CliError> {
    let LoginArgs { email, password, password_stdin } = login;
    let terminal = Term::stderr();
    let missing = |what: &str| CliError::Usage(format!("no {what}, and no terminal to ask at: see `commandcenter login --help`"));
    let fault = |e: std::io::Error| CliError::Failed(format!("terminal: {e}"));
    let email = match email {
        Some(email) => email,
        None if terminal.is_term() => {
            terminal.write_str("Email: ").map_err(fault)?;
            terminal.read_line().map_err(fault)?
        }
        None => return Err(missing("--email")),
    };
    let password = match password {
        _ if password_stdin => from_stdin()?,
        Some(password) => password,
        None if terminal.is_term() => {
            terminal.write_str("Password: ").map_err(fault)?;
            terminal.read_secure_line().map_err(fault)?
        }
        None => return Err(missing("password")),
    };
    Ok((email.trim().to_owned(), password))
}

/// Standard input without the line end that tools add.
pub(crate) fn from_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|e| CliError::Failed(format!("standard input: {e}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
