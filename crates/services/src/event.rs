//! Following a project's events, and keeping as many of them as is promised.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::event::{EventError, EventFilter, EventNews, NewsStream, Place, StoredEvent, put_in_order};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::EventId;
use commandcenter_domain::{Clock, Store, StoreError};

/// How long events are kept after they were relayed.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Most events read at once.
const BATCH: u64 = 200;
/// Most events removed by one statement.
const CHUNK: u64 = 1000;

/// Use cases of events.
pub struct EventService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    news: Arc<dyn EventNews>,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With what is committed from now on.
    Now,
    /// With the oldest that is kept.
    Oldest,
    /// Behind this one.
    After(EventId),
}

impl EventService {
    /// A service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, news: Arc<dyn EventNews>) -> Self {
        Self { store, clock, news }
    }

    /// Begins to follow the project's events of the types that the filter admits.
    ///
    /// # Errors
    /// [`EventError::Gone`] when the event to begin behind is not kept.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn follow(&self, scope: ProjectScope, start: Start, filter: EventFilter) -> Result<Following, EventError> {
        // Before the first look, so that nothing falls between.
        let news = self.news.follow(scope.project());
        put_in_order(&*self.store).await?;
        let events = self.store.repos().events();
        let (id, place) = match start {
            Start::Now => events.newest(&scope).await?.unwrap_or((OLDEST, Place::START)),
            Start::Oldest => (OLDEST, Place::START),
            Start::After(id) => (id, events.place_of(&scope, id).await?.ok_or(EventError::Gone(id))?),
        };
        Ok(Following { store: self.store.clone(), news, scope, filter, id, place })
    }

    /// Removes events whose time is over, chunk by chunk. Answers how many there were.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let before = self.clock.now() - KEPT;
        let mut removed = 0;
        loop {
            let chunk = self.store.repos().events().sweep(before, CHUNK).await?;
            removed += chunk;
            if chunk < CHUNK {
                return Ok(removed);
            }
        }
    }
}

/// Stands for "before the first" where an event's id is asked for.
const OLDEST: EventId = EventId::new(0);

impl Start {
    /// Behind the event of an id; behind 0 is everything that is kept.
    #[must_use]
    pub fn after(id: EventId) -> Self {
        if id == OLDEST { Self::Oldest } else { Self::After(id) }
    }
}

/// A reader of a project's events.
pub struct Following {
    store: Arc<dyn Store>,
    news: Box<dyn NewsStream>,
    scope: ProjectScope,
    filter: EventFilter,
    id: EventId,
    place: Place,
}

/// What was read at once.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The events that the filter admits, in order.
    pub events: Vec<StoredEvent>,
    /// Where to go on from after it: the last event that was looked at, admitted or not.
    pub reached: EventId,
    /// Whether there may be more.
    pub is_full: bool,
}

impl Following {
    /// Where it is: the last event that was looked at, or the one it began behind.
    #[must_use]
    pub const fn reached(&self) -> EventId {
        self.id
    }

    /// Reads on: at most 200 events.
    ///
    /// # Errors
    /// When storage fails; then the same is read again.
    pub async fn read(&mut self) -> Result<Batch, StoreError> {
        let rows = self.store.repos().events().after(&self.scope, self.place, BATCH).await?;
        let is_full = rows.len() as u64 == BATCH;
        if let Some((place, last)) = rows.last() {
            (self.place, self.id) = (*place, last.id);
        }
        let events = rows.into_iter().map(|(_, event)| event).filter(|event| self.filter.admits(&event.kind)).collect();
        Ok(Batch { events, reached: self.id, is_full })
    }

    /// Resolves when there may be more to read. May be dropped before without losing anything.
    pub async fn news(&mut self) {
        self.news.next().await;
    }
}
