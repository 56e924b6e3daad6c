//! Where attached files lie: a port over a folder, or whatever else keeps bytes.

use async_trait::async_trait;

use crate::shared::{Checker, Invalid, Limits, ProjectId};

/// Most bytes of an attached file: 50 MiB.
pub const MAX_FILE: u64 = 50 * 1024 * 1024;

/// Names a stored file. Made by the store, never from what a client said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

impl FileKey {
    /// A key as a store made it or the database kept it.
    #[must_use]
    pub const fn stored(key: String) -> Self {
        Self(key)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a client says of a file it sends. **Invariant:** the name is one line of 1 to 255 characters without path separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
}

impl Upload {
    /// Checks a client's words. Of a name with folders the last part counts, as browsers on Windows once sent whole paths.
    ///
    /// # Errors
    /// [`Invalid`] on `file`.
    pub fn parse(filename: Option<&str>, content_type: Option<&str>) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let name = filename.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
        let filename = check.line("file", name, Limits { min: 1, max: 255 });
        if filename == "." || filename == ".." {
            check.note("file", "invalid_name", "must have a file name");
        }
        let content_type = check.line("file", content_type.unwrap_or("application/octet-stream"), Limits { min: 1, max: 255 });
        check.finish(Self { filename, content_type })
    }
}

/// Why a file was not stored or found.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More bytes than [`MAX_FILE`].
    #[error("the file is larger than {} MiB", MAX_FILE / 1024 / 1024)]
    TooLarge,
    /// It is not there although it should be.
    #[error("the stored file is missing")]
    Missing,
    /// The disk is full.
    #[error("the disk for files is full")]
    Full(#[source] std::io::Error),
    /// Anything else the disk says.
    #[error("the file store failed")]
    Broken(#[source] std::io::Error),
}

/// A file that was written whole and safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub key: FileKey,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A file being written. Dropped before [`FileWriter::finish`], nothing of it remains.
#[async_trait]
pub trait FileWriter: Send {
    /// Appends bytes. [`FileError::TooLarge`] once there are too many.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError>;
    /// Makes the file durable under its key.
    async fn finish(self: Box<Self>) -> Result<WrittenFile, FileError>;
}

/// A file being read.
#[async_trait]
pub trait FileReader: Send {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError>;
}

/// Keeps attached files.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Begins a file of a project.
    async fn create(&self, project: ProjectId) -> Result<Box<dyn FileWriter>, FileError>;
    /// Opens a file.
    async fn open(&self, key: &FileKey) -> Result<Box<dyn FileReader>, FileError>;
    /// Removes a file; one that is not there is as good as removed.
    async fn remove(&self, key: &FileKey) -> Result<(), FileError>;
    /// Keys of files older than an hour: those young may belong to a transaction that is still open.
    async fn settled(&self) -> Result<Vec<FileKey>, FileError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_holds_a_path() {
        assert_eq!(Upload::parse(Some("../../etc/passwd"), None).unwrap().filename, "passwd");
        assert_eq!(Upload::parse(Some("C:\\notes\\a.txt"), None).unwrap().filename, "a.txt");
        for name in [None, Some(""), Some(".."), Some("a/"), Some("a\0b"), Some("a\r\nb")] {
            assert!(Upload::parse(name, None).is_err(), "{name:?}");
        }
    }
}
