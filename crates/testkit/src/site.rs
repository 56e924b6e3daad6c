//! A web site on loopback whose pages a test puts there, changes and takes away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// A page of a site.
#[derive(Debug, Clone)]
pub struct SitePage {
    /// The status.
    pub status: u16,
    /// The media type.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
}

impl SitePage {
    /// A web page.
    #[must_use]
    pub fn html(body: impl Into<String>) -> Self {
        Self { status: 200, media_type: "text/html; charset=utf-8".to_owned(), body: body.into().into_bytes(), headers: Vec::new() }
    }

    /// An answer without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::html("") }
    }

    /// Leads elsewhere.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::status(302).with("location", to)
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same as another media type.
    #[must_use]
    pub fn typed(self, media_type: &str) -> Self {
        Self { media_type: media_type.to_owned(), ..self }
    }

    fn answer(&self, asked: Option<&str>) -> ResponseTemplate {
        let etag = format!("\"{:x}\"", Sha256::digest(&self.body)[..8].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)));
        if self.status == 200 && asked == Some(etag.as_str()) {
            return ResponseTemplate::new(304);
        }
        let answer = ResponseTemplate::new(self.status).set_body_raw(self.body.clone(), &self.media_type);
        let answer = if self.status == 200 { answer.insert_header("etag", etag.as_str()) } else { answer };
        self.headers.iter().fold(answer, |answer, (name, value)| answer.insert_header(name.as_str(), value.as_str()))
    }
}

#[derive(Debug, Default)]
struct Content {
    /// Pages by path and query; several answers are given one after the other, the last one for good.
    pages: BTreeMap<String, Vec<SitePage>>,
    /// Files that are served where there is no page.
    folder: Option<PathBuf>,
    /// What was asked for, in order.
    asked: Vec<String>,
}

/// A site.
pub struct TestSite {
    server: MockServer,
    content: Arc<Mutex<Content>>,
}

struct Answers(Arc<Mutex<Content>>);

impl TestSite {
    /// An empty site.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let content = Arc::new(Mutex::new(Content::default()));
        Mock::given(any()).respond_with(Answers(content.clone())).mount(&server).await;
        Self { server, content }
    }

    /// A site of a folder's files.
    pub async fn of_folder(folder: &Path) -> Self {
        let site = Self::start().await;
        site.content().folder = Some(folder.to_owned());
        site
    }

    fn content(&self) -> std::sync::MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    /// Puts a page at a path.
    pub fn put(&self, path: &str, page: SitePage) {
        self.content().pages.insert(path.to_owned(), vec![page]);
    }

    /// Puts answers at a path that are given one after the other.
    pub fn put_in_turn(&self, path: &str, pages: Vec<SitePage>) {
        self.content().pages.insert(path.to_owned(), pages);
    }

    /// Takes a page away.
    pub fn remove(&self, path: &str) {
        self.content().pages.remove(path);
    }

    /// What was asked for since the last time, in order.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.content().asked)
    }
}

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut content = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let path = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        content.asked.push(path.clone());
        let asked = request.headers.get("if-none-match").and_then(|value| value.to_str().ok());
        let of_any_query = request.url.path().to_owned();
        let key = if content.pages.contains_key(&path) { path } else { format!("{of_any_query}?*") };
        if let Some(pages) = content.pages.get_mut(&key) {
            let page = if pages.len() > 1 { pages.remove(0) } else { pages[0].clone() };
            return page.answer(asked);
        }
        let file = content.folder.as_ref().map(|folder| folder.join(of_any_query.trim_start_matches('/')));
        match file.filter(|file| file.is_file()).and_then(|file| Some((std::fs::read(&file).ok()?, file))) {
            Some((body, file)) => SitePage { body, ..SitePage::html("") }.typed(media_type(&file)).answer(asked),
            None => ResponseTemplate::new(404),
        }
    }
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html",
        Some("txt") => "text/plain",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("png") => "image/png",
        Some(_) | None => "application/octet-stream",
    }
}
