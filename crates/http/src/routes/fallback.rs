//! What no route answers: the dashboard's files, 405 for a known path with another method, 404 for the rest.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::OpenApi;

use crate::problem::Problem;
use crate::state::{AppState, Asset};

/// Every documented path with its methods, to tell 405 from 404.
#[derive(Debug, Clone)]
pub(crate) struct Routes(Vec<(Vec<String>, Vec<&'static str>)>);

impl Routes {
    /// The table of a document.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(paths.map(|(path, item)| (path.split('/').map(str::to_owned).collect(), methods(item))).collect())
    }

    /// The methods a path has.
    fn allowed(&self, path: &str) -> Vec<&'static str> {
        let segments: Vec<_> = path.split('/').collect();
        let fits = |template: &Vec<String>| {
            template.len() == segments.len() && template.iter().zip(&segments).all(|(t, s)| t.starts_with('{') || t == s)
        };
        let mut found: Vec<_> =
            self.0.iter().filter(|(template, _)| fits(template)).flat_map(|(_, methods)| methods.iter().copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn methods(item: &utoipa::openapi::PathItem) -> Vec<&'static str> {
    let all = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)];
    all.into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name).collect()
}

/// The last resort.
pub(crate) async fn fallback(request: HttpRequest, app: web::Data<AppState>, routes: web::Data<Routes>) -> Result<HttpResponse, Problem> {
    let path = request.path();
    let allowed = routes.allowed(path);
    if !allowed.is_empty() {
        let problem =
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", Some(format!("allowed here: {}", allowed.join(", "))));
        return Err(match HeaderValue::from_str(&allowed.join(", ")) {
            Ok(value) => problem.with_header(header::ALLOW, value),
            Err(_) => problem,
        });
    }
    let is_page = !["/api/", "/health", "/metrics", "/docs", "/openapi.json", "/mcp"].iter().any(|reserved| path.starts_with(reserved));
    if is_page
        && matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(asset) = app.assets.get(path.trim_start_matches('/'))
    {
        return Ok(file(&request, asset));
    }
    Err(Problem::not_found("not-found", "there is nothing at this path"))
}

fn file(request: &HttpRequest, asset: Asset) -> HttpResponse {
    let cache = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known == Some(asset.etag.as_str()) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, asset.etag.as_str())).insert_header((header::CACHE_CONTROL, cache));
    if known == Some(asset.etag.as_str()) {
        return response.finish();
    }
    response.content_type(asset.mime).body(asset.bytes.into_owned())
}
