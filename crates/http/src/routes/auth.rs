//! Sign-in: accounts, sessions, tickets.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::identity::{IdentityError, Registration, User};
use commandcenter_domain::shared::UserId;
use commandcenter_services::identity::TokenPair;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Auth, AuthScoped, Json, OptionalJson};
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(setup).service(register).service(login).service(refresh).service(me).service(logout).service(ws_ticket);
}

const COOKIE: &str = "cc_refresh";
const COOKIE_PATH: &str = "/api/v1/auth";

/// Whether the instance waits for its first account.
#[derive(Debug, Serialize, ToSchema)]
struct SetupView {
    /// True until the first account is made.
    needs_setup: bool,
}

/// Whether the first account is still to be made.
#[utoipa::path(tag = "auth", responses((status = 200, description = "Whether to show the first-run page", body = SetupView)), security(()))]
#[get("/auth/setup")]
async fn setup(app: web::Data<AppState>) -> Result<HttpResponse, Problem> {
    let needs_setup = app.accounts.needs_setup().await?;
    Ok(HttpResponse::Ok().json(SetupView { needs_setup }))
}

/// An account to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.com", "password": "correct horse battery staple", "full_name": "Ann"}))]
pub(super) struct Register {
    /// The e-mail address, which is also the login name.
    email: String,
    /// 8 to 256 characters.
    password: String,
    /// What to call the person.
    full_name: Option<String>,
}

impl Register {
    pub(super) fn checked(&self) -> Result<Registration, Problem> {
        Ok(Registration::parse(&self.email, &self.password, self.full_name.as_deref())?)
    }
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    #[schema(value_type = i64)]
    id: UserId,
    email: String,
    full_name: Option<String>,
    is_active: bool,
    /// Whether it administers the instance. Gives no right to any project's content.
    is_admin: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_login_at: Option<DateTime<Utc>>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, email, full_name, is_active, is_admin, created_at, updated_at, last_login_at } = user;
        Self { id, email, full_name, is_active, is_admin, created_at, updated_at, last_login_at }
    }
}

/// Makes an account. The first one becomes the instance's administrator; later ones need open registration.
#[utoipa::path(tag = "auth", request_body = Register, responses(
    (status = 201, description = "The account", body = UserView),
    (status = 403, description = "Registration is closed: `registration-closed`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The address is taken: `email-taken`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many: `too-many-requests`", body = Problem, content_type = "application/problem+json"),
), security(()))]
#[post("/auth/register")]
async fn register(app: web::Data<AppState>, request: HttpRequest, Json(body): Json<Register>) -> Result<HttpResponse, Problem> {
    app.throttle.check(&request)?;
    let user = app.accounts.register(body.checked()?).await?;
    Ok(HttpResponse::Created().insert_header(("location", "/api/v1/auth/me")).json(UserView::from(user)))
}

/// Credentials of a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.com", "password": "correct horse battery staple"}))]
struct Login {
    email: String,
    password: String,
}

/// Tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
struct TokenView {
    /// Send as `Authorization: Bearer`.
    access_token: String,
    /// Spend at `/auth/refresh`; works once.
    refresh_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds the access token is good for.
    expires_in: u32,
}

/// Opens a session. Browsers also get the refresh token as a cookie that scripts cannot read.
#[utoipa::path(tag = "auth", request_body = Login, responses(
    (status = 200, description = "Tokens", body = TokenView),
    (status = 401, description = "Unknown address or wrong password: `wrong-login`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many: `too-many-requests`", body = Problem, content_type = "application/problem+json"),
), security(()))]
#[post("/auth/login")]
async fn login(app: web::Data<AppState>, request: HttpRequest, Json(body): Json<Login>) -> Result<HttpResponse, Problem> {
    app.throttle.check(&request)?;
    let pair = app.sessions.login(&body.email, &body.password).await?;
    Ok(tokens(&app, pair))
}

/// A refresh token, unless the cookie has it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: Option<String>,
}

/// Spends a refresh token for new tokens. Spending one twice ends the session.
#[utoipa::path(tag = "auth", request_body = Refresh, responses(
    (status = 200, description = "New tokens", body = TokenView),
    (status = 401, description = "Unknown, spent or old: `unauthenticated`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many: `too-many-requests`", body = Problem, content_type = "application/problem+json"),
), security(()))]
#[post("/auth/refresh")]
async fn refresh(
    app: web::Data<AppState>,
    request: HttpRequest,
    OptionalJson(body): OptionalJson<Refresh>,
) -> Result<HttpResponse, Problem> {
    app.throttle.check(&request)?;
    let token = body.refresh_token.or_else(|| request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()));
    let token = token.ok_or(IdentityError::Unauthenticated)?;
    let pair = app.sessions.refresh(&token).await?;
    Ok(tokens(&app, pair))
}

/// The caller's own account.
#[utoipa::path(tag = "auth", responses((status = 200, description = "The account", body = UserView)))]
#[get("/auth/me")]
async fn me(app: web::Data<AppState>, Auth(caller): Auth) -> Result<HttpResponse, Problem> {
    let user = app.accounts.me(&caller).await?;
    Ok(HttpResponse::Ok().json(UserView::from(user)))
}

/// Ends this session at once. Other sessions stay.
#[utoipa::path(tag = "auth", responses(
    (status = 204, description = "Ended"),
    (status = 403, description = "Called with an API key: `session-required`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/auth/logout")]
async fn logout(app: web::Data<AppState>, Auth(caller): Auth) -> Result<HttpResponse, Problem> {
    app.sessions.logout(&caller).await?;
    let gone = Cookie::build(COOKIE, "").path(COOKIE_PATH).max_age(Duration::ZERO).http_only(true).same_site(SameSite::Strict).finish();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// A ticket to open a WebSocket with.
#[derive(Debug, Serialize, ToSchema)]
struct TicketView {
    /// Send as `?ticket=`; works once.
    ticket: String,
    /// Seconds it is good for.
    expires_in: i64,
}

/// Makes a ticket that opens one WebSocket. It carries the project of `X-Project-ID`.
#[utoipa::path(tag = "auth", params(("X-Project-ID" = Option<i64>, Header, description = "The project the socket will be opened in")), responses(
    (status = 201, description = "The ticket", body = TicketView),
    (status = 403, description = "Called with an API key: `session-required`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/auth/ws-ticket")]
async fn ws_ticket(app: web::Data<AppState>, AuthScoped(caller, scope): AuthScoped) -> Result<HttpResponse, Problem> {
    let ticket = app.tickets.issue(&caller, scope.as_ref()).await?;
    Ok(HttpResponse::Created().json(TicketView { ticket, expires_in: app.tickets.lifetime_seconds() }))
}

fn tokens(app: &AppState, pair: TokenPair) -> HttpResponse {
    let TokenPair { access_token, refresh_token, expires_in, session_seconds } = pair;
    let cookie = Cookie::build(COOKIE, refresh_token.clone())
        .path(COOKIE_PATH)
        .max_age(Duration::seconds(session_seconds))
        .http_only(true)
        .secure(app.cookies_secure)
        .same_site(SameSite::Strict)
        .finish();
    HttpResponse::Ok().cookie(cookie).json(TokenView { access_token, refresh_token, token_type: "bearer", expires_in })
}
