//! An HTTP client for tests: short to call, keeps what was answered.

use reqwest::Method;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The media type, without parameters.
    pub content_type: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    headers: reqwest::header::HeaderMap,
}

impl Reply {
    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, if the status is as said.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// The slug of the problem, if the answer is a problem of that status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.content_type, "application/problem+json", "{}", self.text);
        assert_eq!(self.body["status"], status);
        assert!(self.body["request_id"].is_string(), "{}", self.text);
        self.body["type"].as_str().and_then(|kind| kind.rsplit('/').next()).expect("a problem has a type")
    }
}

/// A client with or without credentials, in or outside of a project.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    /// The bearer token that is sent.
    pub token: Option<String>,
    /// The project that is named.
    pub project: Option<String>,
}

impl Client {
    /// A client of a base URL, without credentials.
    #[must_use]
    pub fn new(base: &str) -> Self {
        // The provider may be installed already: by another test of the process, or by the application.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), token: None, project: None }
    }

    /// The same, with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, naming a project.
    #[must_use]
    pub fn in_project(&self, id: impl ToString) -> Self {
        Self { project: Some(id.to_string()), ..self.clone() }
    }

    /// A request to send with more than the short methods offer.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        match &self.project {
            Some(project) => request.header("X-Project-ID", project),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        self.try_send(request).await.expect("the server answers")
    }

    /// Sends a request; `None` when nobody answers.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Option<Reply> {
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.ok()?;
        let content_type = headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().to_owned();
        Some(Reply { status, content_type, body: serde_json::from_str(&text).unwrap_or(Value::Null), text, headers })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// GET; `None` when nobody answers.
    pub async fn try_get(&self, path: &str) -> Option<Reply> {
        self.try_send(self.request(Method::GET, path)).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// POST of bytes as they are, with a media type.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Reply {
        self.send(self.request(Method::POST, path).header("content-type", content_type).body(body)).await
    }

    /// POST of a form with a file.
    pub async fn upload(&self, path: &str, file: (&str, Vec<u8>), fields: &[(&str, &str)]) -> Reply {
        let part = reqwest::multipart::Part::bytes(file.1).file_name(file.0.to_owned());
        let form = reqwest::multipart::Form::new();
        let form = fields.iter().fold(form, |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
        self.send(self.request(Method::POST, path).multipart(form.part("file", part))).await
    }

    /// `POST` of a form with several files.
    pub async fn upload_many(&self, path: &str, files: Vec<(&str, Vec<u8>)>, fields: &[(&str, &str)]) -> Reply {
        let form =
            fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
        let part = |(name, bytes): (&str, Vec<u8>)| reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = files.into_iter().fold(form, |form, file| form.part("file", part(file)));
        self.send(self.request(Method::POST, path).multipart(form)).await
    }
}
