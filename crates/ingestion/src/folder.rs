//! A folder of the server, walked within bounds: inside the allowed roots, never through a symbolic link.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use commandcenter_domain::source::{
    Body, Content, FolderSettings, Lead, Listed, Listing, Page, Read, ReadFailure, SourceSession, Validators,
};
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder};

/// Most bytes of a file.
const LIMIT: u64 = 50 * 1024 * 1024;
/// Folders within folders.
const DEEPEST: usize = 32;
/// Entries that are looked at.
const MOST_LOOKED_AT: usize = 200_000;
/// Endings of files that are read when nobody names any.
const USUAL: &[&str] =
    &["md", "markdown", "mdx", "txt", "text", "rst", "rest", "html", "htm", "xhtml", "pdf", "docx", "pptx", "xlsx", "csv", "json", "ipynb"];

/// A folder that is being read.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    settings: FolderSettings,
}

impl Folder {
    /// Opens a folder below one of the roots.
    pub(crate) fn open(path: &str, roots: &[PathBuf], settings: FolderSettings) -> Result<Self, ReadFailure> {
        let root = Path::new(path).canonicalize().map_err(|err| ReadFailure::Disk(format!("the folder {path} cannot be opened: {err}")))?;
        if !is_below(&root, roots) {
            return Err(ReadFailure::OutsideRoots);
        }
        if !root.is_dir() {
            return Err(ReadFailure::Disk(format!("{path} is not a folder")));
        }
        Ok(Self { root, settings })
    }

    fn walk(root: &Path, settings: &FolderSettings) -> Result<Listing, ReadFailure> {
        let mut walk = WalkBuilder::new(root);
        walk.standard_filters(false).hidden(true).follow_links(false).max_depth(Some(DEEPEST)).overrides(globs(root, settings)?);
        walk.sort_by_file_path(Path::cmp);
        let (mut keys, mut notes, mut looked_at) = (Vec::new(), Vec::new(), 0_usize);
        for entry in walk.build().skip(1) {
            looked_at += 1;
            if keys.len() >= settings.max_files || looked_at > MOST_LOOKED_AT {
                notes.push(format!("the folder has more than {} files: the first of them were taken", keys.len()));
                return Ok(listing(keys, notes, false));
            }
            match entry {
                Ok(entry) => keys.extend(key(root, &entry, settings)),
                Err(err) => notes.push(format!("left out: {err}")),
            }
        }
        notes.truncate(20);
        Ok(listing(keys, notes, true))
    }

    fn read_file(root: &Path, key: &str, known: &Validators) -> Result<Read, ReadFailure> {
        let disk = |err: std::io::Error| ReadFailure::Disk(format!("it cannot be read: {err}"));
        let path = root.join(key);
        let file = match path.symlink_metadata() {
            Ok(file) => file,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound && root.is_dir() => {
                return Ok(Read::Gone("the file is gone".to_owned()));
            }
            Err(err) => return Err(disk(err)),
        };
        // A folder on the way may have become a link since the walk.
        if !file.is_file() || !path.canonicalize().map_err(disk)?.starts_with(root) {
            return Ok(Read::Skipped("it is a link or no file".to_owned()));
        }
        if file.len() > LIMIT {
            return Err(ReadFailure::TooLarge(LIMIT));
        }
        let validators = Validators { etag: Some(fingerprint(&file)), last_modified: None };
        if validators == *known {
            return Ok(Read::Unchanged);
        }
        let bytes = std::fs::read(&path).map_err(disk)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let content = Content { name, title: None, url: None, bytes };
        Ok(Read::Page(Page { content, validators, links: Vec::new(), moved_to: None }))
    }
}

#[async_trait]
impl SourceSession for Folder {
    async fn list(&self, _: &Validators) -> Result<Listed, ReadFailure> {
        let (root, settings) = (self.root.clone(), self.settings.clone());
        blocking(move || Self::walk(&root, &settings)).await.map(Listed::Fresh)
    }

    async fn read(&self, key: &str, known: &Validators) -> Result<Read, ReadFailure> {
        let (root, key, known) = (self.root.clone(), key.to_owned(), known.clone());
        blocking(move || Self::read_file(&root, &key, &known)).await
    }
}

/// Whether a path is below one of the roots, links resolved on both sides.
pub(crate) fn is_below(path: &Path, roots: &[PathBuf]) -> bool {
    roots.iter().filter_map(|root| root.canonicalize().ok()).any(|root| path.starts_with(root))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, ReadFailure> + Send + 'static) -> Result<T, ReadFailure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(ReadFailure::Disk("the walk was broken off".to_owned())))
}

