//! Which operations create something.

use std::collections::HashSet;

use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

/// Operations under this tag give out tokens, which must be new each time.
const TOKENS: &str = "auth";

/// The path templates whose POST creates something.
#[derive(Debug, Clone)]
pub(crate) struct Creations(HashSet<String>);

impl Creations {
    /// Those of a completed document.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(paths.filter(|(_, item)| item.post.as_ref().is_some_and(creates)).map(|(path, _)| path.clone()).collect())
    }

    /// Whether a POST to this template creates something.
    pub(super) fn has(&self, template: &str) -> bool {
        self.0.contains(template)
    }
}

/// Whether a POST creates something: it answers 201 or 202, to a caller who is known, and not with a token.
pub(crate) fn creates(post: &Operation) -> bool {
    let answers = ["201", "202"].iter().any(|status| post.responses.responses.contains_key(*status));
    let is_public = post.security.as_ref().is_some_and(Vec::is_empty);
    let gives_tokens = post.tags.iter().flatten().any(|tag| tag == TOKENS);
    answers && !is_public && !gives_tokens
}
