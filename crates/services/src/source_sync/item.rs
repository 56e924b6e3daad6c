//! One item: read, compared with what is known, and settled.

use commandcenter_domain::Classified;
use commandcenter_domain::job::LogLevel;
use commandcenter_domain::knowledge::{SourceDocument, Stored};
use commandcenter_domain::shared::{DocumentId, SourceItemId, Timestamp};
use commandcenter_domain::source::{
    Body, Content, Counters, ItemError, ItemState, ItemWrite, Lead, Page, Read, RunStatus, RunUpdate, SourceItem, Validators,
};
use sha2::{Digest, Sha256};

use super::failure::SyncFailure;
use super::steps::Sync;

/// Most errors of items that are kept of one run.
const MOST_ERRORS: usize = 1000;

/// How an item is settled.
struct Settled {
    state: ItemState,
    reason: Option<String>,
    content_hash: Option<String>,
    validators: Option<Validators>,
    document: Option<DocumentId>,
    count: fn(&mut Counters),
}

impl Settled {
    /// Without anything new to keep.
    fn plain(state: ItemState, count: fn(&mut Counters)) -> Self {
        Self { state, reason: None, content_hash: None, validators: None, document: None, count }
    }
}

impl Sync<'_> {
    /// Reads an item and settles it. Only what stops the whole run is an error.
    pub(super) async fn item(&mut self, lead: Lead) -> Result<(), SyncFailure> {
        let Lead { key, body, depth } = lead;
        let at = (key.as_str(), depth);
        let (read, fallback) = match body {
            Body::Inline(content) => (Ok(inline(content)), None),
            Body::Remote => (self.session.read(&key, &self.validators(&key)).await, None),
            Body::RemoteOr(content) => (self.session.read(&key, &self.validators(&key)).await, Some(content)),
        };
        if let Err(failure) = &read
            && failure.ends_run()
        {
            return Err(failure.clone().into());
        }
        // What was read whole before is better than the beginning that the list holds.
        let fallback = fallback.filter(|_| self.document(&key).is_none());
        match (read, fallback) {
            (Ok(Read::Unchanged), _) => self.settle(at, Settled::plain(ItemState::Seen, |to| to.unchanged += 1)).await,
            (Ok(Read::Page(page)), _) => self.page(at, page).await,
            (Ok(Read::Gone(_) | Read::Skipped(_)), Some(content)) => self.content(at, (content, Validators::default())).await,
            (Err(failure), Some(content)) => {
                self.error(&key, format!("only what the feed says of it was taken: {failure}")).await?;
                self.content(at, (content, Validators::default())).await
            }
            (Ok(Read::Gone(reason)), None) => self.absent(at, reason).await,
            (Ok(Read::Skipped(reason)), None) => self.skip(at, reason).await,
            (Err(failure), None) => self.fail(at, failure.to_string()).await,
        }
    }

    /// A page that was read, under the key that it wants to be known by.
    async fn page(&mut self, (key, depth): (&str, i32), page: Page) -> Result<(), SyncFailure> {
        let Page { content, validators, links, moved_to } = page;
        match moved_to {
            None => self.content((key, depth), (content, validators)).await?,
            Some(other) => {
                self.forget(key).await?;
                let moved =
                    Settled { reason: Some(format!("it is {other}")), ..Settled::plain(ItemState::Duplicate, |to| to.skipped += 1) };
                self.settle((key, depth), moved).await?;
                if !self.is_settled(&other) {
                    self.content((&other, depth), (content, validators)).await?;
                }
            }
        }
        self.follow(links, depth).await
    }

    async fn content(&mut self, at: (&str, i32), (content, validators): (Content, Validators)) -> Result<(), SyncFailure> {
        let (key, _) = at;
        let hash = hex::encode(Sha256::digest(&content.bytes));
        let document = self.document(key);
        let is_known = self.known.get(key).is_some_and(|item| item.content_hash.as_ref() == Some(&hash));
        if is_known && document.is_some() {
            let same = Settled { validators: Some(validators), ..Settled::plain(ItemState::Seen, |to| to.unchanged += 1) };
            return self.settle(at, same).await;
        }
        if let Some(holder) = self.holders.get(&hash).filter(|holder| *holder != key).cloned() {
            self.forget(key).await?;
            let twin = Settled {
                reason: Some(format!("its content is that of {holder}")),
                content_hash: Some(hash),
                ..Settled::plain(ItemState::Duplicate, |to| to.skipped += 1)
            };
            return self.settle(at, twin).await;
        }
        match self.service.documents.put(self.run.scope(), self.document_of(key, content)).await {
            Ok(placed) => {
                let count: fn(&mut Counters) = match (placed.stored, document) {
                    (Stored::Unchanged, _) => |to| to.unchanged += 1,
                    (Stored::Indexed(_) | Stored::Unreadable(_), None) => |to| to.added += 1,
                    (Stored::Indexed(_) | Stored::Unreadable(_), Some(_)) => |to| to.updated += 1,
                };
                self.holders.retain(|_, holder| holder != key);
                self.holders.insert(hash.clone(), key.to_owned());
                let (content_hash, validators, document) = (Some(hash), Some(validators), Some(placed.document));
                self.settle(at, Settled { content_hash, validators, document, ..Settled::plain(ItemState::Seen, count) }).await
            }
            Err(err) if err.classify().0.is_of_the_input() => self.fail(at, err.to_string()).await,
            Err(err) => Err(err.into()),
        }
    }

    fn document_of(&self, key: &str, content: Content) -> SourceDocument {
        let Content { name, title, url, bytes } = content;
        let filing = &self.source.filing;
        SourceDocument {
            source: self.source.id,
            key: key.to_owned(),
            title,
            name,
            url,
            category: filing.category.clone().unwrap_or_else(|| self.source.name.chars().take(100).collect()),
            tags: filing.tags.clone(),
            bytes,
        }
    }

    /// A page that answers that it is not there: gone when it was, a broken link when it never was.
    async fn absent(&mut self, at: (&str, i32), reason: String) -> Result<(), SyncFailure> {
        match self.known.get(at.0).cloned() {
            Some(item) if item.document.is_some() || item.state == ItemState::Seen => self.gone(&item, reason).await,
            // Told before.
            Some(item) if item.state == ItemState::Gone => {
                self.settle(at, Settled { reason: Some(reason), ..Settled::plain(ItemState::Gone, |_| {}) }).await
            }
            Some(_) | None => {
                self.error(at.0, reason.clone()).await?;
                self.settle(at, Settled { reason: Some(reason), ..Settled::plain(ItemState::Gone, |to| to.failed += 1) }).await
            }
        }
    }

    /// An item that was there and is not any more: its document goes with it.
    pub(super) async fn gone(&mut self, item: &SourceItem, reason: String) -> Result<(), SyncFailure> {
        self.forget(&item.key).await?;
        let gone = Settled { reason: Some(reason), ..Settled::plain(ItemState::Gone, |to| to.gone += 1) };
        self.settle((&item.key, item.depth), gone).await
    }

    /// What must not be read must not answer either.
    async fn skip(&mut self, at: (&str, i32), reason: String) -> Result<(), SyncFailure> {
        self.forget(at.0).await?;
        self.error(at.0, reason.clone()).await?;
        self.settle(at, Settled { reason: Some(reason), ..Settled::plain(ItemState::Skipped, |to| to.skipped += 1) }).await
    }

    /// What it held before still answers.
    async fn fail(&mut self, at: (&str, i32), reason: String) -> Result<(), SyncFailure> {
        self.error(at.0, reason.clone()).await?;
        self.settle(at, Settled { reason: Some(reason), ..Settled::plain(ItemState::Failed, |to| to.failed += 1) }).await
    }

    /// Removes the document of an item.
    async fn forget(&mut self, key: &str) -> Result<(), SyncFailure> {
        let Some(document) = self.document(key) else { return Ok(()) };
        self.service.documents.remove(self.run.scope(), self.source.id, &[document]).await?;
        self.holders.retain(|_, holder| holder != key);
        if let Some(item) = self.known.get_mut(key) {
            item.document = None;
        }
        Ok(())
    }

    async fn error(&mut self, key: &str, reason: String) -> Result<(), SyncFailure> {
        self.run.log(LogLevel::Warn, &format!("{key}: {reason}"));
        self.progress.first_error.get_or_insert_with(|| reason.clone());
        self.progress.errors += 1;
        if self.progress.errors > MOST_ERRORS {
            self.note(format!("only the first {MOST_ERRORS} errors are kept"));
            return Ok(());
        }
        let error = ItemError { key: key.to_owned(), reason, at: self.service.clock.now() };
        Ok(self.service.store.repos().sources().add_error(self.run.scope(), self.record.id, &error).await?)
    }

    /// Writes the item and the run's counters: both or neither.
    async fn settle(&mut self, (key, depth): (&str, i32), settled: Settled) -> Result<(), SyncFailure> {
        let Settled { state, reason, content_hash, validators, document, count } = settled;
        let at = self.service.clock.now();
        let mut counters = self.progress.counters;
        count(&mut counters);
        let run = Some(self.record.id);
        let write = ItemWrite { key: key.to_owned(), state, reason, depth, content_hash, validators, document, run, at };
        let update = RunUpdate { status: RunStatus::Running, counters, error: None, notes: self.progress.notes.clone(), finished_at: None };
        let tx = self.service.store.begin().await?;
        tx.sources().settle(self.run.scope(), self.source.id, &write).await?;
        tx.sources().update_run(self.run.scope(), self.record.id, &update).await?;
        tx.commit().await?;
        self.progress.counters = counters;
        let item = self.known.entry(key.to_owned()).or_insert_with(|| found(key, depth, at));
        item.state = write.state;
        item.settled_by = run;
        item.document = write.document.or(item.document);
        item.content_hash = write.content_hash.or(item.content_hash.take());
        Ok(())
    }

    fn document(&self, key: &str) -> Option<DocumentId> {
        self.known.get(key).and_then(|item| item.document)
    }

    /// What the last answer said of itself, as far as its content is still there.
    fn validators(&self, key: &str) -> Validators {
        let item = self.known.get(key).filter(|item| item.state == ItemState::Seen && item.document.is_some());
        item.map(|item| item.validators.clone()).unwrap_or_default()
    }
}

/// An item that was just found.
pub(super) fn found(key: &str, depth: i32, at: Timestamp) -> SourceItem {
    SourceItem {
        id: SourceItemId::new(0),
        key: key.to_owned(),
        state: ItemState::Found,
        reason: None,
        depth,
        content_hash: None,
        validators: Validators::default(),
        document: None,
        settled_by: None,
        first_seen_at: at,
        last_seen_at: None,
    }
}

fn inline(content: Content) -> Read {
    Read::Page(Page { content, validators: Validators::default(), links: Vec::new(), moved_to: None })
}