fn globs(root: &Path, settings: &FolderSettings) -> Result<Override, ReadFailure> {
    let mut globs = OverrideBuilder::new(root);
    let wrong = |err: ignore::Error| ReadFailure::Format(format!("a pattern cannot be read: {err}"));
    for pattern in &settings.patterns {
        globs.add(pattern.trim_start_matches('!')).map_err(wrong)?;
    }
    for pattern in &settings.exclude {
        globs.add(&format!("!{}", pattern.trim_start_matches('!'))).map_err(wrong)?;
    }
    globs.build().map_err(wrong)
}

/// The path of a file that is read, within the folder.
fn key(root: &Path, entry: &DirEntry, settings: &FolderSettings) -> Option<String> {
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    let ending = entry.path().extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let is_wanted = !settings.patterns.is_empty() || ending.is_some_and(|ending| USUAL.contains(&ending.as_str()));
    let path = entry.path().strip_prefix(root).ok()?.to_str()?;
    (is_file && is_wanted && path.len() <= 1024).then(|| path.to_owned())
}

fn listing(keys: Vec<String>, notes: Vec<String>, is_complete: bool) -> Listing {
    let leads = keys.into_iter().map(|key| Lead { key, body: Body::Remote, depth: 0 }).collect();
    Listing { leads, notes, is_complete, ..Listing::default() }
}

/// What changes when a file does.
fn fingerprint(file: &Metadata) -> String {
    let changed = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{}-{}", file.len(), changed.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn settings(patterns: &[&str], exclude: &[&str]) -> FolderSettings {
        let owned = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect();
        FolderSettings { patterns: owned(patterns), exclude: owned(exclude), max_files: 100 }
    }

    fn keys(root: &Path, settings: &FolderSettings) -> Vec<String> {
        Folder::walk(root, settings).unwrap().leads.into_iter().map(|lead| lead.key).collect()
    }

    #[test]
    fn a_walk_takes_what_is_wanted_and_follows_no_link() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path().canonicalize().unwrap();
        write(outside.path(), "secret.md", "secret");
        for name in ["a.md", "sub/b.txt", "sub/c.bin", ".hidden/d.md", "drafts/e.md"] {
            write(&root, name, "text");
        }
        std::os::unix::fs::symlink(outside.path(), root.join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.md"), root.join("linked.md")).unwrap();
        std::os::unix::fs::symlink(&root, root.join("loop")).unwrap();
        assert_eq!(keys(&root, &settings(&[], &[])), ["a.md", "drafts/e.md", "sub/b.txt"]);
        assert_eq!(keys(&root, &settings(&["*.md"], &["drafts"])), ["a.md"]);
        assert_eq!(keys(&root, &settings(&["*.bin"], &[])), ["sub/c.bin"]);
        let read = |key: &str| Folder::read_file(&root, key, &Validators::default()).unwrap();
        assert!(matches!(read("linked.md"), Read::Skipped(_)) && matches!(read("link/secret.md"), Read::Skipped(_)));
        assert!(matches!(read("a.md"), Read::Page(_)) && matches!(read("none.md"), Read::Gone(_)));
    }

    #[test]
    fn a_folder_outside_of_the_roots_is_refused_however_it_is_named() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let roots = [root.path().to_owned()];
        let open = |path: &Path| Folder::open(path.to_str().unwrap(), &roots, settings(&[], &[])).map(|_| ());
        assert_eq!(open(root.path()), Ok(()));
        assert_eq!(open(outside.path()), Err(ReadFailure::OutsideRoots));
        let name = outside.path().file_name().unwrap();
        assert_eq!(open(&root.path().join("..").join(name)), Err(ReadFailure::OutsideRoots));
        std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
        assert_eq!(open(&root.path().join("link")), Err(ReadFailure::OutsideRoots));
        assert!(matches!(open(&root.path().join("missing")), Err(ReadFailure::Disk(_))));
        assert_eq!(Folder::open("/etc", &[], settings(&[], &[])).unwrap_err(), ReadFailure::OutsideRoots);
    }

    #[test]
    fn files_beyond_the_limit_are_left_and_that_is_told() {
        let folder = tempfile::tempdir().unwrap();
        (0..5).for_each(|n| write(folder.path(), &format!("{n}.md"), "x"));
        let found = Folder::walk(folder.path(), &FolderSettings { max_files: 3, ..settings(&[], &[]) }).unwrap();
        assert_eq!((found.leads.len(), found.notes.len(), found.is_complete), (3, 1, false));
    }

    #[test]
    fn a_file_that_did_not_change_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root, "a.md", "one");
        let Read::Page(page) = Folder::read_file(&root, "a.md", &Validators::default()).unwrap() else { unreachable!() };
        assert_eq!(Folder::read_file(&root, "a.md", &page.validators).unwrap(), Read::Unchanged);
        write(&root, "a.md", "longer");
        assert!(matches!(Folder::read_file(&root, "a.md", &page.validators).unwrap(), Read::Page(_)));
    }
}
