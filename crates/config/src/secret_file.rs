//! The secret key that lives in the data directory.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::secret::Secret;

/// Where the key of a data directory is.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("secret.key")
}

/// Reads the key; `None` when there is none.
pub(crate) fn read(data_dir: &Path) -> Result<Option<Secret>, ConfigError> {
    let path = path(data_dir);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Secret::new(text.trim()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::file(&path, format!("cannot be read: {error}"))),
    }
}

/// Reads the key, or makes one of 32 random bytes.
pub(crate) fn read_or_make(data_dir: &Path) -> Result<Secret, ConfigError> {
    if let Some(key) = read(data_dir)? {
        return Ok(key);
    }
    make(data_dir).map_err(|e| ConfigError::file(&path(data_dir), format!("cannot be written: {e}")))?;
    read(data_dir)?.ok_or_else(|| ConfigError::file(&path(data_dir), "vanished while it was being made"))
}

/// Two processes may start at once: the key is written whole under another name and linked, which only one of them can do.
fn make(data_dir: &Path) -> io::Result<()> {
    fs::create_dir_all(data_dir)?;
    let draft = data_dir.join(format!("secret.key.{}.tmp", std::process::id()));
    let _ = fs::remove_file(&draft);
    let written = write_private(&draft).and_then(|()| fs::hard_link(&draft, path(data_dir)));
    let _ = fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn write_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", hex::encode(rand::random::<[u8; 32]>()))?;
    file.sync_all()
}
