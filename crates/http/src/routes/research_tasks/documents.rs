//! Files attached to research tasks. Uploads go to the disk as they come in; nothing holds a whole file in memory.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use bytes::Bytes;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::research::{FileError, FileReader, TaskDocument, Upload};
use commandcenter_domain::shared::{Invalid, TaskDocumentId, TaskId};
use futures::{Stream, StreamExt, stream};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::UploadForm;
use super::view::{DocumentView, DocumentsView};
use crate::extract::Scope;
use crate::problem::Problem;
use crate::state::AppState;

/// What is still read of a form after it was refused, so that the client sees the answer instead of a broken connection.
const DRAIN: usize = 16 * 1024 * 1024;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(upload).service(list_documents).service(download).service(remove_document);
}

/// Attaches a file: the form's field `file`, at most 50 MiB.
#[utoipa::path(tag = "research-tasks", request_body(content = UploadForm, content_type = "multipart/form-data"),
    params(("id" = i64, Path, description = "The task")), responses(
    (status = 201, description = "The file", body = DocumentView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not in this project: `research-task-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "More than 50 MiB: `file-too-large`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/research-tasks/{id}/documents")]
async fn upload(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    id: web::Path<TaskId>,
    (request, payload): (HttpRequest, web::Payload),
) -> Result<HttpResponse, Problem> {
    app.research.check_upload(&scope, *id).await?;
    require_form(&request)?;
    let mut form = Multipart::new(request.headers(), payload);
    let received = receive(&app, &scope, *id, &mut form).await;
    if received.is_err() {
        drain(&mut form).await;
    }
    let document = received?;
    let location = format!("/api/v1/research-tasks/{id}/documents/{}", document.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(DocumentView::from(document)))
}

fn require_form(request: &HttpRequest) -> Result<(), Problem> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.trim().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok(());
    }
    let detail = "the body must be multipart/form-data".to_owned();
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", Some(detail)))
}

async fn receive(app: &AppState, scope: &ProjectScope, task: TaskId, form: &mut Multipart) -> Result<TaskDocument, Problem> {
    let mut document = None;
    while let Some(field) = form.next().await {
        let field = field.map_err(|err| broken(&err))?;
        if field.name() != Some("file") || document.is_some() {
            return Err(Invalid::one(field.name().unwrap_or("form"), "unknown_field", "the form takes one field, `file`").into());
        }
        document = Some(receive_file(app, scope, task, field).await?);
    }
    let received = document.ok_or_else(|| Invalid::one("file", "required", "is required"))?;
    Ok(app.research.attach(scope, received).await?)
}

async fn receive_file(
    app: &AppState,
    scope: &ProjectScope,
    task: TaskId,
    mut field: Field,
) -> Result<commandcenter_services::research::Receiving, Problem> {
    let filename = field.content_disposition().and_then(|disposition| disposition.get_filename());
    let media = field.content_type().map(ToString::to_string);
    let announced = Upload::parse(filename, media.as_deref())?;
    let mut receiving = app.research.receive(scope, task, announced).await?;
    while let Some(part) = field.next().await {
        receiving.write(&part.map_err(|err| broken(&err))?).await?;
    }
    Ok(receiving)
}

fn broken(err: &MultipartError) -> Problem {
    Problem::malformed("malformed-form", &format!("the form cannot be read: {err}"))
}

async fn drain(form: &mut Multipart) {
    let mut left = DRAIN;
    while let Some(Ok(mut field)) = form.next().await {
        while let Some(Ok(part)) = field.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                return;
            }
        }
    }
}

/// The files attached to a task, oldest first.
#[utoipa::path(tag = "research-tasks", params(("id" = i64, Path, description = "The task")), responses(
    (status = 200, description = "Files", body = DocumentsView),
    (status = 404, description = "Not in this project: `research-task-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/research-tasks/{id}/documents")]
async fn list_documents(app: web::Data<AppState>, Scope(scope): Scope, id: web::Path<TaskId>) -> Result<HttpResponse, Problem> {
    let documents = app.research.documents(&scope, *id).await?.into_iter().map(DocumentView::from).collect();
    Ok(HttpResponse::Ok().json(DocumentsView { documents }))
}

/// A file's bytes, always as a download: what people upload is never shown as a page of ours.
#[utoipa::path(tag = "research-tasks",
    params(("id" = i64, Path, description = "The task"), ("document_id" = i64, Path, description = "The file")), responses(
    (status = 200, description = "The bytes", body = Vec<u8>, content_type = "application/octet-stream", headers(("content-disposition" = String))),
    (status = 404, description = "Not there: `research-task-not-found`, `document-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[get("/research-tasks/{id}/documents/{document_id}")]
async fn download(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    ids: web::Path<(TaskId, TaskDocumentId)>,
) -> Result<HttpResponse, Problem> {
    let (document, reader) = app.research.download(&scope, ids.0, ids.1).await?;
    let media =
        header::HeaderValue::from_str(&document.content_type).unwrap_or(header::HeaderValue::from_static("application/octet-stream"));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&document.filename)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(SizedStream::new(document.size, parts(reader))))
}

/// A broken file ends the answer early: its length has been promised already.
fn parts(reader: Box<dyn FileReader>) -> impl Stream<Item = Result<Bytes, FileError>> {
    stream::try_unfold(reader, |mut reader| async move { Ok(reader.next().await?.map(|part| (Bytes::from(part), reader))) })
}

/// The name twice: in plain ASCII for old clients, and in full by RFC 8187. Neither can end the header or quote.
fn disposition(filename: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    let plain: String = filename.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let full: String = filename
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-') { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

/// Removes a file.
#[utoipa::path(tag = "research-tasks",
    params(("id" = i64, Path, description = "The task"), ("document_id" = i64, Path, description = "The file")), responses(
    (status = 204, description = "Removed"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not there: `research-task-not-found`, `document-not-found`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/research-tasks/{id}/documents/{document_id}")]
async fn remove_document(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    ids: web::Path<(TaskId, TaskDocumentId)>,
) -> Result<HttpResponse, Problem> {
    app.research.detach(&scope, ids.0, ids.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let header = disposition("a\"; filename=\"b\r\nx: y\u{e9}.txt");
        assert!(!header.contains('\r') && !header.contains('\n') && header.is_ascii());
        assert_eq!(header.matches('"').count(), 2);
        assert!(header.ends_with("y%C3%A9.txt"));
    }
}
