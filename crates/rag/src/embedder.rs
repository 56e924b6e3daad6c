//! The embedder: one network in memory, served by two threads of its own. Questions have a lane to themselves, so that none waits behind the
//! passages of a large document; both lanes are bounded.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::knowledge::{EmbedError, Embedder, EmbedderState, EmbeddingModel};
use rten::ThreadPool;
use tokio::sync::{mpsc, oneshot, watch};

use crate::cache::QueryCache;
use crate::engine::{Loaded, State};
use crate::model::{ALL_MINILM_L6_V2, Network};

/// Questions that may wait; more are refused.
const QUESTIONS: usize = 256;
/// Batches of passages that may wait; whoever brings more waits for room.
const BATCHES: usize = 4;
/// Questions whose vectors are remembered.
const REMEMBERED: usize = 512;
/// Passages given to the network at once: enough to sort by length, few enough to stop soon.
const SLICE: usize = 64;

/// Texts to embed and where their vectors go.
struct Request {
    texts: Vec<String>,
    reply: oneshot::Sender<Result<Vec<Vec<f32>>, String>>,
}

/// Embeds with the local model.
#[derive(Debug)]
pub struct LocalEmbedder {
    state: watch::Receiver<State>,
    questions: mpsc::Sender<Request>,
    passages: mpsc::Sender<Request>,
    cache: QueryCache,
}

impl LocalEmbedder {
    /// Starts the threads. They wait for the network and end with the embedder.
    pub(crate) fn start(state: watch::Receiver<State>) -> Self {
        let (questions, question_lane) = mpsc::channel(QUESTIONS);
        let (passages, passage_lane) = mpsc::channel(BATCHES);
        // A question is too short to gain from threads; a pool of its own keeps it out of the passages' queue.
        lane("embed-questions", question_lane, state.clone(), Some(Arc::new(ThreadPool::with_num_threads(1))));
        lane("embed-passages", passage_lane, state.clone(), None);
        Self { state, questions, passages, cache: QueryCache::new(REMEMBERED) }
    }

    fn usable(&self) -> Result<(), EmbedError> {
        match self.state() {
            EmbedderState::Ready => Ok(()),
            EmbedderState::Loading => Err(EmbedError::Unavailable("the embedding model is still being loaded".to_owned())),
            EmbedderState::Unavailable(reason) => Err(EmbedError::Unavailable(reason)),
        }
    }
}

#[async_trait]
impl Embedder for LocalEmbedder {
    fn model(&self) -> EmbeddingModel {
        ALL_MINILM_L6_V2
    }

    fn state(&self) -> EmbedderState {
        self.state.borrow().public()
    }

    async fn settled(&self) -> EmbedderState {
        let mut state = self.state.clone();
        // An error means that the loading thread is gone; then the last state stands.
        let _ = state.wait_for(State::is_settled).await;
        self.state()
    }

    async fn embed_query(&self, text: &str) -> Result<Arc<[f32]>, EmbedError> {
        self.usable()?;
        if let Some(vector) = self.cache.get(text) {
            return Ok(vector);
        }
        let (reply, answer) = oneshot::channel();
        let request = Request { texts: vec![text.to_owned()], reply };
        self.questions.try_send(request).map_err(|_| EmbedError::Busy)?;
        let vector = receive(answer).await?.pop().ok_or_else(|| EmbedError::Failed("no vector came back".to_owned()))?;
        let vector: Arc<[f32]> = vector.into();
        self.cache.put(text, Arc::clone(&vector));
        Ok(vector)
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.usable()?;
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.passages.send(Request { texts, reply }).await.map_err(|_| gone())?;
        receive(answer).await
    }
}

async fn receive(answer: oneshot::Receiver<Result<Vec<Vec<f32>>, String>>) -> Result<Vec<Vec<f32>>, EmbedError> {
    answer.await.map_err(|_| gone())?.map_err(EmbedError::Failed)
}

fn gone() -> EmbedError {
    EmbedError::Failed("the embedding thread has ended".to_owned())
}

/// A thread that serves one lane until its senders are gone.
fn lane(name: &str, mut requests: mpsc::Receiver<Request>, mut state: watch::Receiver<State>, pool: Option<Arc<ThreadPool>>) {
    let serve = move || {
        while let Some(request) = requests.blocking_recv() {
            let Some(loaded) = state.borrow_and_update().loaded() else { continue };
            // Nobody waits any more: a job was cancelled, a client went away.
            if request.reply.is_closed() {
                continue;
            }
            let vectors = work(&loaded, &request, pool.as_ref());
            let _ = request.reply.send(vectors);
        }
    };
    if let Err(err) = std::thread::Builder::new().name(name.to_owned()).spawn(serve) {
        tracing::error!(error = %err, "the embedding thread {name} could not be started");
    }
}

fn work(loaded: &Loaded, request: &Request, pool: Option<&Arc<ThreadPool>>) -> Result<Vec<Vec<f32>>, String> {
    let network: &Network = &loaded.network;
    let mut vectors = Vec::with_capacity(request.texts.len());
    for slice in request.texts.chunks(SLICE) {
        if request.reply.is_closed() {
            return Err("cancelled".to_owned());
        }
        let texts: Vec<&str> = slice.iter().map(String::as_str).collect();
        vectors.extend(network.embed(&texts, pool)?);
    }
    Ok(vectors)
}
