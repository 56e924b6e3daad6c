//! Query strings: 422 with the parameter's name when a value cannot be read.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use commandcenter_domain::shared::Invalid;
use commandcenter_domain::{FieldError, PageRequest};
use futures::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::auth::Gate;
use crate::problem::Problem;

/// The query string, read as `T`. Text that holds NUL is refused here: no database can look for it.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (read, gate) = (parse(request.query_string()), Gate::of(request));
        Box::pin(async move {
            Gate::pass(gate).await?;
            read
        })
    }
}

impl<T: DeserializeOwned> Query<T> {
    /// The query string of a request, where an extractor would read it too early.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        parse(request.query_string())
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<Query<T>, Problem> {
    if text.contains("%00") {
        return Err(refuse("query", "nul", "must not contain the NUL character"));
    }
    let reader = serde_urlencoded::Deserializer::new(form_pairs(text));
    match serde_path_to_error::deserialize(reader) {
        Ok(value) => Ok(Query(value)),
        Err(err) => {
            let field = err.path().to_string();
            Err(refuse(&field, "invalid", "has a value that cannot be read"))
        }
    }
}

fn form_pairs(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

fn refuse(field: &str, code: &'static str, message: &str) -> Problem {
    let error = FieldError::new(field, code, message);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "validation", Some(format!("{field}: {message}"))).with_errors(&[error])
}

/// `page` and `limit` of a list, alone. Lists with filters put the same two fields into their own query type.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(crate) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(crate) limit: Option<i64>,
}

impl PageQuery {
    /// Checks the numbers.
    pub(crate) fn request(self) -> Result<PageRequest, Invalid> {
        PageRequest::parse(self.page, self.limit)
    }
}
