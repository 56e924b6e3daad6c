//! What an archive says of itself.

use std::collections::BTreeMap;

use commandcenter_domain::knowledge::{ArchiveError, ArchiveHeader};
use serde::{Deserialize, Serialize};

/// The name of the manifest's file.
pub(crate) const NAME: &str = "manifest.json";
const FORMAT: &str = "commandcenter-knowledge";
const VERSION: u32 = 1;

/// The last file of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: String,
    version: u32,
    #[serde(flatten)]
    pub(crate) header: ArchiveHeader,
    pub(crate) documents: usize,
    pub(crate) passages: usize,
    /// The SHA-256 of every other file, in hex.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    pub(crate) fn new(header: ArchiveHeader) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, header, documents: 0, passages: 0, files: BTreeMap::new() }
    }

    pub(crate) fn read(text: &[u8]) -> Result<Self, ArchiveError> {
        let manifest: Self = serde_json::from_slice(text).map_err(|err| ArchiveError::Unsound(format!("{NAME} cannot be read: {err}")))?;
        if manifest.format != FORMAT {
            return Err(ArchiveError::Unsound("this is not an archive of a knowledge base".to_owned()));
        }
        if manifest.version != VERSION {
            let version = manifest.version;
            return Err(ArchiveError::Unsound(format!("the archive has format {version}, this version reads {VERSION}")));
        }
        Ok(manifest)
    }
}

/// The file of a document, counted from 1.
pub(crate) fn document(number: usize) -> String {
    format!("documents/{number:06}.json")
}

/// The file of its vectors.
pub(crate) fn vectors(number: usize) -> String {
    format!("vectors/{number:06}.f32")
}
