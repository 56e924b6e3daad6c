//! A run, step by step: the list, what is gone from it, and item after item.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use commandcenter_domain::job::{Items, JobRun, LogLevel};
use commandcenter_domain::source::{
    Body, Counters, ItemState, Lead, Listed, Listing, Place, Source, SourceItem, SourceRun, SourceSession, Validators,
};

use super::SourceSyncService;
use super::failure::SyncFailure;

/// Found and unread items of a site, for every page that it may have: beyond that its links are no longer noted.
const FOUND_PER_PAGE: usize = 4;

/// What a run came to so far. It outlives the run's being stopped.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) counters: Counters,
    pub(super) notes: Vec<String>,
    pub(super) errors: usize,
    pub(super) first_error: Option<String>,
}

/// One run.
pub(super) struct Sync<'a> {
    pub(super) service: &'a SourceSyncService,
    pub(super) run: &'a dyn JobRun,
    pub(super) source: &'a Source,
    pub(super) record: &'a SourceRun,
    pub(super) progress: &'a mut Progress,
    pub(super) session: Box<dyn SourceSession>,
    /// Every item of the source, by key.
    pub(super) known: BTreeMap<String, SourceItem>,
    /// The item that holds a content, by the content's hash.
    pub(super) holders: BTreeMap<String, String>,
    pub(super) queue: VecDeque<Lead>,
}

impl<'a> Sync<'a> {
    /// Reads the source. What its list said of itself is answered, to be kept when everything was read.
    pub(super) async fn read(
        service: &'a SourceSyncService,
        run: &'a dyn JobRun,
        (source, record): (&'a Source, &'a SourceRun),
        progress: &'a mut Progress,
    ) -> Result<Option<Validators>, SyncFailure> {
        run.progress(1, &format!("opening {}", source.name)).await;
        let session = service.open(run, source).await?;
        let items = service.store.repos().sources().items(run.scope(), source.id).await?;
        let holders = items.iter().filter(|item| item.document.is_some());
        let holders = holders.filter_map(|item| Some((item.content_hash.clone()?, item.key.clone()))).collect();
        let known = items.into_iter().map(|item| (item.key.clone(), item)).collect();
        Self { service, run, source, record, progress, session, known, holders, queue: VecDeque::new() }.perform().await
    }

    async fn perform(mut self) -> Result<Option<Validators>, SyncFailure> {
        self.step(2, "asking for the list").await?;
        let listing = match self.session.list(&self.asked()).await? {
            Listed::Unchanged => {
                self.run.log(LogLevel::Info, "the list is the one that was read before");
                let there = self.known.values().filter(|item| item.state == ItemState::Seen).count();
                self.progress.counters.unchanged += i32::try_from(there).unwrap_or(i32::MAX);
                return Ok(None);
            }
            Listed::Fresh(listing) => listing,
        };
        let validators = self.seed(listing).await?;
        while let Some(lead) = self.queue.pop_front() {
            if self.is_settled(&lead.key) {
                continue;
            }
            if self.is_full() {
                let left = self.queue.iter().filter(|lead| !self.is_settled(&lead.key)).count() + 1;
                self.note(format!("the limit of pages is reached: {left} pages that are known were left"));
                break;
            }
            self.show(&lead.key).await?;
            self.item(lead).await?;
        }
        let Counters { added, updated, unchanged, gone, failed, skipped } = self.progress.counters;
        match self.progress.first_error.clone() {
            Some(reason) if failed > 0 && added + updated + unchanged + gone + skipped == 0 => Err(SyncFailure::Nothing(reason)),
            Some(_) | None => Ok((failed == 0).then_some(validators)),
        }
    }

    /// What the list is asked with: nothing while something has to be made up for.
    fn asked(&self) -> Validators {
        let is_whole = self.source.failing == 0 && self.progress.counters.settled() == 0;
        if is_whole { self.source.validators.clone() } else { Validators::default() }
    }

