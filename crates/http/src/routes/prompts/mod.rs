//! What can be said of a prompt.

mod view;

use actix_web::{HttpResponse, post, web};
use commandcenter_domain::prompt::PromptText;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, Scope, ScopeAuth};
use crate::problem::Problem;
use crate::state::AppState;
use view::{PromptBody, QuickCheckView, ReviewView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(check).service(analyze).service(improve);
}

/// Looks at the words of a prompt: whether they say who speaks, what the answer looks like and what binds it, and which of its demands pull in
/// different directions. Rules of English words; no model is asked and nothing is spent.
#[utoipa::path(tag = "prompts", operation_id = "quick_check", request_body = PromptBody, responses(
    (status = 200, description = "What the words tell", body = QuickCheckView),
))]
#[post("/prompts/quick-check")]
async fn check(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<PromptBody>) -> Result<HttpResponse, Problem> {
    let prompt = PromptText::parse(&body.prompt)?;
    Ok(HttpResponse::Ok().json(QuickCheckView::from(app.prompts.quick_check(&scope, &prompt))))
}

/// Has the model of the role `prompt` say what is wrong with a prompt. The call is in the ledger with the cause `prompt`.
#[utoipa::path(tag = "prompts", request_body = PromptBody, responses(
    (status = 200, description = "What the model says", body = ReviewView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "`budget-exhausted`, `rate-limited`", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "`provider-rejected-key`, `provider-refused`, `provider-failed`, `schema-mismatch`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "No model plays the role: `llm-not-configured`", body = Problem, content_type = "application/problem+json"),
    (status = 504, description = "`provider-timeout`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/prompts/analyze")]
async fn analyze(
    app: web::Data<AppState>,
    ScopeAuth(caller, scope): ScopeAuth,
    Json(body): Json<PromptBody>,
) -> Result<HttpResponse, Problem> {
    let prompt = PromptText::parse(&body.prompt)?;
    let reviewed = app.prompts.analyze(&scope, &prompt, caller.api_key()).await?;
    Ok(HttpResponse::Ok().json(ReviewView::from(reviewed)))
}

/// Has the model of the role `prompt` rewrite a prompt. A rewritten one that the model itself gives less than 80 of 100 is given back to it
/// once, and the better of the two is answered. Each call is in the ledger with the cause `prompt`.
#[utoipa::path(tag = "prompts", request_body = PromptBody, responses(
    (status = 200, description = "The rewritten prompt, and what was wrong with the given one", body = ReviewView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "`budget-exhausted`, `rate-limited`", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "`provider-rejected-key`, `provider-refused`, `provider-failed`, `schema-mismatch`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "No model plays the role: `llm-not-configured`", body = Problem, content_type = "application/problem+json"),
    (status = 504, description = "`provider-timeout`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/prompts/improve")]
async fn improve(
    app: web::Data<AppState>,
    ScopeAuth(caller, scope): ScopeAuth,
    Json(body): Json<PromptBody>,
) -> Result<HttpResponse, Problem> {
    let prompt = PromptText::parse(&body.prompt)?;
    let reviewed = app.prompts.improve(&scope, &prompt, caller.api_key()).await?;
    Ok(HttpResponse::Ok().json(ReviewView::from(reviewed)))
}
