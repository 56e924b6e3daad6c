//! Tables of projects in memory: those asked lately stay, as long as there is room.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A project's table. Readers share it; whoever brings it up to date writes between two readings.
#[derive(Debug, Default)]
pub(super) struct Slot<T> {
    table: RwLock<T>,
    /// One refresh at a time: a change would otherwise be loaded by every question that waits for it.
    pub(super) refresh: tokio::sync::Mutex<()>,
}

impl<T> Slot<T> {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Slots by project, or by project and what else tells tables apart, the one asked last at the end.
#[derive(Debug)]
pub(super) struct Tables<T, K = i64> {
    slots: Mutex<Vec<(K, Arc<Slot<T>>)>>,
}

impl<T, K> Default for Tables<T, K> {
    fn default() -> Self {
        Self { slots: Mutex::default() }
    }
}

impl<T: Default, K: PartialEq> Tables<T, K> {
    /// The project's slot, perhaps with an empty table.
    pub(super) fn slot(&self, of: K) -> Arc<Slot<T>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let at = slots.iter().position(|(key, _)| *key == of);
        let entry = at.map_or_else(|| (of, Arc::default()), |at| slots.remove(at));
        let slot = Arc::clone(&entry.1);
        slots.push(entry);
        slot
    }

    /// Drops the tables of the projects longest unasked until the rest fits; the one asked last always stays.
    pub(super) fn trim(&self, most: usize, bytes: impl Fn(&T) -> usize) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sizes: Vec<usize> = slots.iter().map(|(_, slot)| slot.table.try_read().map_or(0, |table| bytes(&table))).collect();
        while slots.len() > 1 && sizes.iter().sum::<usize>() > most {
            slots.remove(0);
            sizes.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unasked_goes_when_there_is_no_room() {
        let tables: Tables<usize> = Tables::default();
        for project in 1..=3 {
            *tables.slot(project).write() = 10;
        }
        tables.slot(1);
        tables.trim(20, |size| *size);
        assert_eq!([1, 2, 3].map(|project| *tables.slot(project).read()), [10, 0, 10]);
        tables.trim(0, |size| *size);
        assert_eq!(*tables.slot(3).read(), 10, "the last one stays");
    }
}
