//! Traffic that was recorded from GitHub and the examples of its API description, from the packages that publish them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

/// The folder that the packages are installed in: `COMMANDCENTER_TEST_FIXTURES`, else the one beside the tests.
fn folder() -> PathBuf {
    let default = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures-server/node_modules"));
    std::env::var_os("COMMANDCENTER_TEST_FIXTURES").map_or_else(default, PathBuf::from)
}

fn read(path: &str) -> Vec<u8> {
    let path = folder().join(path);
    std::fs::read(&path)
        .unwrap_or_else(|err| panic!("{}: {err}; install the recorded traffic with `npm ci` in tests/fixtures-server", path.display()))
}

/// The examples that answers are built from. The description has thirteen megabytes: everything else is skipped while reading.
#[derive(Debug, Deserialize)]
pub(super) struct Examples {
    #[serde(rename = "full-repository-default-response")]
    pub(super) repository: Example,
    #[serde(rename = "commit-items")]
    pub(super) commits: Example,
    #[serde(rename = "commit-comparison")]
    pub(super) comparison: Example,
    #[serde(rename = "release-items")]
    pub(super) releases: Example,
    #[serde(rename = "git-tree-default-response")]
    pub(super) tree: Example,
    #[serde(rename = "blob")]
    pub(super) blob: Example,
    #[serde(rename = "rate-limit-overview")]
    pub(super) rate_limit: Example,
}

/// One example.
#[derive(Debug, Deserialize)]
pub(super) struct Example {
    pub(super) value: Value,
}

#[derive(Deserialize)]
struct Description {
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    examples: Examples,
}

/// The examples of the API description, read once per process.
pub(super) fn examples() -> &'static Examples {
    static EXAMPLES: OnceLock<Examples> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let text = read("@octokit/openapi/generated/api.github.com.json");
        serde_json::from_slice::<Description>(&text).expect("the API description has its examples").components.examples
    })
}

/// One recorded exchange.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) response: Value,
    pub(super) headers: BTreeMap<String, Value>,
}

/// The exchanges of a recorded scenario, in order.
pub(super) fn scenario(name: &str) -> Vec<Exchange> {
    let text = read(&format!("@octokit/fixtures/scenarios/api.github.com/{name}/normalized-fixture.json"));
    serde_json::from_slice(&text).expect("a scenario is a list of exchanges")
}
