//! The knowledge base as an archive, out and in.

use std::convert::Infallible;

use actix_multipart::{Field, Multipart};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ContentEncoding};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, post, web};
use commandcenter_domain::Classified;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{ArchiveReceiving, KnowledgeError};
use commandcenter_domain::shared::{Checker, Invalid};
use commandcenter_services::knowledge::{Exporting, ImportCounts, ImportEvent, ImportStrategy, Importing};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::extract::Scope;
use crate::extract::multipart::{drain, next_bytes, next_part, skip, text};
use crate::problem::Problem;
use crate::sse;
use crate::state::AppState;

/// Everything that answers, as a ZIP: documents with text and passages, their vectors, and a manifest with the checksum of each file. It is
/// written while it is sent; an archive that broke off has no manifest and is refused.
#[utoipa::path(tag = "knowledge", responses(
    (status = 200, description = "The archive", body = Vec<u8>, content_type = "application/zip", headers(("content-disposition" = String))),
))]
#[get("/knowledge/export")]
pub(super) async fn export(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    let disposition = format!("attachment; filename=\"knowledge-{}.zip\"", scope.project());
    let exporting = app.knowledge.clone().export(scope).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CACHE_CONTROL, "no-store, no-transform"))
        .insert_header(ContentEncoding::Identity)
        .streaming(futures::stream::unfold(Some(exporting), pack)))
}

/// The next bytes. An error ends the connection before the body's end, so that nobody takes it for whole.
async fn pack(exporting: Option<Exporting>) -> Option<(Result<Bytes, KnowledgeError>, Option<Exporting>)> {
    let mut exporting = exporting?;
    match exporting.next().await {
        Ok(Some(bytes)) => Some((Ok(bytes.into()), Some(exporting))),
        Ok(None) => None,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an export broke off");
            Some((Err(error), None))
        }
    }
}

/// Takes an archive in. All of it is checked before anything is written; then documents come in one by one, each whole. The answer is
/// server-sent events: `progress` with `done` and `total`, then `end` with the counts, or `error` with the problem's slug. Documents keep
/// their vectors when they were made by the model of this installation; otherwise a job makes them anew. When the connection closes, what
/// was taken in stays, and the same archive again goes on where it stopped.
#[utoipa::path(tag = "knowledge", request_body(content = ImportKnowledge, content_type = "multipart/form-data"), responses(
    (status = 200, description = "`progress` any number of times, then `end`; the schema is that of `end`'s data", body = ImportedView, content_type = "text/event-stream"),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Over 2 GiB: `body-too-large`", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not a form: `unsupported-media-type`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Not an archive that an export wrote, or changed since: `archive-invalid`; or `validation`", body = Problem, content_type = "application/problem+json"),
))]
#[post("/knowledge/import")]
pub(super) async fn import(app: web::Data<AppState>, Scope(scope): Scope, mut parts: Multipart) -> Result<HttpResponse, Problem> {
    let (received, strategy) = read(&app, &scope, &mut parts).await?;
    let importing = app.knowledge.clone().import(scope, received, strategy).await?;
    Ok(sse::events(futures::stream::unfold(Some(importing), take)))
}

/// The form's file and strategy.
async fn read(app: &AppState, scope: &ProjectScope, parts: &mut Multipart) -> Result<(Box<dyn ArchiveReceiving>, ImportStrategy), Problem> {
    if let Err(refused) = app.knowledge.check_upload(scope) {
        drain(parts).await;
        return Err(refused.into());
    }
    let (mut received, mut strategy) = (None, None);
    while let Some(mut part) = next_part(parts).await? {
        let name = part.name().unwrap_or_default().to_owned();
        let taken = match name.as_str() {
            "file" if received.is_none() => receive(app, scope, &mut part).await.map(|archive| received = Some(archive)),
            "strategy" => text(&mut part).await.map(|text| strategy = Some(text)),
            name => Err(Invalid::one(name, "unknown_field", "is not a field of this request").into()),
        };
        if let Err(problem) = taken {
            // Read past what is left, so that the client gets to read the answer.
            skip(&mut part).await;
            drop(part);
            drain(parts).await;
            return Err(problem);
        }
    }
    let mut check = Checker::new();
    let strategy = check.choice("strategy", strategy.as_deref().unwrap_or("skip"), ImportStrategy::parse);
    if received.is_none() {
        check.note("file", "required", "is required");
    }
    let (received, strategy) = check.finish((received, strategy))?;
    Ok((received.ok_or_else(|| Invalid::one("file", "required", "is required"))?, strategy.unwrap_or(ImportStrategy::Skip)))
}

async fn receive(app: &AppState, scope: &ProjectScope, part: &mut Field) -> Result<Box<dyn ArchiveReceiving>, Problem> {
    let mut receiving = app.knowledge.receive_archive(scope).await?;
    while let Some(piece) = next_bytes(part).await? {
        receiving.write(&piece).await.map_err(KnowledgeError::from)?;
    }
    Ok(receiving)
}

/// The next block of an import.
async fn take(importing: Option<Importing>) -> Option<(Result<Bytes, Infallible>, Option<Importing>)> {
    let mut importing = importing?;
    let (name, data, goes_on) = match importing.next().await {
        Ok(Some(ImportEvent::Progress(done, total))) => ("progress", json!({ "done": done, "total": total }), true),
        Ok(Some(ImportEvent::End(counts))) => ("end", json!(ImportedView::from(counts)), false),
        Ok(None) => return None,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an import broke off");
            ("error", json!({ "problem": error.classify().1, "detail": "the import broke off; send the archive again to go on" }), false)
        }
    };
    Some((Ok(Bytes::from(format!("event: {name}\ndata: {data}\n\n"))), goes_on.then_some(importing)))
}

/// An archive to take in.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "describes the form; its parts are read as they come")]
pub(super) struct ImportKnowledge {
    /// What an export wrote, at most 2 GiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What becomes of documents that are there already: `skip` or `overwrite`; `skip` without.
    strategy: Option<String>,
}

/// What an import came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"documents": 120, "added": 118, "updated": 0, "unchanged": 2, "skipped": 0, "passages": 1904, "to_embed": 0}))]
pub(super) struct ImportedView {
    /// Documents in the archive.
    documents: usize,
    added: usize,
    updated: usize,
    /// There already, with the same content.
    unchanged: usize,
    /// There already, with other content.
    skipped: usize,
    /// Passages that came in.
    passages: usize,
    /// Passages whose vectors jobs are making now.
    to_embed: usize,
}

impl From<ImportCounts> for ImportedView {
    fn from(counts: ImportCounts) -> Self {
        let ImportCounts { documents, added, updated, unchanged, skipped, passages, to_embed } = counts;
        Self { documents, added, updated, unchanged, skipped, passages, to_embed }
    }
}
