//! What administrators of the instance do.

use actix_web::{HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::auth::{Register, UserView};
use crate::extract::{Auth, Json, PageQuery, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(create_user).service(list_users);
}

/// Makes an account for somebody.
#[utoipa::path(tag = "admin", request_body = Register, responses(
    (status = 201, description = "The account", body = UserView),
    (status = 403, description = "Not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The address is taken: `email-taken`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/admin/users")]
async fn create_user(app: web::Data<AppState>, Auth(caller): Auth, Json(body): Json<Register>) -> Result<HttpResponse, Problem> {
    let user = app.accounts.create(&caller, body.checked()?).await?;
    Ok(HttpResponse::Created().insert_header(("location", "/api/v1/admin/users")).json(UserView::from(user)))
}

/// Every account of the instance.
#[utoipa::path(tag = "admin", params(PageQuery), responses(
    (status = 200, description = "Accounts by id", body = PageView<UserView>),
    (status = 403, description = "Not an administrator: `admin-required`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/admin/users")]
async fn list_users(app: web::Data<AppState>, Auth(caller): Auth, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.accounts.list(&caller, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<UserView>::from(page)))
}
