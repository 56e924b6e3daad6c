//! Archives that a project's data is taken elsewhere in, and brought back from.
//!
//! An archive of a knowledge base is a ZIP: `documents/000001.json` for each document with its text and passages, `vectors/000001.f32` beside it
//! (one row of little-endian `f32` for each passage that has one, in order), and last `manifest.json` with the SHA-256 of each of them. It is
//! written as it is read, a document at a time; it is believed only after all of it was checked.

mod manifest;
mod open;
mod pack;
mod receive;

use std::path::PathBuf;

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ArchiveError, ArchiveHeader, ArchiveReceiving, Archives, Packing};

/// Writes and reads ZIP archives; those that come in lie in a folder of its own until they are taken in.
#[derive(Debug, Clone)]
pub struct ZipArchives {
    folder: PathBuf,
    most: u64,
}

impl ZipArchives {
    /// Keeps what comes in below `folder`, at most `most` bytes each.
    #[must_use]
    pub const fn new(folder: PathBuf, most: u64) -> Self {
        Self { folder, most }
    }
}

#[async_trait]
impl Archives for ZipArchives {
    fn pack(&self, header: ArchiveHeader) -> Box<dyn Packing> {
        Box::new(pack::ZipPacking::new(header))
    }

    async fn receive(&self) -> Result<Box<dyn ArchiveReceiving>, ArchiveError> {
        Ok(Box::new(receive::ZipReceiving::begin(&self.folder, self.most).await?))
    }
}

/// What the disk says, as far as a caller can do something about it.
fn disk(err: std::io::Error) -> ArchiveError {
    match err.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ArchiveError::Full(err),
        _ => ArchiveError::Broken(err.into()),
    }
}

/// Runs what reads or computes for long beside the threads that serve requests.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static) -> Result<T, ArchiveError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|err| Err(ArchiveError::Broken(err.into())))
}
