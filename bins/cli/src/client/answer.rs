//! What comes back from the server.

use reqwest::Response;
use serde_json::Value;

use crate::client::credentials::Login;
use crate::error::CliError;

/// The body of a good answer; what is wrong otherwise. An answer without a body is `null`.
pub(crate) async fn accept(response: Response) -> Result<Value, CliError> {
    let status = response.status();
    let bytes = response.bytes().await.map_err(|e| CliError::Unreachable(format!("the answer broke off: {e}")))?;
    if bytes.is_empty() && status.is_success() {
        return Ok(Value::Null);
    }
    let body = serde_json::from_slice(&bytes);
    match (status.is_success(), body) {
        (true, Ok(body)) => Ok(body),
        (true, Err(_)) => Err(CliError::Failed("the answer is not JSON: is this a CommandCenter server?".to_owned())),
        (false, body) => Err(CliError::from_problem(status.as_u16(), &body.unwrap_or(Value::Null))),
    }
}

/// Keeps the tokens that an answer brings.
pub(crate) fn take_tokens(login: &mut Login, pair: &Value) -> Result<(), CliError> {
    let token = |name: &str| pair.get(name).and_then(Value::as_str).map(str::to_owned);
    match (token("access_token"), token("refresh_token")) {
        (Some(access), Some(refresh)) => {
            login.access_token = access;
            login.refresh_token = refresh;
            Ok(())
        }
        (Some(_) | None, _) => Err(CliError::Failed("the server's answer holds no tokens".to_owned())),
    }
}
