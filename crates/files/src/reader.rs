//! Reading, in parts.

use std::path::Path;

use async_trait::async_trait;
use commandcenter_domain::research::{FileError, FileReader};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use crate::sort;

/// Bytes of a part.
const PART: usize = 64 * 1024;

/// A file being read.
pub(crate) struct DiskReader(File);

impl DiskReader {
    pub(crate) async fn open(path: &Path) -> Result<Self, FileError> {
        Ok(Self(File::open(path).await.map_err(sort)?))
    }
}

#[async_trait]
impl FileReader for DiskReader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let mut part = vec![0; PART];
        let read = self.0.read(&mut part).await.map_err(sort)?;
        part.truncate(read);
        Ok((read > 0).then_some(part))
    }
}
