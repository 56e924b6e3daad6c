//! A server of embeddings on loopback: vectors by the words of a text, so that texts that share words are alike, of whatever length is wanted.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Answers `POST /v1/embeddings` in the dialect of `OpenAI`.
pub struct EmbeddingServer {
    server: MockServer,
    state: Arc<State>,
}

struct State {
    dimension: AtomicUsize,
    status: AtomicU16,
    /// Answers that may still be given; `None` for any number.
    permits: Mutex<Option<usize>>,
    permitted: Condvar,
    texts: Mutex<Vec<String>>,
}

impl EmbeddingServer {
    /// Answers with vectors of so many numbers.
    pub async fn start(dimension: usize) -> Self {
        let state = Arc::new(State {
            dimension: AtomicUsize::new(dimension),
            status: AtomicU16::new(200),
            permits: Mutex::new(None),
            permitted: Condvar::new(),
            texts: Mutex::default(),
        });
        let server = MockServer::start().await;
        let answers = Answers(state.clone());
        Mock::given(method("POST")).and(path("/v1/embeddings")).respond_with(answers).mount(&server).await;
        Self { server, state }
    }

    /// What a provider's `base_url` is.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.uri())
    }

    /// From now on vectors have so many numbers.
    pub fn give(&self, dimension: usize) {
        self.state.dimension.store(dimension, Ordering::SeqCst);
    }

    /// From now on answers have this status; 200 gives vectors again.
    pub fn answer(&self, status: u16) {
        self.state.status.store(status, Ordering::SeqCst);
    }

    /// Gives so many more answers and lets all further requests wait.
    pub fn permit(&self, answers: usize) {
        *lock(&self.state.permits) = Some(answers);
        self.state.permitted.notify_all();
    }

    /// Lets nobody wait any more.
    pub fn open(&self) {
        *lock(&self.state.permits) = None;
        self.state.permitted.notify_all();
    }

    /// The texts that vectors were asked of, those that wait for an answer too.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        lock(&self.state.texts).clone()
    }

    /// How often vectors were asked of a text that holds some words.
    #[must_use]
    pub fn asked(&self, words: &str) -> usize {
        lock(&self.state.texts).iter().filter(|text| text.contains(words)).count()
    }
}

impl Drop for EmbeddingServer {
    fn drop(&mut self) {
        // The server's thread must not wait for an answer that nobody permits.
        self.open();
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Answers(Arc<State>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let texts: Vec<String> = match &body["input"] {
            Value::String(text) => vec![text.clone()],
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => return ResponseTemplate::new(400).set_body_json(json!({ "error": { "message": "no input" } })),
        };
        lock(&self.0.texts).extend(texts.iter().cloned());
        self.wait();
        let status = self.0.status.load(Ordering::SeqCst);
        if status != 200 {
            return ResponseTemplate::new(status).set_body_json(json!({ "error": { "message": "told to fail" } }));
        }
        let wanted = body["dimensions"].as_u64().and_then(|asked| usize::try_from(asked).ok());
        let dimension = wanted.unwrap_or_else(|| self.0.dimension.load(Ordering::SeqCst));
        let data: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text, dimension) }))
            .collect();
        let tokens = texts.iter().map(|text| text.split_whitespace().count()).sum::<usize>();
        let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
        ResponseTemplate::new(200).set_body_json(json!({ "object": "list", "model": body["model"], "data": data, "usage": usage }))
    }
}

impl Answers {
    /// On the server's own thread: everybody else waits behind it.
    fn wait(&self) {
        let mut permits = lock(&self.0.permits);
        while *permits == Some(0) {
            permits = self.0.permitted.wait(permits).unwrap_or_else(PoisonError::into_inner);
        }
        *permits = permits.map(|left| left - 1);
    }
}

/// How often each word occurs, by a number that its hash names. Not of length 1: that is for whoever stores it.
fn vector(text: &str, dimension: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f32; dimension];
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let hash = Sha256::digest(word.to_lowercase().as_bytes());
        let place = hash[..4].iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)) % dimension;
        vector[place] += 3.0;
    }
    if vector.iter().all(|value| *value == 0.0) {
        vector[0] = 1.0;
    }
    vector
}
