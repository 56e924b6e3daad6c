//! The digest by which a repeated body is recognised.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderValue};
use sha2::{Digest, Sha256};

/// Longest boundary of a form (RFC 2046). A longer one is not looked for.
const LONGEST_BOUNDARY: usize = 70;

/// A SHA-256 that takes a body piece by piece. A form's boundary is left out, since clients make a new one for each try: in its place goes
/// the length of what preceded it, so that no two forms read the same.
pub(super) struct Fingerprint {
    digest: Sha256,
    boundary: Vec<u8>,
    /// The end of what was read, which may be the start of a boundary.
    rest: Vec<u8>,
    length: u64,
}

impl Fingerprint {
    /// Of a body of this media type, sent with this query.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let media = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let form = request.mime_type().ok().flatten().filter(|mime| mime.type_() == "multipart");
        let boundary = form.as_ref().and_then(|mime| mime.get_param("boundary")).map(|text| text.as_str().as_bytes().to_vec());
        match (form, boundary.filter(|text| (1..=LONGEST_BOUNDARY).contains(&text.len()))) {
            (Some(form), Some(boundary)) => Self::new(form.essence_str().as_bytes(), request.query_string(), boundary),
            (_, _) => Self::new(media, request.query_string(), Vec::new()),
        }
    }

    fn new(media: &[u8], query: &str, boundary: Vec<u8>) -> Self {
        let mut digest = Sha256::new();
        for part in [media, query.as_bytes()] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        Self { digest, boundary, rest: Vec::new(), length: 0 }
    }

    /// Takes the next piece.
    pub(super) fn update(&mut self, piece: &[u8]) {
        if self.boundary.is_empty() {
            return self.digest.update(piece);
        }
        let mut text = std::mem::take(&mut self.rest);
        text.extend_from_slice(piece);
        let mut from = 0;
        while let Some(at) = find(&text[from..], &self.boundary) {
            self.take(&text[from..from + at]);
            self.end_segment();
            from += at + self.boundary.len();
        }
        let settled = text.len().saturating_sub(self.boundary.len() - 1).max(from);
        self.take(&text[from..settled]);
        self.rest = text.split_off(settled);
    }

    /// The digest of everything taken, in hexadecimal.
    pub(super) fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.rest);
        self.take(&rest);
        if !self.boundary.is_empty() {
            self.end_segment();
        }
        hex::encode(self.digest.finalize_reset())
    }

    fn take(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
    }

    fn end_segment(&mut self) {
        self.digest.update(self.length.to_be_bytes());
        self.length = 0;
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of(media: &str, pieces: &[&[u8]]) -> String {
        let request = TestRequest::post().uri("/x?a=1").insert_header((header::CONTENT_TYPE, media)).to_srv_request();
        let mut fingerprint = Fingerprint::of(&request);
        for piece in pieces {
            fingerprint.update(piece);
        }
        fingerprint.finish()
    }

    fn form(boundary: &str, file: &str) -> String {
        let media = format!("multipart/form-data; boundary={boundary}");
        let text = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{file}\r\n--{boundary}--\r\n");
        let whole = of(&media, &[text.as_bytes()]);
        for size in [1, 3, 7] {
            let pieces: Vec<_> = text.as_bytes().chunks(size).collect();
            assert_eq!(of(&media, &pieces), whole, "pieces of {size}");
        }
        whole
    }

    #[test]
    fn another_body_another_media_type_or_another_split_of_bytes() {
        let json = "application/json";
        assert_eq!(of(json, &[b"{\"a\"", b":1}"]), of(json, &[b"{\"a\":1}"]));
        assert_ne!(of(json, &[b"{\"a\":1}"]), of(json, &[b"{\"a\":2}"]));
        assert_ne!(of(json, &[b"{}"]), of("text/plain", &[b"{}"]));
    }

    #[test]
    fn a_form_is_the_same_whatever_its_boundary_and_another_with_another_file() {
        let first = form("----one0123456789", "some text -- with dashes");
        assert_eq!(form("zwei", "some text -- with dashes"), first);
        assert_ne!(form("zwei", "some text -- with dashes!"), first);
        assert_ne!(of("multipart/form-data; boundary=b", &[b"1b23"]), of("multipart/form-data; boundary=b", &[b"12b3"]));
    }
}
