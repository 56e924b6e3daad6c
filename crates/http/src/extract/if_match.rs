//! `If-Match`, and the `ETag` it answers to: a thing's version in quotes.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use commandcenter_domain::shared::Precondition;

use crate::problem::Problem;

/// What the client demands of the version it changes. Weak tags and foreign ones match nothing, so they lead to 412.
#[derive(Debug)]
pub(crate) struct IfMatch(pub(crate) Precondition);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut tags = request.headers().get_all(header::IF_MATCH).map(|value| value.to_str().unwrap_or_default()).peekable();
        if tags.peek().is_none() {
            return ready(Ok(Self(Precondition::Nothing)));
        }
        let tags: Vec<&str> = tags.flat_map(|value| value.split(',')).map(str::trim).collect();
        let condition =
            if tags.contains(&"*") { Precondition::Nothing } else { Precondition::OneOf(tags.into_iter().filter_map(version).collect()) };
        ready(Ok(Self(condition)))
    }
}

fn version(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// The header of an answer that shows a version.
pub(crate) fn etag(version: i64) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(values: &[&str]) -> Precondition {
        let request = values.iter().fold(TestRequest::default(), |request, value| request.append_header(("if-match", *value)));
        IfMatch::from_request(&request.to_http_request(), &mut Payload::None).into_inner().unwrap().0
    }

    #[test]
    fn only_strong_tags_of_ours_can_match() {
        assert_eq!(read(&[]), Precondition::Nothing);
        assert_eq!(read(&["*"]), Precondition::Nothing);
        assert_eq!(read(&["\"3\", \"4\"", "\"5\""]), Precondition::OneOf(vec![3, 4, 5]));
        assert_eq!(read(&["W/\"3\", 4, \"x\", \"\""]), Precondition::OneOf(vec![]));
    }
}
