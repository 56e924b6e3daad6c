//! Documents that are pages somewhere.

use actix_web::{HttpResponse, post, web};

use super::file_view::{AddPage, UploadItemView, UploadedView};
use super::upload::accepted;
use super::view::DocumentView;
use crate::extract::{Json, Scope};
use crate::problem::Problem;
use crate::state::AppState;

/// Takes in a page by its address: a web page, a PDF, whatever its content says it is. A job fetches and reads it. The same address again files
/// the document anew and asks for the page again; content that did not change is not read twice. Addresses that are not public are refused
/// unless `net.allow_private` names them.
#[utoipa::path(tag = "knowledge", request_body = AddPage, responses(
    (status = 202, description = "The document and the job that reads it", body = UploadedView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No address that can be read, or one that is not reached from here: `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/knowledge/documents/url")]
pub(super) async fn add(app: web::Data<AppState>, Scope(scope): Scope, Json(body): Json<AddPage>) -> Result<HttpResponse, Problem> {
    let (job, document) = app.knowledge.add_address(&scope, &body.parse()?).await?;
    let name = document.filename.clone();
    Ok(accepted(UploadedView::of_one(UploadItemView::accepted(name, job.id, DocumentView::from(document)))))
}
