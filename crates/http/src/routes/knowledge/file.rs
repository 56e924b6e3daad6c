//! How documents are filed, and which contents they have had.

use actix_web::{HttpResponse, get, patch, web};
use commandcenter_domain::shared::DocumentId;

use super::file_view::{EditDocument, VersionView};
use super::view::DocumentView;
use crate::extract::{Json, PageQuery, Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;

/// Files a document anew: its title, category, tags or technology.
#[utoipa::path(tag = "knowledge", params(("id" = i64, Path, description = "The document")), request_body = EditDocument, responses(
    (status = 200, description = "The document", body = DocumentView),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `document-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A field breaks a rule, or no technology of that id: `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[patch("/knowledge/documents/{id}")]
pub(super) async fn edit(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<DocumentId>,
    Json(body): Json<EditDocument>,
) -> Result<HttpResponse, Problem> {
    let document = app.knowledge.edit(&scope, *id, body.parse()?).await?;
    Ok(HttpResponse::Ok().json(DocumentView::from(document)))
}

/// The contents that a document has had, newest first.
#[utoipa::path(tag = "knowledge", params(PageQuery, ("id" = i64, Path, description = "The document")), responses(
    (status = 200, description = "Versions", body = PageView<VersionView>),
    (status = 404, description = "Not in this project: `document-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/knowledge/documents/{id}/versions")]
pub(super) async fn versions(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<DocumentId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let page = app.knowledge.versions(&scope, *id, query.request()?).await?;
    Ok(HttpResponse::Ok().json(PageView::<VersionView>::from(page)))
}
