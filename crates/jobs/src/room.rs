//! The slots of an engine, and how many of them each queue may fill.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use commandcenter_domain::job::QueueName;

/// Slots in use.
#[derive(Debug)]
pub(crate) struct Room {
    slots: usize,
    most: BTreeMap<QueueName, usize>,
    used: Mutex<BTreeMap<QueueName, usize>>,
}

impl Room {
    pub(crate) const fn new(slots: usize, most: BTreeMap<QueueName, usize>) -> Self {
        Self { slots, most, used: Mutex::new(BTreeMap::new()) }
    }

    /// How many more jobs of a queue may run.
    pub(crate) fn free(&self, queue: QueueName) -> usize {
        let used = self.lock();
        let here = used.get(&queue).copied().unwrap_or(0);
        let most = self.most.get(&queue).copied().unwrap_or(self.slots);
        most.saturating_sub(here).min(self.slots.saturating_sub(used.values().sum()))
    }

    /// Whether every slot is in use.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().values().sum::<usize>() >= self.slots
    }

    pub(crate) fn take(&self, queue: QueueName) {
        *self.lock().entry(queue).or_default() += 1;
    }

    pub(crate) fn give_back(&self, queue: QueueName) {
        if let Some(used) = self.lock().get_mut(&queue) {
            *used = used.saturating_sub(1);
        }
    }

    /// No code panics while it holds the lock, so a poisoned one is still sound.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<QueueName, usize>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_fills_its_own_room_and_no_queue_more_than_all_slots() {
        let room = Room::new(4, BTreeMap::from([(QueueName::Sync, 1)]));
        room.take(QueueName::Sync);
        assert_eq!((room.free(QueueName::Sync), room.free(QueueName::Ingest)), (0, 3));
        for _ in 0..3 {
            room.take(QueueName::Ingest);
        }
        assert!(room.is_full());
        assert_eq!(room.free(QueueName::Default), 0);
        room.give_back(QueueName::Sync);
        assert_eq!((room.free(QueueName::Sync), room.free(QueueName::Default)), (1, 1));
    }
}
