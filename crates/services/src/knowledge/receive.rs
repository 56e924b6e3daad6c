//! Files on their way in: to the disk as they come, so that nothing holds one whole in memory.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::knowledge::{KnowledgeError, Sample};
use commandcenter_domain::research::{FileError, FileStore, FileWriter, WrittenFile};

use super::KnowledgeService;

/// A file being received. Dropped, nothing of it remains.
pub struct Receiving {
    writer: Box<dyn FileWriter>,
    ends: Ends,
    left: u64,
    most: u64,
}

/// A file that was received whole. It lies on the disk until [`KnowledgeService::upload`] or [`KnowledgeService::discard`] is given it.
pub struct Received {
    pub(super) file: WrittenFile,
    ends: Ends,
}

impl Received {
    pub(super) fn sample(&self) -> Sample<'_> {
        Sample { head: &self.ends.head, tail: &self.ends.tail }
    }

    /// Bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.file.size
    }
}

impl Receiving {
    /// Appends bytes as they come. [`KnowledgeError::TooLarge`] once there are too many.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), KnowledgeError> {
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(more).ok_or(KnowledgeError::TooLarge(self.most))?;
        self.ends.push(bytes);
        self.writer.write(bytes).await.map_err(|err| sort(err, self.most))
    }

    /// Makes the file safe until it is taken in.
    pub async fn finish(self) -> Result<Received, KnowledgeError> {
        let Self { writer, ends, most, .. } = self;
        let file = writer.finish().await.map_err(|err| sort(err, most))?;
        Ok(Received { file, ends })
    }
}

impl KnowledgeService {
    /// Refuses at once who may not upload anyway, before any bytes are read.
    pub fn check_upload(&self, scope: &ProjectScope) -> Result<(), KnowledgeError> {
        Ok(scope.require(Role::Member)?)
    }

    /// Begins to receive a file.
    pub async fn receive(&self, scope: &ProjectScope) -> Result<Receiving, KnowledgeError> {
        self.check_upload(scope)?;
        let most = self.ports.max_file;
        let writer = self.ports.spool.create(scope.project()).await.map_err(|err| sort(err, most))?;
        Ok(Receiving { writer, ends: Ends::default(), left: most, most })
    }

    /// Forgets a file that is not taken in.
    pub async fn discard(&self, received: Received) {
        discard(&*self.ports.spool, &received.file).await;
    }
}

/// A file that cannot be removed now is swept up later.
async fn discard(spool: &dyn FileStore, file: &WrittenFile) {
    if let Err(err) = spool.remove(&file.key).await {
        tracing::warn!(error = %err, key = file.key.as_str(), "a received file could not be removed");
    }
}

/// What the disk says, as far as a caller can do something about it.
pub(super) fn sort(err: FileError, most: u64) -> KnowledgeError {
    match err {
        FileError::TooLarge => KnowledgeError::TooLarge(most),
        FileError::Full(_) => StoreError::Full(err.into()).into(),
        FileError::Missing | FileError::Broken(_) => StoreError::Broken(err.into()).into(),
    }
}

/// The first and the last bytes of what passed by.
#[derive(Debug, Default)]
struct Ends {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Ends {
    fn push(&mut self, bytes: &[u8]) {
        let room = Sample::EDGE.saturating_sub(self.head.len());
        self.head.extend(&bytes[..bytes.len().min(room)]);
        self.tail.extend(&bytes[bytes.len().saturating_sub(Sample::EDGE)..]);
        let over = self.tail.len().saturating_sub(Sample::EDGE);
        self.tail.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_kept_however_the_bytes_come() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        for size in [1000, 70_000, 300_000] {
            let mut ends = Ends::default();
            bytes.chunks(size).for_each(|part| ends.push(part));
            assert_eq!((ends.head.len(), ends.tail.len()), (Sample::EDGE, Sample::EDGE));
            assert!(bytes.starts_with(&ends.head) && bytes.ends_with(&ends.tail), "{size}");
        }
    }
}
