//! The web dashboard's built files.
//!
//! The source is in `ui/`; `cargo xtask ui` builds it into `ui/dist`, which release builds embed and debug builds read
//! from disk, so that a change of the page needs no rebuild of the server.

use std::borrow::Cow;

use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "ui/dist"]
struct Files;

/// The page that starts the application.
const INDEX: &str = "index.html";
/// Where the build puts files whose names carry a hash of their content.
const HASHED: &str = "assets/";

/// A file as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub mime: String,
    /// Its entity tag, quoted.
    pub etag: String,
    /// Whether its name changes with its content, so that it may be cached for good.
    pub immutable: bool,
}

/// The file at a path without leading slash. A path that does not look like a file is a page of the application and
/// answers its index; a missing file is `None`.
pub fn asset(path: &str) -> Option<Asset> {
    if let Some(file) = Files::get(path).filter(|_| !path.is_empty()) {
        return Some(served(path, file));
    }
    is_page(path).then(|| Files::get(INDEX)).flatten().map(|file| served(INDEX, file))
}

/// Pages have no extension in their last segment, and nothing below the folder of hashed files is a page.
fn is_page(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.contains('.') && !path.starts_with(HASHED)
}

fn served(path: &str, file: EmbeddedFile) -> Asset {
    let hash = file.metadata.sha256_hash();
    let (short, _) = hash.split_at(16);
    let mime = file.metadata.mimetype();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() };
    Asset { bytes: file.data, mime, etag: format!("\"{}\"", hex::encode(short)), immutable: path.starts_with(HASHED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_index_page() {
        let index = asset("").unwrap();
        assert_eq!(index.mime, "text/html; charset=utf-8");
        assert!(!index.immutable, "the index names the current files, so it is always asked for");
        assert_eq!(Some(index), asset("index.html"));
    }

    #[test]
    fn pages_of_the_application_answer_its_index() {
        let index = asset("");
        for page in ["login", "repositories", "technologies/12", "research/new"] {
            assert_eq!(asset(page), index, "{page}");
        }
    }

    #[test]
    fn a_missing_file_is_not_a_page() {
        for path in ["robots.txt", "assets/gone-12345678.js", "assets/gone", "../Cargo.toml", "pages/../../build.rs"] {
            assert_eq!(asset(path), None, "{path}");
        }
    }

    #[test]
    fn the_tag_follows_the_content() {
        let index = asset("").unwrap();
        assert!(index.etag.starts_with('"') && index.etag.ends_with('"') && index.etag.len() == 34, "{}", index.etag);
        assert_eq!(index.etag, asset("").unwrap().etag);
    }

    #[test]
    fn files_with_a_hash_in_their_name_are_kept_for_good() {
        for path in Files::iter().filter(|path| path.starts_with(HASHED)) {
            assert!(asset(&path).unwrap().immutable, "{path}");
        }
    }
}
