//! Writing an archive: what is packed is handed on at once and forgotten.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ArchiveError, ArchiveHeader, ArchivedDocument, Packing};
use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::manifest::{self, Manifest};
use crate::{beside, disk};

/// What was written and not taken yet.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Outbox {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An archive being written.
struct Writer {
    zip: ZipWriter<StreamWriter<Outbox>>,
    outbox: Outbox,
    manifest: Manifest,
}

/// The writer is away while it works.
pub(crate) struct ZipPacking(Option<Writer>);

impl ZipPacking {
    pub(crate) fn new(header: ArchiveHeader) -> Self {
        let outbox = Outbox::default();
        Self(Some(Writer { zip: ZipWriter::new_stream(outbox.clone()), outbox, manifest: Manifest::new(header) }))
    }

    fn writer(&mut self) -> Result<Writer, ArchiveError> {
        self.0.take().ok_or_else(|| ArchiveError::Broken("an archive whose writing failed is not written on".into()))
    }
}

#[async_trait]
impl Packing for ZipPacking {
    async fn add(&mut self, document: ArchivedDocument) -> Result<Vec<u8>, ArchiveError> {
        let mut writer = self.writer()?;
        let (writer, bytes) = beside(move || {
            writer.add(&document)?;
            let bytes = writer.outbox.take();
            Ok((writer, bytes))
        })
        .await?;
        self.0 = Some(writer);
        Ok(bytes)
    }

    async fn finish(mut self: Box<Self>) -> Result<Vec<u8>, ArchiveError> {
        let writer = self.writer()?;
        beside(move || writer.finish()).await
    }
}

impl Writer {
    fn add(&mut self, document: &ArchivedDocument) -> Result<(), ArchiveError> {
        self.manifest.documents += 1;
        self.manifest.passages += document.passages.len();
        let number = self.manifest.documents;
        let text = serde_json::to_vec(document).map_err(|err| ArchiveError::Broken(err.into()))?;
        self.file(manifest::document(number), &text, CompressionMethod::Deflated)?;
        let rows = document.passages.iter().filter_map(|passage| passage.vector.as_ref());
        let vectors: Vec<u8> = rows.flatten().flat_map(|value| value.to_le_bytes()).collect();
        // Numbers of a model do not compress.
        if vectors.is_empty() { Ok(()) } else { self.file(manifest::vectors(number), &vectors, CompressionMethod::Stored) }
    }

    fn file(&mut self, name: String, bytes: &[u8], method: CompressionMethod) -> Result<(), ArchiveError> {
        self.write(&name, bytes, method)?;
        self.manifest.files.insert(name, hex::encode(Sha256::digest(bytes)));
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), ArchiveError> {
        let options = SimpleFileOptions::default().compression_method(method);
        self.zip.start_file(name, options).map_err(|err| ArchiveError::Broken(err.into()))?;
        self.zip.write_all(bytes).map_err(disk)
    }

    fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        let text = serde_json::to_vec_pretty(&self.manifest).map_err(|err| ArchiveError::Broken(err.into()))?;
        self.write(manifest::NAME, &text, CompressionMethod::Deflated)?;
        self.zip.finish().map_err(|err| ArchiveError::Broken(err.into()))?;
        Ok(self.outbox.take())
    }
}
