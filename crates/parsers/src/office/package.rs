//! The archive around an office document. What it unpacks to is limited as a whole: a small file may hold terabytes of zeros.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Cursor, Read};

use commandcenter_domain::knowledge::ReadError;
use zip::ZipArchive;

use super::xml::{Token, walk};

/// Bytes that all parts together may unpack to.
const MAX_UNPACKED: u64 = 256 * 1024 * 1024;
/// Members of an archive; office documents have hundreds.
const MAX_MEMBERS: usize = 20_000;

/// An open archive.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: Cell<u64>,
}

/// A reference of one part to another: its kind and its target.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) kind: String,
    pub(super) target: String,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|err| ReadError::Parse(format!("its archive is damaged or cut off ({err})")))?;
        if archive.len() > MAX_MEMBERS {
            return Err(ReadError::Limit(format!("its archive has more than {MAX_MEMBERS} members")));
        }
        Ok(Self { archive, left: Cell::new(MAX_UNPACKED) })
    }

    /// Walks a part of XML that has to be there.
    pub(super) fn walk(&mut self, part: &str, visit: &mut dyn FnMut(Token<'_>)) -> Result<(), ReadError> {
        if self.walk_if_there(part, visit)? { Ok(()) } else { Err(ReadError::Parse(format!("its part {part} is missing"))) }
    }

    /// Walks a part of XML, and tells whether it was there.
    pub(super) fn walk_if_there(&mut self, part: &str, visit: &mut dyn FnMut(Token<'_>)) -> Result<bool, ReadError> {
        let Some(index) = self.archive.index_for_name(part) else { return Ok(false) };
        let file = self.archive.by_index(index).map_err(|err| ReadError::Parse(format!("its part {part} cannot be unpacked ({err})")))?;
        if file.encrypted() {
            return Err(ReadError::Encrypted);
        }
        let limited = Limited { inner: file, left: &self.left };
        let walked = walk(BufReader::with_capacity(64 * 1024, limited), visit);
        // Whatever the reader of XML makes of a stream that stops, the reason is the limit.
        if self.left.get() == 0 {
            return Err(ReadError::Limit(format!("it unpacks to more than {} MiB", MAX_UNPACKED >> 20)));
        }
        walked.map(|()| true)
    }

    /// The references of a part, by their ids, with targets as names of members.
    pub(super) fn relations(&mut self, part: &str) -> Result<BTreeMap<String, Relation>, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let mut found = BTreeMap::new();
        let name = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
        self.walk_if_there(&name, &mut |token| {
            if let Token::Open { name: "Relationship", attributes } = token {
                let kind = attributes.get("Type").rsplit('/').next().unwrap_or_default().to_owned();
                let target = resolved(folder, &attributes.get("Target"));
                found.insert(attributes.get("Id"), Relation { kind, target });
            }
        })?;
        Ok(found)
    }

    /// The title among the document's properties.
    pub(super) fn title(&mut self) -> Result<Option<String>, ReadError> {
        let (mut is_inside, mut title) = (false, String::new());
        self.walk_if_there("docProps/core.xml", &mut |token| match token {
            Token::Open { name, .. } => is_inside = name == "title",
            Token::Close(_) => is_inside = false,
            Token::Text(text) if is_inside => title.push_str(text),
            Token::Text(_) => {}
        })?;
        // What programs fill in by themselves is no title.
        let is_default =
            ["", "powerpoint presentation", "word document", "presentation", "document"].contains(&title.trim().to_lowercase().as_str());
        Ok((!is_default).then_some(title))
    }

    /// Names of the members that `keep` picks.
    pub(super) fn count(&self, keep: impl Fn(&str) -> bool) -> usize {
        self.archive.file_names().flatten().filter(|name| keep(name)).count()
    }
}

/// A target as the name of a member: relative to the folder of the part that names it, or to the root.
fn resolved(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> =
        if target.starts_with('/') { Vec::new() } else { folder.split('/').filter(|step| !step.is_empty()).collect() };
    for step in target.split('/').filter(|step| !step.is_empty() && *step != ".") {
        if step == ".." {
            path.pop();
        } else {
            path.push(step);
        }
    }
    path.join("/")
}

/// Stops when the whole package has unpacked to too much.
struct Limited<'a, R> {
    inner: R,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        let left = self.left.get().saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        self.left.set(left);
        if left == 0 { Err(io::Error::other("unpacks to too much")) } else { Ok(read) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_relative_to_their_part() {
        assert_eq!(resolved("ppt/slides", "../notesSlides/n1.xml"), "ppt/notesSlides/n1.xml");
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/sheet.xml"), "xl/sheet.xml");
        assert_eq!(resolved("", "../../../etc/passwd"), "etc/passwd");
    }
}
