//! A small cache of the least recently used kind.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Vectors of questions by their text.
#[derive(Debug)]
pub(crate) struct QueryCache {
    capacity: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    clock: u64,
    entries: HashMap<String, (u64, Arc<[f32]>)>,
}

impl QueryCache {
    /// An empty cache for this many texts.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, inner: Mutex::default() }
    }

    /// The vector of a text asked for before.
    pub(crate) fn get(&self, text: &str) -> Option<Arc<[f32]>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let (used, vector) = inner.entries.get_mut(text)?;
        *used = now;
        Some(Arc::clone(vector))
    }

    /// Remembers a vector; the one longest unused goes when there is no room.
    pub(crate) fn put(&self, text: &str, vector: Arc<[f32]>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        if inner.entries.len() >= self.capacity && !inner.entries.contains_key(text) {
            let oldest = inner.entries.iter().min_by_key(|(_, (used, _))| *used).map(|(text, _)| text.clone());
            if let Some(oldest) = oldest {
                inner.entries.remove(&oldest);
            }
        }
        inner.entries.insert(text.to_owned(), (now, vector));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_goes_first() {
        let cache = QueryCache::new(2);
        let vector: Arc<[f32]> = Arc::from([1.0_f32].as_slice());
        cache.put("a", Arc::clone(&vector));
        cache.put("b", Arc::clone(&vector));
        assert!(cache.get("a").is_some());
        cache.put("c", vector);
        assert!(cache.get("b").is_none() && cache.get("a").is_some() && cache.get("c").is_some());
    }
}
