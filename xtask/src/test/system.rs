//! What tests need of the operating system: real documents, and a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, note, run, succeeds};
use crate::tools;
use crate::workspace::is_ci;

/// Where Debian's `python3-doc` puts its pages, newest packaging first.
const DOCUMENTS: [&str; 2] = ["/usr/share/doc/python3-doc/html", "/usr/share/doc/python3/html"];

/// The folder of a real documentation set.
pub(crate) fn documents() -> Result<Option<PathBuf>, Failure> {
    let find = || DOCUMENTS.iter().map(Path::new).find(|folder| folder.join("index.html").exists()).map(Path::to_owned);
    provide(find, "python3-doc", "the tests over real documents are left out")
}

/// A Chromium for the test of the dashboard.
pub(crate) fn chromium() -> Result<Option<String>, Failure> {
    let find = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| tools::has(name)).map(str::to_owned);
    provide(find, "chromium", "the test in a browser is left out")
}

/// Finds something; when it is not there, installs its package where we may. CI does not go on without it.
fn provide<T>(find: impl Fn() -> Option<T>, package: &str, otherwise: &str) -> Result<Option<T>, Failure> {
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    note(format_args!("{package} is not installed"));
    if is_root() && tools::has("apt-get") {
        run(Command::new("apt-get").args(["update", "-qq"]))?;
        let mut install = Command::new("apt-get");
        run(install.args(["install", "-y", "-qq", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive"))?;
        if let Some(found) = find() {
            return Ok(Some(found));
        }
    }
    if is_ci() {
        return Err(Failure::new(format!("{package} is needed and could not be installed")));
    }
    note(format_args!("{otherwise}; `apt-get install {package}` brings it"));
    Ok(None)
}

/// Whether we may install packages.
pub(crate) fn is_root() -> bool {
    succeeds(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0"]))
}
