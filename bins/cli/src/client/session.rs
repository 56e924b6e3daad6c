//! The client: one server, one identity, one project.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::args::Global;
use crate::client::answer::{accept, take_tokens};
use crate::client::credentials::{Credentials, Login};
use crate::client::events::Events;
use crate::client::request::{Body, Request};
use crate::error::CliError;

/// Where a server listens unless told otherwise.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8000";
const CONNECT: Duration = Duration::from_secs(10);
/// Between two packets, not for a whole upload.
const SILENCE: Duration = Duration::from_mins(2);

/// As whom requests are made.
enum Identity {
    /// A token that was given: used as it is.
    Given(String),
    /// A login that was kept: refreshed when it has expired.
    Kept(Mutex<Login>),
    /// Nobody.
    Nobody,
}

/// The client of one server.
pub(crate) struct Client {
    http: reqwest::Client,
    server: String,
    identity: Identity,
    credentials: Credentials,
    project: Option<String>,
}

impl Client {
    /// A client as the flags, the environment and the kept logins say.
    pub(crate) fn of(global: &Global) -> Result<Self, CliError> {
        let credentials = Credentials::of(global)?;
        let server = match &global.server {
            Some(server) => server.clone(),
            None => credentials.current()?.unwrap_or_else(|| DEFAULT_SERVER.to_owned()),
        };
        let server = server.trim_end_matches('/').to_owned();
        if !server.starts_with("http://") && !server.starts_with("https://") {
            return Err(CliError::Usage(format!("--server {server}: must begin with http:// or https://")));
        }
        let identity = match &global.token {
            Some(token) => Identity::Given(token.trim().to_owned()),
            None => credentials.login(&server)?.map_or(Identity::Nobody, |login| Identity::Kept(Mutex::new(login))),
        };
        let http = reqwest::Client::builder()
            .user_agent(concat!("commandcenter-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| CliError::Failed(format!("no HTTP client: {e}")))?;
        Ok(Self { http, server, identity, credentials, project: global.project.clone() })
    }

    /// The server's base URL.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Asks within no project; the answer's body.
    pub(crate) async fn ask(&self, request: Request) -> Result<Value, CliError> {
        self.send(&request, None).await
    }

    /// Asks within the chosen project. Without one the server decides: a key bound to a project needs no choice.
    pub(crate) async fn ask_project(&self, request: Request) -> Result<Value, CliError> {
        let project = self.chosen_project().await?;
        self.send(&request, project).await
    }

    /// Asks within the chosen project for an answer that is not JSON, to be read as it comes.
    pub(crate) async fn fetch_project(&self, request: Request) -> Result<Response, CliError> {
        let project = self.chosen_project().await?;
        let response = self.authorised(&request, project).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        match accept(response).await {
            Ok(_) => Err(CliError::Failed("the answer is not what was asked for".to_owned())),
            Err(error) => Err(self.hint(error)),
        }
    }

    /// Asks within the chosen project for an answer that comes in events.
    pub(crate) async fn follow_project(&self, request: Request) -> Result<Events, CliError> {
        Ok(Events::of(self.fetch_project(request).await?))
    }

    /// The project of `--project` or of `projects use`.
    pub(crate) async fn chosen_project(&self) -> Result<Option<i64>, CliError> {
        match (&self.project, &self.identity) {
            (Some(name), _) => self.find_project(name).await.map(Some),
            (None, Identity::Kept(login)) => Ok(login.lock().await.project),
            (None, Identity::Given(_) | Identity::Nobody) => Ok(None),
        }
    }

    /// The id of a project, by id or name.
    pub(crate) async fn find_project(&self, name: &str) -> Result<i64, CliError> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        for page in 1_u32.. {
            let list = self.ask(Request::get("/projects").with("page", page.to_string()).with("limit", "100")).await?;
            let items = list.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let matches = |item: &&Value| item.get("name").and_then(Value::as_str) == Some(name);
            if let Some(id) = items.iter().find(matches).and_then(|item| item.get("id")?.as_i64()) {
                return Ok(id);
            }
            if list.get("has_next").and_then(Value::as_bool) != Some(true) {
                break;
            }
        }
        Err(CliError::NotFound(format!("no project named `{name}`; see `commandcenter projects list`")))
    }

    /// Logs in and keeps the session, with the project that was chosen before.
    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Result<(), CliError> {
        let body = Body::Json(json!({ "email": email, "password": password }));
        let response = self.transmit(&Request::post("/auth/login", body), &HeaderMap::new()).await?;
        let pair = accept(response).await?;
        let before = self.credentials.login(&self.server)?;
        let project = before.filter(|login| login.email == email).and_then(|login| login.project);
        let mut login = Login { email: email.to_owned(), project, ..Login::default() };
        take_tokens(&mut login, &pair)?;
        self.credentials.keep(&self.server, login)
    }

    /// Registers an account.
    pub(crate) async fn register(&self, email: &str, password: &str) -> Result<Value, CliError> {
        let body = Body::Json(json!({ "email": email, "password": password }));
        let response = self.transmit(&Request::post("/auth/register", body), &HeaderMap::new()).await?;
        accept(response).await
    }

    /// Ends the session at the server and forgets it here, also when the server is away or does not know it any more.
    pub(crate) async fn log_out(&self) -> Result<(), CliError> {
        let ended = self.ask(Request::post("/auth/logout", Body::Empty)).await;
        self.credentials.forget(&self.server)?;
        match ended {
            Ok(_) | Err(CliError::NotAuthenticated(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Remembers the project for later commands.
    pub(crate) async fn choose_project(&self, id: i64) -> Result<(), CliError> {
        let Identity::Kept(login) = &self.identity else {
            return Err(CliError::Usage("choosing a project needs a login; with a token give --project".to_owned()));
        };
        let mut login = login.lock().await;
        login.project = Some(id);
        self.credentials.keep(&self.server, login.clone())
    }

    /// The headers that say who asks and in which project.
    pub(crate) async fn headers(&self, project: Option<i64>) -> Result<HeaderMap, CliError> {
        let mut headers = HeaderMap::new();
        let token = match &self.identity {
            Identity::Given(token) => Some(token.clone()),
            Identity::Kept(login) => Some(login.lock().await.access_token.clone()),
            Identity::Nobody => None,
        };
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| CliError::Usage("the token holds characters that no token has".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if let Some(project) = project {
            headers.insert("x-project-id", HeaderValue::from(project));
        }
        Ok(headers)
    }

    async fn send(&self, request: &Request, project: Option<i64>) -> Result<Value, CliError> {
        accept(self.authorised(request, project).await?).await.map_err(|error| self.hint(error))
    }

    /// Asks, and once more with a new token when the old one has ended.
    async fn authorised(&self, request: &Request, project: Option<i64>) -> Result<Response, CliError> {
        let response = self.transmit(request, &self.headers(project).await?).await?;
        if response.status() != reqwest::StatusCode::UNAUTHORIZED || !self.refresh().await? {
            return Ok(response);
        }
        self.transmit(request, &self.headers(project).await?).await
    }

    async fn transmit(&self, request: &Request, headers: &HeaderMap) -> Result<Response, CliError> {
        let url = format!("{}/api/v1{}", self.server, request.path);
        let builder = self.http.request(request.method.clone(), url).headers(headers.clone()).query(&request.query);
        let builder = request.body.attach(builder).await?;
        builder.send().await.map_err(|error| self.unreachable(&error))
    }

    /// Spends the refresh token; whether the request should be tried again.
    async fn refresh(&self) -> Result<bool, CliError> {
        let Identity::Kept(kept) = &self.identity else { return Ok(false) };
        let mut login = kept.lock().await;
        let credentials = self.credentials.clone();
        let lock = tokio::task::spawn_blocking(move || credentials.lock()).await;
        let _held = lock.map_err(|e| CliError::Failed(e.to_string()))??;
        // Another process may have refreshed while this one waited.
        match self.credentials.login(&self.server)? {
            Some(newer) if newer.access_token != login.access_token => {
                *login = newer;
                return Ok(true);
            }
            Some(_) | None => {}
        }
        let request = Request { method: Method::POST, ..Request::get("/auth/refresh") };
        let request = Request { body: Body::Json(json!({ "refresh_token": login.refresh_token })), ..request };
        let response = self.transmit(&request, &HeaderMap::new()).await?;
        if response.status() == reqwest::StatusCode::UNAUTHORIZED {
            return Ok(false);
        }
        let pair = accept(response).await?;
        take_tokens(&mut login, &pair)?;
        self.credentials.keep(&self.server, login.clone())?;
        Ok(true)
    }

    fn hint(&self, error: CliError) -> CliError {
        match (error, &self.identity) {
            (CliError::NotAuthenticated(_), Identity::Nobody) => {
                CliError::NotAuthenticated(format!("not logged in to {}: run `commandcenter login`", self.server))
            }
            (CliError::NotAuthenticated(_), Identity::Kept(_)) => {
                CliError::NotAuthenticated(format!("the session at {} has ended: run `commandcenter login`", self.server))
            }
            (CliError::NotAuthenticated(text), Identity::Given(_)) => {
                CliError::NotAuthenticated(format!("{} does not accept the token: {text}", self.server))
            }
            (other, _) => other,
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> CliError {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        CliError::Unreachable(format!("{} cannot be reached: {cause}", self.server))
    }
}
