//! An archive that came in: checked whole before anything of it is believed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};

use async_trait::async_trait;
use commandcenter_domain::Classified;
use commandcenter_domain::knowledge::{ArchiveError, ArchiveHeader, ArchivedDocument, OpenArchive};
use commandcenter_domain::shared::Timestamp;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::beside;
use crate::manifest::{self, Manifest};

/// The most bytes of one file, unpacked: a document of 50 MiB as JSON.
const MOST_OF_FILE: u64 = 256 << 20;
/// The most bytes of the manifest.
const MOST_OF_MANIFEST: u64 = 64 << 20;
/// The most documents.
const MOST_DOCUMENTS: usize = 1_000_000;

struct Inner {
    zip: ZipArchive<BufReader<File>>,
    manifest: Manifest,
}

/// The archive is away while it is read.
pub(crate) struct ZipOpen {
    inner: Option<Inner>,
    header: ArchiveHeader,
    documents: usize,
}

impl ZipOpen {
    /// Reads all of it once.
    pub(crate) fn check(file: File) -> Result<Self, ArchiveError> {
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|_| unsound("this is not a ZIP archive, or its end is missing"))?;
        let mut inner = Inner { zip, manifest: Manifest::new(empty_header()) };
        inner.manifest = Manifest::read(&inner.bytes(manifest::NAME, MOST_OF_MANIFEST)?)?;
        inner.check()?;
        let (header, documents) = (inner.manifest.header.clone(), inner.manifest.documents);
        Ok(Self { inner: Some(inner), header, documents })
    }
}

/// What stands in for a header until the archive's own was read.
fn empty_header() -> ArchiveHeader {
    ArchiveHeader { model: String::new(), dimension: 0, exported_at: Timestamp::default() }
}

#[async_trait]
impl OpenArchive for ZipOpen {
    fn header(&self) -> &ArchiveHeader {
        &self.header
    }

    fn documents(&self) -> usize {
        self.documents
    }

    async fn document(&mut self, at: usize) -> Result<ArchivedDocument, ArchiveError> {
        let mut inner = self.inner.take().ok_or_else(|| ArchiveError::Broken("an archive whose reading failed is not read on".into()))?;
        let (inner, document) = beside(move || inner.document(at + 1).map(|document| (inner, document))).await?;
        self.inner = Some(inner);
        Ok(document)
    }
}

impl Inner {
    fn check(&mut self) -> Result<(), ArchiveError> {
        let listed: BTreeSet<&str> = self.manifest.files.keys().map(String::as_str).chain([manifest::NAME]).collect();
        let names: Result<Vec<_>, _> = self.zip.file_names().collect();
        let names = names.map_err(|_| unsound("a file of the archive has no name that can be read"))?;
        let held: BTreeSet<&str> = names.iter().map(AsRef::as_ref).collect();
        if let Some(name) = held.difference(&listed).next() {
            return Err(unsound(format!("`{}` is not in the manifest", shown(name))));
        }
        if let Some(name) = listed.difference(&held).next() {
            return Err(unsound(format!("`{}` is missing", shown(name))));
        }
        if self.manifest.documents > MOST_DOCUMENTS || self.zip.len() != listed.len() {
            return Err(unsound("the archive does not hold what its manifest lists"));
        }
        let (mut passages, mut files, mut keys) = (0, 1, BTreeSet::new());
        for number in 1..=self.manifest.documents {
            let document = self.document(number)?;
            let place = |reason: String| unsound(format!("document {number}: {reason}"));
            document.check().map_err(|err| place(named(&err)))?;
            passages += document.passages.len();
            files += 1 + usize::from(document.passages.iter().any(|passage| passage.vector.is_some()));
            if !keys.insert(document.key.clone()) {
                return Err(place("its key is another document's too".to_owned()));
            }
        }
        if passages != self.manifest.passages || files != listed_len(&self.manifest) {
            return Err(unsound("the archive does not hold what its manifest lists"));
        }
        Ok(())
    }

    /// A document with its vectors, each file held against its checksum.
    fn document(&mut self, number: usize) -> Result<ArchivedDocument, ArchiveError> {
        let name = manifest::document(number);
        let text = self.verified(&name)?;
        let mut document: ArchivedDocument =
            serde_json::from_slice(&text).map_err(|err| unsound(format!("`{name}` cannot be read: {err}")))?;
        if document.passages.iter().any(|passage| passage.is_embedded) {
            let name = manifest::vectors(number);
            let bytes = self.verified(&name)?;
            self.give_vectors(&mut document, &bytes).ok_or_else(|| unsound(format!("`{name}` does not have a vector for each passage")))?;
        }
        Ok(document)
    }

    fn give_vectors(&self, document: &mut ArchivedDocument, bytes: &[u8]) -> Option<()> {
        let width = self.manifest.header.dimension.checked_mul(4).filter(|width| *width > 0)?;
        let mut rows = bytes.chunks_exact(width);
        for passage in document.passages.iter_mut().filter(|passage| passage.is_embedded) {
            let row = rows.next()?;
            let values: Vec<f32> = row.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
            passage.vector = Some(values).filter(|values| values.iter().all(|value| value.is_finite()));
            passage.vector.as_ref()?;
        }
        (rows.next().is_none() && rows.remainder().is_empty()).then_some(())
    }

    fn verified(&mut self, name: &str) -> Result<Vec<u8>, ArchiveError> {
        let bytes = self.bytes(name, MOST_OF_FILE)?;
        match self.manifest.files.get(name) {
            Some(sum) if *sum == hex::encode(Sha256::digest(&bytes)) => Ok(bytes),
            Some(_) => Err(unsound(format!("`{name}` was changed since the archive was made"))),
            None => Err(unsound(format!("`{name}` is not in the manifest"))),
        }
    }

    /// The bytes of a file. What says it is small and is not stops at the limit.
    fn bytes(&mut self, name: &str, most: u64) -> Result<Vec<u8>, ArchiveError> {
        let file = self.zip.by_name(name).map_err(|_| unsound(format!("`{name}` is missing or cannot be unpacked")))?;
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).map_err(|err| unsound(format!("`{name}` cannot be unpacked: {err}")))?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
            return Err(unsound(format!("`{name}` unpacks to more than {} MiB", most >> 20)));
        }
        Ok(bytes)
    }
}

fn listed_len(manifest: &Manifest) -> usize {
    manifest.files.len() + 1
}

fn unsound(reason: impl Into<String>) -> ArchiveError {
    ArchiveError::Unsound(reason.into())
}

/// The rules that a document breaks, by field.
fn named(err: &commandcenter_domain::shared::Invalid) -> String {
    err.fields().iter().map(|field| format!("`{}` {}", field.field, field.message)).collect::<Vec<_>>().join(", ")
}

/// A name of a stranger's file, as far as it can be shown.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
