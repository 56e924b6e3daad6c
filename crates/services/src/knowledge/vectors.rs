//! Vectors of questions that a provider made: each costs money and a way over the network. By project, model and text; the longest unused
//! go first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::EmbeddingModel;
use commandcenter_domain::shared::ProjectId;

/// Questions remembered over all projects.
const MOST: usize = 2_048;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    project: ProjectId,
    model: EmbeddingModel,
    text: String,
}

/// Remembers vectors of questions.
#[derive(Debug, Default)]
pub(super) struct QuestionVectors {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    clock: u64,
    entries: HashMap<Key, (u64, Arc<[f32]>)>,
}

impl QuestionVectors {
    /// The vector of a question asked before.
    pub(super) fn get(&self, scope: &ProjectScope, model: &EmbeddingModel, text: &str) -> Option<Arc<[f32]>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let (used, vector) = inner.entries.get_mut(&key(scope, model, text))?;
        *used = now;
        Some(Arc::clone(vector))
    }

    /// Remembers one.
    pub(super) fn put(&self, scope: &ProjectScope, model: &EmbeddingModel, text: &str, vector: &Arc<[f32]>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        inner.entries.insert(key(scope, model, text), (now, Arc::clone(vector)));
        if inner.entries.len() > MOST {
            let oldest = inner.entries.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            oldest.and_then(|key| inner.entries.remove(&key));
        }
    }
}

fn key(scope: &ProjectScope, model: &EmbeddingModel, text: &str) -> Key {
    Key { project: scope.project(), model: model.clone(), text: text.to_owned() }
}
