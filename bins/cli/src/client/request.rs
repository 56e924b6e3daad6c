//! One request to the API, which can be built again when it has to be repeated.

use std::path::PathBuf;

use reqwest::{Method, RequestBuilder, multipart};
use serde_json::Value;

use crate::error::CliError;

/// What is asked of the server.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Below `/api/v1`.
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// What is sent along.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// A JSON document.
    Json(Value),
    /// A file as `multipart/form-data`, beside text fields.
    File(PathBuf, Vec<(&'static str, String)>),
}

impl Request {
    /// A read.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), query: Vec::new(), body: Body::Empty }
    }
    /// A write of a document.
    pub(crate) fn post(path: impl Into<String>, body: Body) -> Self {
        Self { method: Method::POST, path: path.into(), query: Vec::new(), body }
    }
    /// A removal.
    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, path: path.into(), query: Vec::new(), body: Body::Empty }
    }
    /// With a query parameter.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }
    /// With a query parameter, if there is a value.
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Body {
    pub(crate) async fn attach(&self, builder: RequestBuilder) -> Result<RequestBuilder, CliError> {
        match self {
            Self::Empty => Ok(builder),
            Self::Json(value) => Ok(builder.json(value)),
            Self::File(path, fields) => {
                // Sent as it is read: a large file never lies in memory whole.
                let part = multipart::Part::file(path).await.map_err(|e| CliError::Failed(format!("{}: {e}", path.display())))?;
                let form = fields.iter().fold(multipart::Form::new(), |form, (name, value)| form.text(*name, value.clone()));
                Ok(builder.multipart(form.part("file", part)))
            }
        }
    }
}
