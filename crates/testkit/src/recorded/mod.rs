//! A host that answers like GitHub: recorded traffic is replayed, and small repositories are played in answers built from the examples
//! of GitHub's API description. It can be made to fail in every way that matters.

mod fault;
mod fixtures;
mod route;
mod script;
mod shape;
mod state;
mod texts;

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub use fault::Fault;
pub use script::{Script, ScriptFile};
pub use state::Seen;
use state::State;
pub use texts::{empty, handbook, hello_world, huge};

/// A running host. Stops when dropped.
pub struct RecordedGitHub {
    server: MockServer,
    shared: Shared,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Respond for Shared {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        route::answer(&mut self.lock(), request)
    }
}

impl RecordedGitHub {
    /// On a port of its own, with the usual repositories: `octocat/Hello-World`, `octo-org/handbook`, `octocat/empty`, `octocat/huge`.
    pub async fn start() -> Self {
        Self::playing(vec![hello_world(), handbook(), empty(), huge()]).await
    }

    /// On a port of its own, with these repositories.
    pub async fn playing(scripts: Vec<Script>) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), scripts).await
    }

    /// On a listener, with these repositories.
    pub async fn listen(listener: TcpListener, scripts: Vec<Script>) -> Self {
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared(Arc::new(Mutex::new(State { base, scripts, remaining: 5000, ..State::default() })));
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        Mock::given(any()).respond_with(shared.clone()).mount(&server).await;
        Self { server, shared }
    }

    /// Also answers what was recorded in these scenarios.
    #[must_use]
    pub fn replaying(self, scenarios: &[&str]) -> Self {
        self.shared.lock().exchanges.extend(scenarios.iter().flat_map(|name| fixtures::scenario(name)));
        self
    }

    /// Its base URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// Shows the commits of every repository's next stage.
    pub fn advance(&self) {
        self.shared.lock().scripts.iter_mut().for_each(Script::advance);
    }

    /// Fails whatever is asked.
    pub fn fail(&self, fault: Fault) {
        self.fail_on("", fault);
    }

    /// Fails what has this in its path.
    pub fn fail_on(&self, part: &str, fault: Fault) {
        self.shared.lock().faults.push(fault::Struck { part: part.to_owned(), fault });
    }

    /// Fails no more.
    pub fn recover(&self) {
        self.shared.lock().faults.clear();
    }

    /// Lets every answer wait.
    pub fn delay(&self, delay: Duration) {
        self.shared.lock().delay = delay;
    }

    /// Renames a repository: its old name leads to the new one.
    pub fn rename(&self, old: (&str, &str), new: (&str, &str)) {
        let mut state = self.shared.lock();
        let script =
            state.scripts.iter_mut().find(|script| (script.owner.as_str(), script.name.as_str()) == old).expect("the repository is played");
        (script.owner, script.name) = (new.0.to_owned(), new.1.to_owned());
        let id = script.id;
        state.renamed.push((format!("{}/{}", old.0, old.1), id));
    }

    /// What was asked since the last time.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.lock().requests)
    }
}
