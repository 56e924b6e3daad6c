//! Putting a file into the model's folder: whole and checked, or not at all.

use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::model::ModelFile;

/// A file on its way: written beside its place, hashed as it comes, and moved there when it is the pinned one.
pub(crate) struct Draft<'a> {
    file: &'a ModelFile,
    place: NamedTempFile,
    hasher: Sha256,
    written: u64,
}

impl<'a> Draft<'a> {
    /// Starts a file in a folder.
    pub(crate) fn new(file: &'a ModelFile, directory: &Path) -> io::Result<Self> {
        let place = tempfile::Builder::new().prefix(".fetch-").tempfile_in(directory)?;
        Ok(Self { file, place, hasher: Sha256::new(), written: 0 })
    }

    /// Adds what came next. More than the pinned file has is refused at once.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.written += bytes.len() as u64;
        if self.written > self.file.size {
            return Err(format!("longer than the pinned file's {} bytes", self.file.size));
        }
        self.hasher.update(bytes);
        self.place.write_all(bytes).map_err(|e| format!("{}: {e}", self.place.path().display()))
    }

    /// Checks the digest and moves the file to its place in `directory`.
    pub(crate) fn finish(self, directory: &Path) -> Result<(), String> {
        let Self { file, place: draft, hasher, written } = self;
        let sha256 = hex::encode(hasher.finalize());
        if written != file.size || sha256 != file.sha256 {
            return Err(format!("not the pinned file: {written} bytes with SHA-256 {sha256}"));
        }
        let place = directory.join(file.name);
        readable(&draft).and_then(|()| draft.as_file().sync_all()).map_err(|e| e.to_string())?;
        draft.persist(&place).map(drop).map_err(|e| format!("{}: {}", place.display(), e.error))
    }
}

/// Temporary files are private; a model may be fetched by one user for a server that runs as another.
fn readable(draft: &NamedTempFile) -> io::Result<()> {
    #[cfg(unix)]
    draft.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: ModelFile = ModelFile {
        name: "model.onnx",
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        hub_path: "",
        package: "",
        member: "",
    };

    #[test]
    fn only_the_pinned_file_gets_to_its_place() {
        let dir = tempfile::tempdir().unwrap();
        for (text, fits) in [("abd", false), ("ab", false), ("abcd", false), ("abc", true)] {
            let mut draft = Draft::new(&FILE, dir.path()).unwrap();
            let done = draft.write(text.as_bytes()).and_then(|()| draft.finish(dir.path()));
            assert_eq!(done.is_ok(), fits, "{text}: {done:?}");
            assert_eq!(dir.path().join("model.onnx").exists(), fits);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(FILE.is_at(&dir.path().join("model.onnx")).unwrap());
    }
}
