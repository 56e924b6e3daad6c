//! Reads and embeds the HTML of the installed Python documentation and prints what it cost.
//!
//! `cargo run --release -p commandcenter-rag --example python_docs -- <model folder> <folder of html> [documents]`
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring tool for the console")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use commandcenter_domain::knowledge::{DocumentReader, Embedder};
use commandcenter_rag::Engine;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let engine = Engine::start(Path::new(&args[1]), std::sync::Arc::new(commandcenter_parsers::InPlaceParser));
    println!("model: {:?}", engine.embedder.settled().await);
    let mut files = Vec::new();
    collect(Path::new(&args[2]), &mut files);
    files.sort();
    let limit = args.get(3).and_then(|n| n.parse().ok()).unwrap_or(20);
    let (mut reading, mut embedding, mut chunks, mut tokens, mut bytes) = (Duration::ZERO, Duration::ZERO, 0, 0, 0);
    for file in files.iter().take(limit) {
        let content = std::fs::read(file).unwrap();
        bytes += content.len();
        let began = Instant::now();
        let read = engine.reader.read("page.html", content).await.unwrap();
        reading += began.elapsed();
        chunks += read.passages.len();
        tokens += read.passages.iter().map(|p| p.token_count).sum::<i32>();
        let began = Instant::now();
        let texts = read.passages.into_iter().map(|p| p.embedded_text).collect();
        engine.embedder.embed_passages(texts).await.unwrap();
        embedding += began.elapsed();
    }
    let rate = chunks as f64 / (reading + embedding).as_secs_f64();
    println!(
        "{limit} files, {bytes} bytes, {chunks} passages, {} tokens each: reading {reading:?}, embedding {embedding:?}, {rate:.1} passages/s",
        tokens / i32::try_from(chunks.max(1)).unwrap()
    );
    for question in ["how do I cancel a running task", "read lines of a csv file", "what is a metaclass"] {
        let began = Instant::now();
        engine.embedder.embed_query(question).await.unwrap();
        println!("query {:?}", began.elapsed());
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "html") {
            files.push(path);
        }
    }
}
