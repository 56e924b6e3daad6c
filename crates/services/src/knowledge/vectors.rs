//! Vectors of questions that a provider made: each costs money and a way over the network. By project, model and text; in memory, where the
//! longest unused go first, and shared by processes where that is configured.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{EmbeddingModel, SharedMemory};
use commandcenter_domain::shared::ProjectId;
use sha2::{Digest, Sha256};

/// Questions remembered over all projects.
const MOST: usize = 2_048;
/// How long processes remember one together.
const LASTING: Duration = Duration::from_hours(24);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    project: ProjectId,
    model: EmbeddingModel,
    text: String,
}

impl Key {
    /// The same for every process.
    fn shared(&self) -> String {
        let Self { project, model, text } = self;
        let hash = Sha256::digest(format!("{}\0{}\0{text}", model.name, model.dimension));
        format!("vector:{project}:{}", hex::encode(hash))
    }
}

/// Remembers vectors of questions.
pub(super) struct QuestionVectors {
    inner: Mutex<Inner>,
    shared: Option<Arc<dyn SharedMemory>>,
}

#[derive(Debug, Default)]
struct Inner {
    clock: u64,
    entries: HashMap<Key, (u64, Arc<[f32]>)>,
}

impl QuestionVectors {
    /// Nothing is remembered yet but what others share.
    pub(super) fn new(shared: Option<Arc<dyn SharedMemory>>) -> Self {
        Self { inner: Mutex::default(), shared }
    }

    /// The vector of a question asked before.
    pub(super) async fn get(&self, scope: &ProjectScope, model: &EmbeddingModel, text: &str) -> Option<Arc<[f32]>> {
        let key = key(scope, model, text);
        if let Some(known) = self.own(&key) {
            return Some(known);
        }
        let bytes = self.shared.as_ref()?.recall(&key.shared()).await?;
        let (numbers, _) = bytes.as_chunks::<4>();
        let vector: Arc<[f32]> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
        // Whoever kept it may have been another version of this program.
        let vector = Some(vector).filter(|vector| vector.len() == model.dimension)?;
        self.remember(key, &vector);
        Some(vector)
    }

    /// Remembers one.
    pub(super) fn put(&self, scope: &ProjectScope, model: &EmbeddingModel, text: &str, vector: &Arc<[f32]>) {
        let key = key(scope, model, text);
        if let Some(shared) = &self.shared {
            shared.keep(key.shared(), vector.iter().flat_map(|value| value.to_le_bytes()).collect(), LASTING);
        }
        self.remember(key, vector);
    }

    fn own(&self, key: &Key) -> Option<Arc<[f32]>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let (used, vector) = inner.entries.get_mut(key)?;
        *used = now;
        Some(Arc::clone(vector))
    }

    fn remember(&self, key: Key, vector: &Arc<[f32]>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        inner.entries.insert(key, (now, Arc::clone(vector)));
        if inner.entries.len() > MOST {
            let oldest = inner.entries.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            oldest.and_then(|key| inner.entries.remove(&key));
        }
    }
}

fn key(scope: &ProjectScope, model: &EmbeddingModel, text: &str) -> Key {
    Key { project: scope.project(), model: model.clone(), text: text.to_owned() }
}
