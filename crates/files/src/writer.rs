//! Writing: into a file beside the final one, synchronised and renamed at the end.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use commandcenter_domain::research::{FileError, FileKey, FileWriter, WrittenFile};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use crate::sort;

/// Ending of files that are being written.
pub(crate) const PART: &str = ".part";

/// A file being written.
pub(crate) struct DiskWriter {
    file: File,
    part: Part,
    folder: PathBuf,
    target: PathBuf,
    key: FileKey,
    size: u64,
    most: u64,
    digest: Sha256,
}

/// The unfinished file: removed when dropped, unless it was renamed away.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // There is nobody to tell; what stays is swept up later.
        drop(std::fs::remove_file(&self.0));
    }
}

impl DiskWriter {
    pub(crate) async fn create(folder: PathBuf, name: &str, (key, most): (FileKey, u64)) -> Result<Self, FileError> {
        let part = Part(folder.join(format!("{name}{PART}")));
        let file = File::options().write(true).create_new(true).open(&part.0).await.map_err(sort)?;
        let target = folder.join(name);
        Ok(Self { file, part, folder, target, key, size: 0, most, digest: Sha256::new() })
    }
}

#[async_trait]
impl FileWriter for DiskWriter {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.size.saturating_add(more) > self.most {
            return Err(FileError::TooLarge);
        }
        self.file.write_all(bytes).await.map_err(sort)?;
        self.digest.update(bytes);
        self.size += more;
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<WrittenFile, FileError> {
        let Self { mut file, part, folder, target, key, size, digest, most: _ } = *self;
        file.flush().await.map_err(sort)?;
        file.sync_all().await.map_err(sort)?;
        tokio::fs::rename(&part.0, &target).await.map_err(sort)?;
        sync_folder(&folder).await?;
        Ok(WrittenFile { key, size, sha256: hex::encode(digest.finalize()) })
    }
}

/// A rename is durable once its folder is.
async fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).await.map_err(sort)?.sync_all().await.map_err(sort)
}
