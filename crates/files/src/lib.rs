//! Attached files in a folder, `<root>/<project>/<uuid>`. A file appears under its key only once all its bytes are on the disk.

mod reader;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::research::{FileError, FileKey, FileReader, FileStore, FileWriter, MAX_FILE};
use commandcenter_domain::shared::ProjectId;
use uuid::Uuid;

use crate::reader::DiskReader;
use crate::writer::DiskWriter;

/// Files this young may belong to a transaction that is still open.
const SETTLED: Duration = Duration::from_hours(1);

/// The folder that files are kept in.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
    most: u64,
}

impl DiskFiles {
    /// Files under `root`, which is made when the first one comes.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root, most: MAX_FILE }
    }

    /// The same folder for files of at most `most` bytes.
    #[must_use]
    pub fn up_to(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// Where a key's bytes are; `None` for a key that this store never made, and that could lead out of the folder.
    fn path(&self, key: &FileKey) -> Option<PathBuf> {
        let (project, name) = key.as_str().split_once('/')?;
        let project: i64 = project.parse().ok()?;
        let name = Uuid::parse_str(name).ok()?;
        Some(self.root.join(project.to_string()).join(name.to_string()))
    }
}

#[async_trait]
impl FileStore for DiskFiles {
    async fn create(&self, project: ProjectId) -> Result<Box<dyn FileWriter>, FileError> {
        let folder = self.root.join(project.to_string());
        tokio::fs::create_dir_all(&folder).await.map_err(sort)?;
        let name = Uuid::new_v4().to_string();
        let key = FileKey::stored(format!("{project}/{name}"));
        Ok(Box::new(DiskWriter::create(folder, &name, (key, self.most)).await?))
    }

    async fn open(&self, key: &FileKey) -> Result<Box<dyn FileReader>, FileError> {
        let path = self.path(key).ok_or(FileError::Missing)?;
        Ok(Box::new(DiskReader::open(&path).await?))
    }

    async fn remove(&self, key: &FileKey) -> Result<(), FileError> {
        let Some(path) = self.path(key) else { return Ok(()) };
        match tokio::fs::remove_file(path).await {
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(sort),
        }
    }

    async fn settled(&self) -> Result<Vec<FileKey>, FileError> {
        let root = self.root.clone();
        let walked = tokio::task::spawn_blocking(move || settled(&root)).await;
        walked.map_err(|err| FileError::Broken(io::Error::other(err)))?.map_err(sort)
    }
}

fn settled(root: &Path) -> io::Result<Vec<FileKey>> {
    let mut keys = Vec::new();
    let projects = match std::fs::read_dir(root) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(keys),
        projects => projects?,
    };
    for project in projects {
        let project = project?;
        if !project.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(project.path())? {
            let file = file?;
            let is_old = file.metadata()?.modified()?.elapsed().is_ok_and(|age| age > SETTLED);
            let (folder, name) = (project.file_name(), file.file_name());
            let name = name.to_string_lossy();
            if is_old && name.ends_with(writer::PART) {
                // What a process that died left of an upload.
                std::fs::remove_file(file.path())?;
            } else if is_old {
                keys.push(FileKey::stored(format!("{}/{name}", folder.to_string_lossy())));
            }
        }
    }
    Ok(keys)
}

/// Sorts what the disk says.
fn sort(err: io::Error) -> FileError {
    match err.kind() {
        io::ErrorKind::NotFound => FileError::Missing,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileError::Full(err),
        _ => FileError::Broken(err),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(store: &DiskFiles, key: &FileKey) -> Vec<u8> {
        let mut reader = store.open(key).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(part) = reader.next().await.unwrap() {
            bytes.extend(part);
        }
        bytes
    }

    fn names(root: &Path) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(root.join("7")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    #[tokio::test]
    async fn a_file_comes_back_as_it_was_written_with_its_digest() {
        let root = tempfile::tempdir().unwrap();
        let store = DiskFiles::new(root.path().to_owned());
        let mut writer = store.create(ProjectId::new(7)).await.unwrap();
        writer.write(b"ab").await.unwrap();
        writer.write(b"c").await.unwrap();
        let written = writer.finish().await.unwrap();
        assert_eq!(written.size, 3);
        assert_eq!(written.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(read(&store, &written.key).await, b"abc");
        store.remove(&written.key).await.unwrap();
        store.remove(&written.key).await.unwrap();
        assert!(matches!(store.open(&written.key).await, Err(FileError::Missing)));
    }

    #[tokio::test]
    async fn nothing_remains_of_a_file_that_was_not_finished_or_grew_too_large() {
        let root = tempfile::tempdir().unwrap();
        let store = DiskFiles::new(root.path().to_owned());
        let mut dropped = store.create(ProjectId::new(7)).await.unwrap();
        dropped.write(b"half").await.unwrap();
        drop(dropped);
        let mut large = store.create(ProjectId::new(7)).await.unwrap();
        let block = vec![0; 1024 * 1024];
        for _ in 0..MAX_FILE / 1024 / 1024 {
            large.write(&block).await.unwrap();
        }
        assert!(matches!(large.write(b"x").await, Err(FileError::TooLarge)));
        drop(large);
        assert_eq!(names(root.path()), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_key_never_leads_out_of_the_folder() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("secret"), "x").unwrap();
        let store = DiskFiles::new(root.path().join("files"));
        for key in ["../secret", "7/../../secret", "secret", "7/secret", "/etc/passwd"] {
            let opened = store.open(&FileKey::stored(key.to_owned())).await;
            assert!(matches!(opened, Err(FileError::Missing)), "{key}");
        }
    }

    #[tokio::test]
    async fn only_old_files_are_settled_and_what_a_dead_upload_left_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let store = DiskFiles::new(root.path().to_owned());
        assert_eq!(store.settled().await.unwrap(), []);
        let young = store.create(ProjectId::new(7)).await.unwrap().finish().await.unwrap();
        let old = store.create(ProjectId::new(7)).await.unwrap().finish().await.unwrap();
        let dead = root.path().join("7").join(format!("dead{}", writer::PART));
        std::fs::write(&dead, "half").unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        for path in [store.path(&old.key).unwrap(), dead.clone()] {
            std::fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
        }
        assert_eq!(store.settled().await.unwrap(), std::slice::from_ref(&old.key));
        assert!(!dead.exists() && store.open(&young.key).await.is_ok());
    }
}
