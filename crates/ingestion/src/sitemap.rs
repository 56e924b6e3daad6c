//! Sitemaps and their indexes, plain or compressed.

use std::io::Read;

use commandcenter_domain::source::{CanonicalUrl, ReadFailure, Validators};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::fetch::{Fetched, Fetcher, Request};

/// Most bytes of a sitemap, by its standard.
const LIMIT: u64 = 50 * 1024 * 1024;
/// Most sitemaps that are read of one site.
const MOST_FILES: usize = 50;

/// The URLs of a sitemap, or of the sitemaps of an index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sitemap {
    /// Pages.
    pub(crate) pages: Vec<String>,
    /// Further sitemaps.
    pub(crate) sitemaps: Vec<String>,
}

/// Everything that sitemaps say of a site, `most` pages of it, and what could not be read.
pub(crate) struct Found {
    pub(crate) pages: Vec<CanonicalUrl>,
    pub(crate) notes: Vec<String>,
}

/// Reads sitemaps and those that they name.
pub(crate) async fn collect(fetcher: &Fetcher, from: Vec<CanonicalUrl>, most: usize) -> Found {
    let mut found = Found { pages: Vec::new(), notes: Vec::new() };
    let mut todo = from;
    let mut read: Vec<CanonicalUrl> = Vec::new();
    while let Some(url) = todo.pop() {
        if read.contains(&url) {
            continue;
        }
        if read.len() >= MOST_FILES {
            found.notes.push(format!("only the first {MOST_FILES} sitemaps were read"));
            break;
        }
        match one(fetcher, &url).await {
            Ok(Some(map)) => {
                todo.extend(map.sitemaps.iter().rev().filter_map(|text| url.join(text)));
                found.pages.extend(map.pages.iter().filter_map(|text| url.join(text)).take(most.saturating_sub(found.pages.len())));
            }
            Ok(None) => {}
            Err(err) => found.notes.push(format!("the sitemap {url} was not read: {err}")),
        }
        read.push(url);
        if found.pages.len() >= most {
            found.notes.push(format!("only the first {most} pages of the sitemaps were taken"));
            break;
        }
    }
    found
}

/// `None` when there is none.
async fn one(fetcher: &Fetcher, url: &CanonicalUrl) -> Result<Option<Sitemap>, ReadFailure> {
    let pause = fetcher.owed(url).await;
    match fetcher.get(Request { url, known: &Validators::default(), limit: LIMIT, pause: Some(pause) }).await? {
        Fetched::Fresh { bytes, .. } => {
            let parsed = tokio::task::spawn_blocking(move || parse(&unpacked(bytes)?)).await;
            parsed.unwrap_or_else(|_| Err(ReadFailure::Format("the parser gave up".to_owned()))).map(Some)
        }
        Fetched::Refused(404 | 410) | Fetched::Unchanged => Ok(None),
        Fetched::Refused(status) => Err(ReadFailure::Status(status)),
    }
}

/// A file that is itself compressed, unpacked within the limit.
fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, ReadFailure> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let reader = flate2::read::GzDecoder::new(bytes.as_slice());
    reader.take(LIMIT + 1).read_to_end(&mut plain).map_err(|err| ReadFailure::Format(format!("it cannot be unpacked: {err}")))?;
    if plain.len() as u64 > LIMIT { Err(ReadFailure::TooLarge(LIMIT)) } else { Ok(plain) }
}

fn parse(bytes: &[u8]) -> Result<Sitemap, ReadFailure> {
    let mut reader = Reader::from_reader(bytes);
    let mut map = Sitemap::default();
    let (mut is_index, mut is_known, mut location, mut buffer) = (false, false, None::<String>, Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).map_err(|err| ReadFailure::Format(format!("it is not XML: {err}")))? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "sitemapindex" => (is_index, is_known) = (true, true),
                "urlset" => is_known = true,
                "loc" => location = Some(String::new()),
                _ => {}
            },
            Event::Text(text) => {
                if let Some(location) = &mut location {
                    location.push_str(&text);
                }
            }
            Event::CData(text) => {
                if let Some(location) = &mut location {
                    location.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let (Some(location), "amp" | "#38") = (&mut location, &*reference) {
                    location.push('&');
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "loc" => {
                let into = if is_index { &mut map.sitemaps } else { &mut map.pages };
                into.extend(location.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()));
            }
            Event::Eof if is_known => return Ok(map),
            Event::Eof => return Err(ReadFailure::Format("it is no sitemap".to_owned())),
            _ => {}
        }
        buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn sitemaps_and_indexes_are_told_apart() {
        let map = b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc> http://e.org/a?x=1&amp;y=2 </loc><lastmod>2026</lastmod></url><url><loc><![CDATA[http://e.org/b]]></loc></url></urlset>";
        assert_eq!(
            parse(map).unwrap(),
            Sitemap { pages: vec!["http://e.org/a?x=1&y=2".into(), "http://e.org/b".into()], sitemaps: vec![] }
        );
        let index = b"<sitemapindex><sitemap><loc>http://e.org/1.xml.gz</loc></sitemap></sitemapindex>";
        assert_eq!(parse(index).unwrap().sitemaps, ["http://e.org/1.xml.gz"]);
    }

    #[test]
    fn what_is_no_sitemap_is_told() {
        for text in [&b"<html><body>404</body></html>"[..], b"", b"<urlset><url></urlset>", b"<urlset", b"\x00\x01"] {
            assert!(matches!(parse(text), Err(ReadFailure::Format(_))), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..60 {
            packer.write_all(&vec![b' '; 1024 * 1024]).unwrap();
        }
        assert_eq!(unpacked(packer.finish().unwrap()).unwrap_err(), ReadFailure::TooLarge(LIMIT));
        assert!(matches!(unpacked(b"\x1f\x8b broken".to_vec()), Err(ReadFailure::Format(_))));
    }
}
