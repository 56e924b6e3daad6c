//! Forms with files, read part by part: files go on as they come in, other fields are short texts.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::StatusCode;
use commandcenter_domain::shared::Invalid;
use futures::StreamExt;

use crate::problem::Problem;

/// Most bytes of a field that is not a file.
const LARGEST_TEXT: usize = 64 * 1024;
/// What is read and thrown away after a refusal, so that the client gets to read the answer before the connection closes.
const DRAINED: usize = 512 * 1024 * 1024;

/// The next part of a form.
pub(crate) async fn next_part(parts: &mut Multipart) -> Result<Option<Field>, Problem> {
    parts.next().await.transpose().map_err(|err| unreadable(&err))
}

/// The next bytes of a part.
pub(crate) async fn next_bytes(part: &mut Field) -> Result<Option<bytes::Bytes>, Problem> {
    part.next().await.transpose().map_err(|err| unreadable(&err))
}

/// The text of a short field.
pub(crate) async fn text(part: &mut Field) -> Result<String, Problem> {
    let name = part.name().unwrap_or_default().to_owned();
    let mut all = Vec::new();
    while let Some(piece) = next_bytes(part).await? {
        if all.len() + piece.len() > LARGEST_TEXT {
            return Err(too_large(format!("the field {name} has more than {LARGEST_TEXT} bytes")));
        }
        all.extend_from_slice(&piece);
    }
    String::from_utf8(all).map_err(|_| Invalid::one(&name, "not_utf8", "must be UTF-8 text").into())
}

/// Reads on to the end of a part, and throws it away.
pub(crate) async fn skip(part: &mut Field) {
    let mut left = DRAINED;
    while let Some(Ok(piece)) = part.next().await {
        left = left.saturating_sub(piece.len());
        if left == 0 {
            break;
        }
    }
}

/// Reads on to the end of a form that was refused, and throws it away.
pub(crate) async fn drain(parts: &mut Multipart) {
    let mut left = DRAINED;
    while let Some(Ok(mut part)) = parts.next().await {
        while let Some(Ok(piece)) = part.next().await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                return;
            }
        }
    }
}

/// More bytes, or more parts, than a form may have.
pub(crate) fn too_large(detail: String) -> Problem {
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
