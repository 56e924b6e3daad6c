//! Files come in: many at once, each to the disk as it comes, each with a result of its own.

use std::collections::BTreeMap;

use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{KnowledgeError, NewUpload, UploadFields};
use commandcenter_domain::shared::{FieldError, Invalid};
use commandcenter_domain::{Classified, Fault};
use commandcenter_services::knowledge::Received;

use super::file_view::{UploadDocument, UploadItemView, UploadedView};
use super::view::DocumentView;
use crate::extract::Scope;
use crate::extract::multipart::{drain, next_bytes, next_part, skip, text, too_large};
use crate::problem::Problem;
use crate::state::AppState;

/// Files of one request.
const MOST_FILES: usize = 100;
/// Fields besides `file`.
const FIELDS: [&str; 3] = ["category", "title", "tags"];

/// Takes in documents: Markdown, HTML, reStructuredText, plain text, PDF, Word, slides, Excel, CSV, JSON, notebooks and source code, told by
/// their content. Reading each is a job. A file of a name that is there already is a new version of that document; until it is read, the former
/// passages answer. With several parts `file`, each has its result in `items`; the request is refused only when no file is taken in.
#[utoipa::path(tag = "knowledge", request_body(content = UploadDocument, content_type = "multipart/form-data"), responses(
    (status = 202, description = "The document and the job that reads it, or one of each for every file in `items`", body = UploadedView, headers(("location" = String))),
    (status = 403, description = "Below member: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Over the limit of a file (50 MiB unless configured otherwise): `body-too-large`", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not a form: `unsupported-media-type`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Not a file that is read: `document-empty`, `document-not-utf8`, `document-binary`, `document-encrypted`, `document-kind-unsupported`; none of several files: `upload-refused`; or `validation`",
        body = Problem, content_type = "application/problem+json"),
))]
#[post("/knowledge/documents")]
pub(super) async fn upload(app: web::Data<AppState>, Scope(scope): Scope, mut parts: Multipart) -> Result<HttpResponse, Problem> {
    let mut form = Form::default();
    let read = form.read(&app, &scope, &mut parts).await;
    let checked = read.and_then(|()| form.check());
    if let Err(problem) = checked {
        form.discard(&app).await;
        return Err(problem);
    }
    let Form { files, fields } = form;
    let mut items = Vec::with_capacity(files.len());
    for file in files {
        items.push(take_in(&app, &scope, (file, &fields)).await);
    }
    answer(items)
}

/// What became of a file: it was taken in, or not, for a reason.
type Taken = Result<UploadItemView, (String, KnowledgeError)>;

/// A file's name and what became of it so far.
struct Arrived {
    name: String,
    outcome: Result<Received, KnowledgeError>,
}

#[derive(Default)]
struct Form {
    files: Vec<Arrived>,
    fields: BTreeMap<String, String>,
}

impl Form {
    /// Reads the form. What is left of one that is refused midway is read and thrown away.
    async fn read(&mut self, app: &AppState, scope: &ProjectScope, parts: &mut Multipart) -> Result<(), Problem> {
        if let Err(refused) = app.knowledge.check_upload(scope) {
            drain(parts).await;
            return Err(refused.into());
        }
        while let Some(part) = next_part(parts).await? {
            if let Err(problem) = self.take(app, scope, part).await {
                drain(parts).await;
                return Err(problem);
            }
        }
        Ok(())
    }

    async fn take(&mut self, app: &AppState, scope: &ProjectScope, mut part: Field) -> Result<(), Problem> {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            if self.files.len() == MOST_FILES {
                return Err(too_large(format!("the form has more than {MOST_FILES} files")));
            }
            let arrived = receive(app, scope, &mut part).await?;
            self.files.push(arrived);
        } else if FIELDS.contains(&name.as_str()) {
            let text = text(&mut part).await?;
            self.fields.insert(name, text);
        } else {
            skip(&mut part).await;
            return Err(Invalid::one(name, "unknown_field", "is not a field of this request").into());
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Problem> {
        if self.files.is_empty() {
            return Err(Invalid::one("file", "required", "is required").into());
        }
        if self.files.len() > 1 && self.fields.contains_key("title") {
            return Err(Invalid::one("title", "ambiguous", "can be given to one file only").into());
        }
        Ok(())
    }

    async fn discard(self, app: &AppState) {
        for file in self.files {
            if let Ok(received) = file.outcome {
                app.knowledge.discard(received).await;
            }
        }
    }
}

/// Receives a file. One that is too large is refused and read past; what comes behind it is still taken.
async fn receive(app: &AppState, scope: &ProjectScope, part: &mut Field) -> Result<Arrived, Problem> {
    let name = part.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default().to_owned();
    let mut receiving = app.knowledge.receive(scope).await?;
    while let Some(piece) = next_bytes(part).await? {
        if let Err(refused) = receiving.write(&piece).await {
            drop(receiving);
            skip(part).await;
            return Ok(Arrived { name, outcome: Err(refused) });
        }
    }
    Ok(Arrived { name, outcome: receiving.finish().await })
}

async fn take_in(app: &AppState, scope: &ProjectScope, (file, fields): (Arrived, &BTreeMap<String, String>)) -> Taken {
    let Arrived { name, outcome } = file;
    let field = |name: &str| fields.get(name).cloned();
    let described = UploadFields { filename: name.clone(), category: field("category"), title: field("title"), tags: field("tags") };
    let received = match outcome {
        Ok(received) => received,
        Err(refused) => return Err((name, refused)),
    };
    let new = match NewUpload::parse(&described) {
        Ok(new) => new,
        Err(invalid) => {
            app.knowledge.discard(received).await;
            return Err((name, invalid.into()));
        }
    };
    let (job, document) = app.knowledge.upload(scope, &new, received).await.map_err(|refused| (name.clone(), refused))?;
    Ok(UploadItemView::accepted(name, job.id, DocumentView::from(document)))
}

/// One file is answered by itself; of several each has its result, unless none was taken in.
fn answer(mut items: Vec<Taken>) -> Result<HttpResponse, Problem> {
    if items.len() == 1
        && let Some(only) = items.pop()
    {
        let item = only.map_err(|(_, refused)| Problem::from(refused))?;
        return Ok(accepted(UploadedView::of_one(item)));
    }
    if items.iter().all(Result::is_err) {
        return Err(all_refused(items.into_iter().filter_map(Result::err)));
    }
    let views = items.into_iter().map(|item| item.unwrap_or_else(|(name, refused)| UploadItemView::refused(name, Problem::from(refused))));
    Ok(accepted(UploadedView::of_many(views.collect())))
}

pub(super) fn accepted(view: UploadedView) -> HttpResponse {
    let mut answer = HttpResponse::Accepted();
    if let Some(job) = view.job_id {
        answer.insert_header(("location", format!("/api/v1/jobs/{job}")));
    }
    answer.json(view)
}

fn all_refused(refusals: impl Iterator<Item = (String, KnowledgeError)>) -> Problem {
    let mut errors = Vec::new();
    for (number, (name, refused)) in refusals.enumerate() {
        let (fault, code) = refused.classify();
        if matches!(fault, Fault::Internal | Fault::Unavailable) {
            return refused.into();
        }
        errors.push(FieldError { field: format!("file[{number}]"), code, message: format!("{name}: {refused}") });
    }
    let detail = "none of the files was taken in".to_owned();
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "upload-refused", Some(detail)).with_errors(&errors)
}
