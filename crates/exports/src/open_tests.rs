//! Archives written, read again, and damaged.

use std::io::{Cursor, Write};

use commandcenter_domain::knowledge::{ArchivedPassage, Archives, ContentKind, Span};
use zip::write::SimpleFileOptions;

use super::*;
use crate::ZipArchives;

fn header() -> ArchiveHeader {
    ArchiveHeader { model: "m".to_owned(), dimension: 2, exported_at: Timestamp::default() }
}

fn document(key: &str, vectors: &[Option<[f32; 2]>]) -> ArchivedDocument {
    let hash = "a".repeat(64);
    let passage = |vector: &Option<[f32; 2]>| ArchivedPassage {
        span: Span { start: 0, end: 3 },
        heading_path: vec!["Part".to_owned()],
        token_count: 3,
        text_hash: hash.clone(),
        is_embedded: vector.is_some(),
        vector: vector.map(Vec::from),
    };
    ArchivedDocument {
        key: key.to_owned(),
        title: "A".to_owned(),
        title_is_given: false,
        category: "docs".to_owned(),
        tags: vec!["x".to_owned()],
        filename: "a.txt".to_owned(),
        path: None,
        url: None,
        content_type: ContentKind::Plain,
        size: 5,
        content_hash: hash.clone(),
        language: Some("en".to_owned()),
        warnings: Vec::new(),
        text: "a heron was seen".to_owned(),
        passages: vectors.iter().map(passage).collect(),
    }
}

async fn packed(documents: &[ArchivedDocument]) -> Vec<u8> {
    let mut packing = ZipArchives::new(std::env::temp_dir(), 1 << 20).pack(header());
    let mut bytes = Vec::new();
    for document in documents {
        bytes.extend(packing.add(document.clone()).await.unwrap());
    }
    bytes.extend(packing.finish().await.unwrap());
    bytes
}

async fn opened(bytes: &[u8]) -> Result<Box<dyn OpenArchive>, ArchiveError> {
    let mut receiving = ZipArchives::new(std::env::temp_dir(), 1 << 20).receive().await.unwrap();
    for piece in bytes.chunks(700) {
        receiving.write(piece).await?;
    }
    receiving.open().await
}

/// Why it is refused.
async fn refused(bytes: &[u8]) -> String {
    match opened(bytes).await {
        Err(ArchiveError::Unsound(reason)) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken"),
    }
}

/// The same archive with one file changed, left out (`None`) or added.
fn changed(bytes: &[u8], name: &str, content: Option<&[u8]>) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let file = old.by_index_raw(index).unwrap();
        if file.name().unwrap() != name {
            new.raw_copy_file(file).unwrap();
        }
    }
    if let Some(content) = content {
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(content).unwrap();
    }
    new.finish().unwrap().into_inner()
}

#[tokio::test]
async fn what_is_packed_comes_out_again() {
    let documents = [document("one", &[Some([1.0, -0.5]), None, Some([0.0, 0.25])]), document("two", &[None]), document("three", &[])];
    let mut archive = opened(&packed(&documents).await).await.unwrap();
    assert_eq!((archive.header(), archive.documents()), (&header(), 3));
    for at in [2, 0, 1, 0] {
        assert_eq!(archive.document(at).await.unwrap(), documents[at]);
    }
}

#[tokio::test]
async fn an_empty_base_has_an_archive_too() {
    assert_eq!(opened(&packed(&[]).await).await.unwrap().documents(), 0);
}

#[tokio::test]
async fn a_damaged_archive_is_refused_whole() {
    let sound = packed(&[document("one", &[Some([1.0, 0.0])]), document("two", &[])]).await;
    let other = serde_json::to_vec(&document("other", &[])).unwrap();
    assert!(refused(&changed(&sound, "documents/000002.json", Some(&other))).await.contains("was changed"));
    assert!(refused(&changed(&sound, "documents/000002.json", None)).await.contains("is missing"));
    assert!(refused(&changed(&sound, "vectors/000001.f32", Some(&[0; 8]))).await.contains("was changed"));
    assert!(refused(&changed(&sound, "../../etc/passwd", Some(b"x"))).await.contains("not in the manifest"));
    assert!(refused(&changed(&sound, "manifest.json", None)).await.contains("manifest.json"));
    assert!(refused(&changed(&sound, "manifest.json", Some(b"{}"))).await.contains("cannot be read"));
    assert!(refused(&sound[..sound.len() - 40]).await.contains("not a ZIP"));
    assert!(refused(b"PK nothing").await.contains("not a ZIP"));
    let twice = packed(&[document("one", &[]), document("one", &[])]).await;
    assert!(refused(&twice).await.contains("another document's"));
    let mut wrong = document("one", &[Some([1.0, 0.0])]);
    wrong.passages[0].span.end = 99;
    assert!(refused(&packed(&[wrong]).await).await.contains("document 1: `passages` must lie within the text"));
}

#[tokio::test]
async fn vectors_fit_their_passages_and_are_numbers() {
    let mut short = document("one", &[Some([1.0, 0.0]), Some([1.0, 0.0])]);
    short.passages[1].vector = None;
    assert!(refused(&packed(&[short]).await).await.contains("does not have a vector for each passage"));
    assert!(refused(&packed(&[document("one", &[Some([f32::NAN, 0.0])])]).await).await.contains("does not have a vector"));
}

#[tokio::test]
async fn more_than_is_taken_is_refused_as_it_comes() {
    let mut receiving = ZipArchives::new(std::env::temp_dir(), 1000).receive().await.unwrap();
    receiving.write(&[0; 900]).await.unwrap();
    assert!(matches!(receiving.write(&[0; 101]).await, Err(ArchiveError::TooLarge(1000))));
}

#[tokio::test]
async fn a_file_that_unpacks_to_too_much_stops_at_the_limit() {
    let sound = packed(&[]).await;
    let bomb = vec![b' '; usize::try_from(MOST_OF_MANIFEST).unwrap() + 10];
    let bytes = changed(&sound, "manifest.json", Some(&bomb));
    assert!(bytes.len() < 200_000, "it is small on the way in");
    assert!(refused(&bytes).await.contains("unpacks to more than 64 MiB"));
}
