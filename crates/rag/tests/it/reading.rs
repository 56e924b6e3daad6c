//! Files, with the model's own tokenizer.

use commandcenter_domain::knowledge::{DocumentReader, Embedder, ReadError};
use commandcenter_rag::{Engine, MAX_TOKENS};

use super::engine;

#[tokio::test]
async fn long_documents_become_many_passages_that_the_model_reads_whole() {
    let engine = engine();
    engine.embedder.settled().await;
    // The distributed tokenizer truncates at 128 tokens: with it, this text would be one passage of "128 tokens".
    let text =
        format!("# Guide\n\n{}", "Leases, retries and cancellation are described in this rather long paragraph of the guide. ".repeat(200));
    let reading = engine.reader.read("guide.md", text.into_bytes()).await.unwrap();
    assert!(reading.passages.len() > 10, "{}", reading.passages.len());
    assert!(reading.passages.iter().all(|p| usize::try_from(p.token_count).unwrap() <= MAX_TOKENS));
    assert!(reading.passages.iter().skip(1).all(|p| p.embedded_text.starts_with("Guide\n")));
    assert_eq!(reading.title.as_deref(), Some("Guide"));
}

#[tokio::test]
async fn a_long_unbroken_run_is_cut_in_reasonable_time() {
    let engine = engine();
    let began = std::time::Instant::now();
    let reading = engine.reader.read("blob.txt", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo".repeat(10_000).into_bytes()).await.unwrap();
    assert!(reading.passages.len() > 50 && reading.passages.iter().all(|p| p.content.len() < 4000), "{}", reading.passages.len());
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[tokio::test]
async fn files_are_read_without_a_model_too() {
    let reader = Engine::start(std::path::Path::new("/nowhere"), std::sync::Arc::new(commandcenter_parsers::InPlaceParser)).reader;
    let reading = reader.read("a.txt", b"one line\r\nand another\r\n".to_vec()).await.unwrap();
    assert_eq!((reading.text.as_str(), reading.passages.len()), ("one line\nand another", 1));
    assert_eq!(reader.read("a.html", b"<html><body><script>x()</script></body></html>".to_vec()).await.unwrap_err(), ReadError::Empty);
}