    /// Queues what is listed and, of a site, what was known before; what a complete list leaves out is gone.
    async fn seed(&mut self, listing: Listing) -> Result<Validators, SyncFailure> {
        let Listing { leads, validators, notes, is_complete, kept } = listing;
        for note in notes {
            self.note(note);
        }
        let listed: BTreeSet<&str> = leads.iter().map(|lead| lead.key.as_str()).collect();
        let unlisted: Vec<SourceItem> = self.known.values().filter(|item| !listed.contains(item.key.as_str())).cloned().collect();
        self.queue.extend(leads);
        if is_complete {
            let is_kept = |item: &SourceItem| kept.iter().any(|beginning| item.key.starts_with(beginning));
            for item in unlisted.iter().filter(|item| item.state != ItemState::Gone && !is_kept(item)) {
                self.gone(item, "it is no longer listed".to_owned()).await?;
            }
        } else if let Place::Site { settings, .. } = &self.source.place {
            let deepest = i32::try_from(settings.max_depth).unwrap_or(i32::MAX);
            // Also what is gone: it may have come back, behind pages that did not change.
            let again = unlisted.into_iter().filter(|item| item.depth <= deepest);
            self.queue.extend(again.map(|item| Lead { key: item.key, body: Body::Remote, depth: item.depth }));
            self.queue.make_contiguous().sort_by_key(|lead| lead.depth);
        }
        Ok(validators)
    }

    /// Whether this run, in this attempt or an earlier one, has settled an item.
    pub(super) fn is_settled(&self, key: &str) -> bool {
        self.known.get(key).is_some_and(|item| item.settled_by == Some(self.record.id))
    }

    /// Whether a site has had its pages.
    fn is_full(&self) -> bool {
        let settled = usize::try_from(self.progress.counters.settled()).unwrap_or(usize::MAX);
        matches!(&self.source.place, Place::Site { settings, .. } if settled >= settings.max_pages)
    }

    /// Notes the pages that a page links to, and queues them.
    pub(super) async fn follow(&mut self, links: Vec<String>, depth: i32) -> Result<(), SyncFailure> {
        let Place::Site { settings, .. } = &self.source.place else { return Ok(()) };
        let deepest = i32::try_from(settings.max_depth).unwrap_or(i32::MAX);
        let most = settings.max_pages.saturating_mul(FOUND_PER_PAGE);
        if depth >= deepest {
            return Ok(());
        }
        let (now, depth) = (self.service.clock.now(), depth + 1);
        let room = most.saturating_sub(self.known.len());
        let found: Vec<(String, i32)> =
            links.into_iter().filter(|key| !self.known.contains_key(key)).take(room).map(|key| (key, depth)).collect();
        self.service.store.repos().sources().discover(self.run.scope(), self.source.id, &found, now).await?;
        for (key, depth) in found {
            self.known.insert(key.clone(), super::item::found(&key, depth, now));
            self.queue.push_back(Lead { key, body: Body::Remote, depth });
        }
        Ok(())
    }

    pub(super) fn note(&mut self, note: String) {
        self.run.log(LogLevel::Info, &note);
        if self.progress.notes.len() < 50 && !self.progress.notes.contains(&note) {
            self.progress.notes.push(note);
        }
    }

    async fn show(&self, key: &str) -> Result<(), SyncFailure> {
        let Counters { failed, .. } = self.progress.counters;
        let done = self.progress.counters.settled();
        let waiting = i32::try_from(self.queue.len()).unwrap_or(i32::MAX);
        let total = done.saturating_add(waiting).saturating_add(1);
        self.run.count(Items { done: done - failed, failed, total: Some(total) });
        self.step(3 + done.saturating_mul(95) / total, &format!("reading {key}")).await
    }

    /// Says what is being done, unless the run should stop.
    async fn step(&self, percent: i32, text: &str) -> Result<(), SyncFailure> {
        if self.run.is_cancelled() {
            return Err(SyncFailure::Cancelled);
        }
        self.run.progress(percent.clamp(0, 99), text).await;
        if self.run.is_cancelled() { Err(SyncFailure::Cancelled) } else { Ok(()) }
    }
}
