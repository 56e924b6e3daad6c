//! Vectors.

use commandcenter_domain::knowledge::{EmbedError, Embedder, EmbedderState};
use commandcenter_rag::{ALL_MINILM_L6_V2, Engine};

use super::engine;

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[tokio::test]
async fn sentences_of_one_meaning_are_nearer_than_sentences_of_shared_words() {
    let embedder = engine().embedder;
    assert_eq!(embedder.settled().await, EmbedderState::Ready, "the model folder must hold the model");
    let texts = [
        "The cat sits outside",
        "A feline is resting outdoors",
        "The stock market sits outside its range",
        "Rust borrows are checked at compile time",
    ];
    let vectors = embedder.embed_passages(texts.map(str::to_owned).to_vec()).await.unwrap();
    let near: Vec<f32> = vectors[1..].iter().map(|other| dot(&vectors[0], other)).collect();
    assert!(near[0] > near[1] && near[1] > near[2], "{near:?}");
}

#[tokio::test]
async fn vectors_have_length_one_and_do_not_depend_on_their_company() {
    let embedder = engine().embedder;
    embedder.settled().await;
    let text = "Leases are renewed while a job runs.".to_owned();
    let long = "A much longer passage that shares the batch and forces padding upon it. ".repeat(12);
    let alone = embedder.embed_passages(vec![text.clone()]).await.unwrap().remove(0);
    let together = embedder.embed_passages(vec![long, text.clone(), "short".into()]).await.unwrap().remove(1);
    let question = embedder.embed_query(&text).await.unwrap();
    assert_eq!(alone.len(), ALL_MINILM_L6_V2.dimension);
    assert!((dot(&alone, &alone) - 1.0).abs() < 1e-5);
    assert!(dot(&alone, &together) > 0.9999 && dot(&alone, &question) > 0.9999);
    assert_eq!(alone, embedder.embed_passages(vec![text.clone()]).await.unwrap().remove(0), "the same text gives the same vector");
    assert_eq!(question, embedder.embed_query(&text).await.unwrap());
}

#[tokio::test]
async fn questions_are_answered_while_passages_queue() {
    let embedder = engine().embedder;
    embedder.settled().await;
    let bulk = std::sync::Arc::clone(&embedder);
    let passages: Vec<String> = (0..400)
        .map(|n| format!("Passage {n} about nothing in particular, long enough to keep the model busy for a while. ").repeat(4))
        .collect();
    let bulk = tokio::spawn(async move { bulk.embed_passages(passages).await });
    tokio::task::yield_now().await;
    embedder.embed_query("who goes first").await.unwrap();
    assert!(!bulk.is_finished(), "the question did not wait for the passages");
    bulk.abort();
}

#[tokio::test]
async fn a_missing_model_is_a_state_with_a_reason_and_not_an_error_at_start() {
    let engine = Engine::start(std::path::Path::new("/nowhere"), std::sync::Arc::new(commandcenter_parsers::InPlaceParser));
    let EmbedderState::Unavailable(reason) = engine.embedder.settled().await else { panic!("there is no model") };
    assert!(reason.contains("model.onnx and tokenizer.json"), "{reason}");
    assert_eq!(engine.embedder.embed_query("x").await.unwrap_err(), EmbedError::Unavailable(reason));
}
