//! The door for documents that are pushed. It needs no token: who pushes proves to know the source's secret.

use actix_web::{HttpRequest, HttpResponse, post, web};
use commandcenter_domain::shared::SourceId;
use commandcenter_domain::source::SourceError;
use commandcenter_services::source::PushProof;

use super::body::{PushDocument, PushQuery};
use super::view::PushedView;
use crate::extract::{Query, SignedJson};
use crate::problem::Problem;
use crate::state::AppState;

/// Pushes a document to a source of the type `webhook`: with `X-Signature-256: sha256=<HMAC-SHA256 of the body under the secret, in hex>`
/// (`X-Hub-Signature-256` is read too), or with the secret in `X-API-Key`. The same `id`, `url` or `title` again is a new version.
#[utoipa::path(tag = "ingest", request_body = PushDocument, params(PushQuery), responses(
    (status = 202, description = "It is kept, and a job reads it", body = PushedView),
    (status = 400, description = "The body cannot be read: `malformed-json`", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "No such source, or a wrong signature or key: `signature-invalid`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The source is paused: `source-paused`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A field breaks a rule: `validation`; or its content cannot be read: `document-empty` and others of that kind", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many wrong signatures from this address: `too-many-requests`", body = Problem, content_type = "application/problem+json"),
), security(()))]
#[post("/ingest/generic")]
pub(super) async fn push(
    app: web::Data<AppState>,
    request: HttpRequest,
    Query(query): Query<PushQuery>,
    body: SignedJson,
) -> Result<HttpResponse, Problem> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let signature = header("x-signature-256").or_else(|| header("x-hub-signature-256")).map(PushProof::Signature);
    let proof = signature.or_else(|| header("x-api-key").map(PushProof::Key));
    let pushed = match app.sources.prove(SourceId::new(query.source_id), proof, body.bytes()).await {
        Err(SourceError::BadSignature) => {
            // Only guesses count: whoever knows the secret may push as often as they like.
            app.throttle.check(&request)?;
            return Err(SourceError::BadSignature.into());
        }
        pushed => pushed?,
    };
    let document: PushDocument = body.read()?;
    let (job_id, document_id) = app.sources.push(&pushed, document.into()).await?;
    let location = format!("/api/v1/jobs/{job_id}");
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(PushedView { status: "accepted", document_id, job_id }))
}
