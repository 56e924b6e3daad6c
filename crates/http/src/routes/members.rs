//! Who belongs to a project.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::identity::Role;
use commandcenter_domain::project::Member;
use commandcenter_domain::shared::{Invalid, ProjectId, UserId};
use commandcenter_services::project::Whom;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Json, PageQuery, PathScope, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(add).service(set_role).service(remove);
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
struct MemberView {
    #[schema(value_type = i64)]
    user_id: UserId,
    email: String,
    full_name: Option<String>,
    /// `viewer`, `member`, `maintainer` or `owner`.
    #[schema(value_type = String)]
    role: Role,
    created_at: DateTime<Utc>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let Member { user, email, full_name, role, created_at } = member;
        Self { user_id: user, email, full_name, role, created_at }
    }
}

/// Whom to add: by address or by id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "bob@example.com", "role": "member"}))]
struct AddMember {
    email: Option<String>,
    user_id: Option<i64>,
    /// `viewer`, `member`, `maintainer` or `owner`.
    role: String,
}

/// A member's new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "maintainer"}))]
struct ChangeMember {
    /// `viewer`, `member`, `maintainer` or `owner`.
    role: String,
}

/// Who belongs to the project.
#[utoipa::path(tag = "members", params(PageQuery, ("id" = i64, Path, description = "The project")), responses(
    (status = 200, description = "Members, oldest first", body = PageView<MemberView>),
    (status = 404, description = "Not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/projects/{id}/members")]
async fn list(app: web::Data<AppState>, PathScope(scope): PathScope, Query(query): Query<PageQuery>) -> Result<HttpResponse, Problem> {
    let page = app.projects.members(&scope, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<MemberView>::from(page)))
}

/// Adds a member. A maintainer adds up to maintainer, an owner anybody.
#[utoipa::path(tag = "members", request_body = AddMember, params(("id" = i64, Path, description = "The project")), responses(
    (status = 201, description = "The member", body = MemberView),
    (status = 403, description = "Role too low: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such account: `user-not-found`; not a project of the caller's: `project-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "A member already: `already-member`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/projects/{id}/members")]
async fn add(app: web::Data<AppState>, PathScope(scope): PathScope, Json(body): Json<AddMember>) -> Result<HttpResponse, Problem> {
    let whom = match (body.user_id, body.email) {
        (Some(id), None) => Whom::Id(UserId::new(id)),
        (None, Some(email)) => Whom::Email(email),
        (Some(_), Some(_)) | (None, None) => return Err(Invalid::one("email", "required", "give either `email` or `user_id`").into()),
    };
    let member = app.projects.add_member(&scope, whom, role(&body.role)?).await?;
    let location = format!("/api/v1/projects/{}/members/{}", scope.project(), member.user);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(MemberView::from(member)))
}

/// Changes a member's role. Only owners make or unmake owners.
#[utoipa::path(tag = "members", request_body = ChangeMember,
    params(("id" = i64, Path, description = "The project"), ("user_id" = i64, Path, description = "The member")), responses(
    (status = 200, description = "The member", body = MemberView),
    (status = 403, description = "Role too low: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such member: `member-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The last owner cannot step down: `last-owner`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/projects/{id}/members/{user_id}")]
async fn set_role(
    app: web::Data<AppState>,
    PathScope(scope): PathScope,
    ids: web::Path<(ProjectId, UserId)>,
    Json(body): Json<ChangeMember>,
) -> Result<HttpResponse, Problem> {
    let member = app.projects.set_role(&scope, ids.1, role(&body.role)?).await?;
    Ok(HttpResponse::Ok().json(MemberView::from(member)))
}

/// Removes a member; everybody may remove themselves, except the last owner.
#[utoipa::path(tag = "members", params(("id" = i64, Path, description = "The project"), ("user_id" = i64, Path, description = "The member")), responses(
    (status = 204, description = "Removed"),
    (status = 403, description = "Role too low: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such member: `member-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The last owner cannot leave: `last-owner`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/projects/{id}/members/{user_id}")]
async fn remove(
    app: web::Data<AppState>,
    PathScope(scope): PathScope,
    ids: web::Path<(ProjectId, UserId)>,
) -> Result<HttpResponse, Problem> {
    app.projects.remove_member(&scope, ids.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn role(text: &str) -> Result<Role, Invalid> {
    Role::parse(text).ok_or_else(|| Invalid::one("role", "unknown_value", "must be viewer, member, maintainer or owner"))
}
