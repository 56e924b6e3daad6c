//! Forms with a file: read part by part, after the caller's rights are known, and never past the limit.

use std::collections::BTreeMap;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::StatusCode;
use commandcenter_domain::shared::Invalid;
use futures::StreamExt;

use crate::problem::Problem;

/// Most bytes of a file: 50 MiB.
const LARGEST_FILE: usize = 50 * 1024 * 1024;
/// Most bytes of any other field.
const LARGEST_TEXT: usize = 64 * 1024;
/// Parts of a form; more are no form of ours.
const MOST_PARTS: usize = 32;
/// What is read and thrown away after a refusal, so that the client gets to read the answer before the connection closes.
const DRAINED: usize = 512 * 1024 * 1024;

/// A form that was read.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The file's name and bytes.
    pub(crate) file: Option<(String, Vec<u8>)>,
    fields: BTreeMap<String, String>,
}

impl Form {
    /// Reads the form. `known` are its fields besides `file`.
    pub(crate) async fn read(mut parts: Multipart, known: &[&str]) -> Result<Self, Problem> {
        let mut form = Self::default();
        let mut seen = 0;
        while let Some(part) = parts.next().await {
            let part = part.map_err(|err| unreadable(&err))?;
            seen += 1;
            let taken =
                if seen > MOST_PARTS { Err(too_large("the form has too many parts".to_owned())) } else { form.take(part, known).await };
            if let Err(problem) = taken {
                drain(parts).await;
                return Err(problem);
            }
        }
        Ok(form)
    }

    /// The file, which must be there.
    pub(crate) fn take_file(&mut self) -> Result<(String, Vec<u8>), Problem> {
        self.file.take().ok_or_else(|| Invalid::one("file", "required", "is required").into())
    }

    /// A field's text.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.fields.get(name).cloned()
    }

    async fn take(&mut self, mut part: Field, known: &[&str]) -> Result<(), Problem> {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            let filename = part.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default().to_owned();
            let bytes = bytes(&mut part, LARGEST_FILE).await?;
            self.file = Some((filename, bytes));
            return Ok(());
        }
        if !known.contains(&name.as_str()) {
            skip(&mut part).await;
            return Err(Invalid::one(name, "unknown_field", "is not a field of this request").into());
        }
        let bytes = bytes(&mut part, LARGEST_TEXT).await?;
        let text = String::from_utf8(bytes).map_err(|_| Invalid::one(&name, "not_utf8", "must be UTF-8 text"))?;
        self.fields.insert(name, text);
        Ok(())
    }
}

async fn bytes(part: &mut Field, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut all = Vec::new();
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|err| unreadable(&err))?;
        if all.len() + piece.len() > limit {
            skip(part).await;
            return Err(too_large(format!("a part of the form has more than {limit} bytes")));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

async fn skip(part: &mut Field) {
    let mut left = DRAINED;
    while let Some(Ok(piece)) = part.next().await {
        left = left.saturating_sub(piece.len());
        if left == 0 {
            break;
        }
    }
}

async fn drain(mut parts: Multipart) {
    let mut left = MOST_PARTS;
    while let Some(Ok(mut part)) = parts.next().await {
        skip(&mut part).await;
        left -= 1;
        if left == 0 {
            break;
        }
    }
}

fn too_large(detail: String) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", Some(detail))
}

fn unreadable(err: &MultipartError) -> Problem {
    match err {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeParse | MultipartError::ContentTypeIncompatible => {
            let detail = "the body must be multipart/form-data".to_owned();
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", Some(detail))
        }
        _ => Problem::malformed("malformed-body", "the form ended early or could not be read"),
    }
}
