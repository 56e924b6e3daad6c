//! What speaks the dialects of language models and is not ours, in a Python of its own: the official clients of OpenAI and Anthropic, and a third
//! party's mock of the providers.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, note, run};
use crate::workspace::{is_ci, target};

const PACKAGES: [&str; 3] = ["openai==3.54.0", "anthropic==2.12.0", "llmock==0.2.2"];
/// Written last: a folder that has it is whole, and has these versions.
const DONE: &str = "installed-for";

/// The folder of the Python; `None` where it cannot be made and a developer may go on without.
pub(crate) fn find() -> Result<Option<PathBuf>, Failure> {
    let folder = target().join("clients");
    if std::fs::read_to_string(folder.join(DONE)).is_ok_and(|installed| installed == PACKAGES.join(" ")) {
        return Ok(Some(folder));
    }
    match install(&folder) {
        Ok(()) => Ok(Some(folder)),
        Err(failure) if is_ci() => Err(failure),
        Err(failure) => {
            note(format_args!("{failure}"));
            note("the tests with the official clients of language models are left out; CI does not leave them out");
            Ok(None)
        }
    }
}

fn install(folder: &Path) -> Result<(), Failure> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    run(Command::new(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES))?;
    std::fs::write(folder.join(DONE), PACKAGES.join(" ")).map_err(|e| Failure::of(folder.display(), e))
}
