//! What handlers take: bodies and query strings that were read by the rules of the contract.

mod auth;
mod if_match;
mod json;
pub(crate) mod multipart;
mod query;

pub(crate) use auth::{Auth, AuthScoped, PathAuth, PathScope, Scope, ScopeAuth, authorised_scope, bearer};
pub(crate) use if_match::{IfMatch, etag};
pub(crate) use json::{Json, OptionalJson, SignedJson, double_option, large_json, part_of_body};
pub(crate) use query::{PageQuery, Query};
