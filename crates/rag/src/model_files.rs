//! The files of the embedding model, by name and content.

/// A file that the model folder must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelFile {
    /// Its name in the folder.
    pub name: &'static str,
    /// The SHA-256 of the build that this release was measured with, in hex. Whoever fetches the file checks it.
    pub sha256: &'static str,
}

/// What a complete model folder holds: the int8 network and its tokenizer.
pub const MODEL_FILES: [ModelFile; 2] = [
    ModelFile { name: "model.onnx", sha256: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6" },
    ModelFile { name: "tokenizer.json", sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037" },
];
