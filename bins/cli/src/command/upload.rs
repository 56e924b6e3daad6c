//! `upload`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::args::UploadArgs;
use crate::client::{Body, Client, Request};
use crate::command::jobs;
use crate::error::CliError;
use crate::output::{Format, cell, print};

/// Uploads documents one after the other and follows their jobs. All are tried; the first failure is the command's.
pub(crate) async fn run(client: &Client, upload: UploadArgs, format: Format) -> Result<(), CliError> {
    if upload.title.is_some() && upload.files.len() > 1 {
        return Err(CliError::Usage("--title is for one file".to_owned()));
    }
    if let Some(path) = upload.files.iter().find(|path| address(path).is_none() && !path.is_file()) {
        return Err(CliError::Usage(format!("{} is not a file", path.display())));
    }
    let mut done = Vec::new();
    let mut failure = None;
    for path in &upload.files {
        match one(client, path, &upload).await {
            Ok(answer) => {
                if format == Format::People {
                    print(&sentence(path, &answer))?;
                }
                done.push(answer);
            }
            // Without a server or an identity the others would fail the same way.
            Err(error @ (CliError::Unreachable(_) | CliError::NotAuthenticated(_))) => return Err(error),
            Err(error) => {
                if upload.files.len() > 1 {
                    eprintln!("{}: {error}", path.display());
                }
                failure.get_or_insert(error);
            }
        }
    }
    if format == Format::Json {
        format.show(&json!({ "items": done }), |_| String::new())?;
    }
    failure.map_or(Ok(()), Err)
}

async fn one(client: &Client, path: &Path, upload: &UploadArgs) -> Result<Value, CliError> {
    let request = address(path).map_or_else(|| of_file(path, upload), |url| of_page(url, upload));
    let mut answer = client.ask_project(request).await?;
    if !upload.wait.no_wait {
        let job = jobs::id_of(&answer)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ended = jobs::watch_bar(client, &job, &name).await?;
        jobs::judge(&ended)?;
        answer["job"] = ended;
    }
    Ok(answer)
}

/// The address of a page, where it is one.
fn address(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.starts_with("http://") || text.starts_with("https://"))
}

fn of_file(path: &Path, upload: &UploadArgs) -> Request {
    let mut fields = vec![("category", upload.category.clone())];
    fields.extend(upload.title.clone().map(|title| ("title", title)));
    fields.extend(upload.tags.clone().map(|tags| ("tags", tags)));
    Request::post("/knowledge/documents", Body::File(PathBuf::from(path), fields))
}

fn of_page(url: &str, upload: &UploadArgs) -> Request {
    let mut body = json!({ "url": url, "category": upload.category });
    if let Some(title) = &upload.title {
        body["title"] = json!(title);
    }
    if let Some(tags) = &upload.tags {
        body["tags"] = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    }
    Request::post("/knowledge/documents/url", Body::Json(body))
}

fn sentence(path: &Path, answer: &Value) -> String {
    let document = cell(answer, "document_id");
    match answer.get("job") {
        Some(_) => format!("{}: document {document} indexed.", path.display()),
        None => format!("{}: document {document}, job {}.", path.display(), cell(answer, "job_id")),
    }
}
