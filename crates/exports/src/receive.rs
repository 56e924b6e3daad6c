//! An archive on its way in: to the disk as it comes.

use std::io::{Seek, Write};
use std::path::Path;

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ArchiveError, ArchiveReceiving, OpenArchive};

use crate::open::ZipOpen;
use crate::{beside, disk};

/// A file without a name: whatever happens to this process, nothing of it remains.
pub(crate) struct ZipReceiving {
    file: Option<std::fs::File>,
    left: u64,
    most: u64,
}

impl ZipReceiving {
    pub(crate) async fn begin(folder: &Path, most: u64) -> Result<Self, ArchiveError> {
        let folder = folder.to_owned();
        let file = beside(move || {
            std::fs::create_dir_all(&folder).map_err(disk)?;
            tempfile::tempfile_in(&folder).map_err(disk)
        })
        .await?;
        Ok(Self { file: Some(file), left: most, most })
    }

    fn file(&mut self) -> Result<std::fs::File, ArchiveError> {
        self.file.take().ok_or_else(|| ArchiveError::Broken("an archive whose writing failed is not written on".into()))
    }
}

#[async_trait]
impl ArchiveReceiving for ZipReceiving {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(more).ok_or(ArchiveError::TooLarge(self.most))?;
        let (mut file, bytes) = (self.file()?, bytes.to_vec());
        let written = beside(move || file.write_all(&bytes).map(|()| file).map_err(disk)).await?;
        self.file = Some(written);
        Ok(())
    }

    async fn open(mut self: Box<Self>) -> Result<Box<dyn OpenArchive>, ArchiveError> {
        let mut file = self.file()?;
        let open = beside(move || {
            file.rewind().map_err(disk)?;
            ZipOpen::check(file)
        })
        .await?;
        Ok(Box::new(open))
    }
}
