//! The endpoints that clients of other services speak to, by changing nothing but their base URL. Errors have the form of the client's
//! dialect and carry the slug of the problem.

mod anthropic;
mod ask;
mod body;
mod openai;
mod stream;

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use commandcenter_domain::identity::{Caller, ProjectScope, Role};
use commandcenter_domain::llm::Cause;
use commandcenter_domain::shared::LlmAttemptId;
use commandcenter_services::llm::Asker;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::compat::Head;
use crate::extract::{ScopeAuth, large_json};
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.configure(openai::configure).configure(anthropic::configure);
}

/// Writes an error in a client's dialect: its status, the slug of the problem, and what it says.
type WriteError = fn(u16, &str, &str) -> Value;

/// Who came in, and with what.
struct Entered {
    caller: Caller,
    scope: ProjectScope,
    body: Value,
}

impl Entered {
    /// Lets a request in: who may spend for the project is known before the body is looked at.
    async fn of(request: &HttpRequest, payload: web::Payload) -> Result<Self, Problem> {
        let ScopeAuth(caller, scope) = ScopeAuth::extract(request).await?;
        scope.require(Role::Member)?;
        let body = large_json(request, payload.into_inner()).await?;
        Ok(Self { caller, scope, body })
    }

    fn asker(&self) -> Asker<'_> {
        Asker { scope: &self.scope, api_key: self.caller.api_key(), cause: Cause::Api, cause_id: None }
    }
}

/// What the answer to a request says of itself.
fn head(app: &AppState, attempt: LlmAttemptId, model: String) -> Head {
    Head { id: attempt.to_string(), model, created: app.llm.models.now().timestamp() }
}

/// The answer, or what is wrong, in the client's dialect.
fn spoken(result: Result<HttpResponse, Problem>, write: WriteError) -> HttpResponse {
    let problem = match result {
        Ok(response) => return response,
        Err(problem) => problem,
    };
    let status = problem.status();
    let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in problem.headers() {
        response.append_header((name, value));
    }
    response.json(write(status, problem.slug(), problem.said()))
}
