//! Real office documents, PDFs and notebooks for the parsers: those that Python libraries bring for their own tests, and some that the usual
//! libraries write; beside each what those libraries find in it. Nothing of it is ever committed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, note, run};
use crate::tools;
use crate::workspace::{root, target};

/// Source packages with documents among their tests, each with the version it is known in.
const SOURCES: [&str; 4] = ["pypdf==7.1.0", "python-docx==1.2.0", "python-pptx==1.0.2", "nbformat==5.11.1"];
/// What reads and writes documents in Python.
const LIBRARIES: [&str; 5] = ["pypdf==7.1.0", "python-docx==1.2.0", "python-pptx==1.0.2", "nbformat==5.11.1", "openpyxl==3.1.5"];
/// Written last: a folder that has it is whole.
const DONE: &str = "complete";

/// The folder of samples; `None` where Python cannot bring them, which a test over them says, too.
pub(crate) fn find() -> Option<PathBuf> {
    let folder = target().join("samples");
    if folder.join(DONE).is_file() {
        return Some(folder.join("files"));
    }
    match make(&folder) {
        Ok(files) => Some(files),
        Err(reason) => {
            note(format_args!("no real documents for the parsers: {reason}"));
            None
        }
    }
}

fn make(folder: &Path) -> Result<PathBuf, Failure> {
    let (files, sources, python) = (folder.join("files"), folder.join("sources"), folder.join("python"));
    for folder in [&files, &sources] {
        std::fs::create_dir_all(folder).map_err(|err| Failure::new(format!("{}: {err}", folder.display())))?;
    }
    let mut pip = tools::pip()?;
    pip.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=:all:", "--dest"]).arg(&sources);
    run(pip.args(SOURCES))?;
    let unpack =
        // No package holds every kind, and tar takes a pattern that it does not find for a failure.
        "for package in \"$1\"/*.tar.gz; do for kind in pdf docx pptx ipynb; do \
         tar xzf \"$package\" -C \"$2\" --wildcards \"*.$kind\" 2>/dev/null; done; done; test -n \"$(ls -A \"$2\")\"";
    run(Command::new("sh").args(["-c", unpack, "sh"]).arg(&sources).arg(&files))?;
    run(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
    let python = python.join("bin/python");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(LIBRARIES))?;
    let scripts = root().join("tests/samples");
    run(Command::new(&python).arg(scripts.join("sheets.py")).arg(files.join("made")))?;
    run(Command::new(&python).arg(scripts.join("words.py")).arg(&files))?;
    std::fs::write(folder.join(DONE), "").map_err(|err| Failure::new(format!("{}: {err}", folder.display())))?;
    Ok(files)
}
