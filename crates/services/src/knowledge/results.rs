//! Answers given lately, by project, state of the knowledge base and question. A write moves the state, and what was answered before it is
//! never given again. In memory, and shared by processes where that is configured.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Hit, QueryAnswer, Question, Revision, SharedMemory};
use commandcenter_domain::shared::ProjectId;
use sha2::{Digest, Sha256};

/// Bytes kept over all projects.
const MOST_BYTES: usize = 32 << 20;
/// How long processes remember an answer together: a database that was put back to an earlier state comes to the same revisions again.
const LASTING: Duration = Duration::from_mins(10);
/// What an entry takes besides its texts.
const OVERHEAD: usize = 512;

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    project: ProjectId,
    revision: Revision,
    question: Question,
}

impl Asked {
    /// `None` when the answer depends on more than the project's passages and documents: on a technology's links, on what a source
    /// brought, or on when they changed.
    pub(super) fn of(scope: &ProjectScope, revision: Revision, question: &Question) -> Option<Self> {
        let narrowing = &question.narrowing;
        let depends =
            narrowing.technology.is_some() || narrowing.source.is_some() || narrowing.since.is_some() || narrowing.until.is_some();
        (!depends).then(|| Self { project: scope.project(), revision, question: question.clone() })
    }

    /// The same for every process of this version.
    fn shared(&self) -> String {
        let hash = Sha256::digest(format!("{}\0{:?}", env!("CARGO_PKG_VERSION"), self.question));
        format!("answer:{}:{}:{}", self.project, self.revision.0, hex::encode(hash))
    }
}

/// The least recently given go when there is no room.
#[derive(Default)]
pub(super) struct Results {
    inner: Mutex<Inner>,
    shared: Option<Arc<dyn SharedMemory>>,
}

#[derive(Debug, Default)]
struct Inner {
    clock: u64,
    bytes: usize,
    entries: HashMap<Arc<Asked>, Entry>,
    by_use: BTreeMap<u64, Arc<Asked>>,
}

#[derive(Debug)]
struct Entry {
    used: u64,
    bytes: usize,
    answer: Arc<QueryAnswer>,
}

impl Results {
    /// Nothing is remembered yet but what others share.
    pub(super) fn new(shared: Option<Arc<dyn SharedMemory>>) -> Self {
        Self { inner: Mutex::default(), shared }
    }

    /// The answer that was given before, and by whom: `hit` by this process, `shared` by another.
    pub(super) async fn get(&self, asked: &Asked) -> Option<(&'static str, Arc<QueryAnswer>)> {
        if let Some(answer) = self.own(asked) {
            return Some(("hit", answer));
        }
        let bytes = self.shared.as_ref()?.recall(&asked.shared()).await?;
        let answer: Arc<QueryAnswer> = Arc::new(serde_json::from_slice(&bytes).ok()?);
        self.remember(asked.clone(), &answer);
        Some(("shared", answer))
    }

    fn own(&self, asked: &Asked) -> Option<Arc<QueryAnswer>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.get(asked)
    }

    fn remember(&self, asked: Asked, answer: &Arc<QueryAnswer>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.put(Arc::new(asked), Arc::clone(answer));
    }

    /// Remembers an answer.
    pub(super) fn put(&self, asked: Asked, answer: &Arc<QueryAnswer>) {
        if let Some(shared) = &self.shared
            && let Ok(bytes) = serde_json::to_vec(&**answer)
        {
            shared.keep(asked.shared(), bytes, LASTING);
        }
        self.remember(asked, answer);
    }
}

impl Inner {
    fn get(&mut self, asked: &Asked) -> Option<Arc<QueryAnswer>> {
        self.clock += 1;
        let entry = self.entries.get_mut(asked)?;
        let key = self.by_use.remove(&entry.used)?;
        entry.used = self.clock;
        self.by_use.insert(self.clock, key);
        Some(Arc::clone(&entry.answer))
    }

    fn put(&mut self, asked: Arc<Asked>, answer: Arc<QueryAnswer>) {
        self.forget(&asked);
        self.clock += 1;
        let entry = Entry { used: self.clock, bytes: size(&answer), answer };
        self.bytes += entry.bytes;
        self.entries.insert(Arc::clone(&asked), entry);
        self.by_use.insert(self.clock, asked);
        while self.bytes > MOST_BYTES {
            let Some((_, oldest)) = self.by_use.pop_first() else { return };
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, asked: &Asked) {
        if let Some(entry) = self.entries.remove(asked) {
            self.bytes -= entry.bytes;
            self.by_use.remove(&entry.used);
        }
    }
}

fn size(answer: &QueryAnswer) -> usize {
    let of = |hit: &Hit| hit.passage.content.len() + hit.passage.title.len() + 24 * hit.highlights.len() + OVERHEAD;
    answer.hits.iter().map(of).sum::<usize>() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use commandcenter_domain::knowledge::{Grouping, Narrowing, QueryText, SearchMode, StageTimings};
    use commandcenter_domain::shared::{JobId, TechnologyId};

    fn question(text: &str) -> Question {
        Question {
            text: QueryText::parse(text).unwrap(),
            limit: 10,
            offset: 0,
            mode: SearchMode::Hybrid,
            narrowing: Narrowing::default(),
            grouping: Grouping::Document,
            diversity: 0,
            rerank: None,
        }
    }

    fn asked(project: i64, revision: i64, text: &str) -> Asked {
        let scope = ProjectScope::of_job(ProjectId::new(project), JobId::new(1));
        Asked::of(&scope, Revision(revision), &question(text)).unwrap()
    }

    fn answer() -> Arc<QueryAnswer> {
        let (mode_used, timings) = (SearchMode::Hybrid, StageTimings::default());
        Arc::new(QueryAnswer {
            mode_used,
            degraded: None,
            corrections: Vec::new(),
            reranking: None,
            hits: Vec::new(),
            has_more: false,
            timings,
        })
    }

    #[test]
    fn an_answer_is_given_again_to_the_same_question_in_the_same_state_only() {
        let results = Results::default();
        results.put(asked(1, 1, "heron"), &answer());
        assert!(results.own(&asked(1, 1, "heron")).is_some());
        for other in [asked(2, 1, "heron"), asked(1, 2, "heron"), asked(1, 1, "herons")] {
            assert!(results.own(&other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn the_longest_unused_go_when_there_is_no_room() {
        let results = Results::default();
        let fit = MOST_BYTES / OVERHEAD;
        for number in 0..fit {
            results.put(asked(1, 1, &format!("q{number}")), &answer());
        }
        assert!(results.own(&asked(1, 1, "q0")).is_some());
        results.put(asked(1, 1, "one more"), &answer());
        assert!(results.own(&asked(1, 1, "q0")).is_some() && results.own(&asked(1, 1, "q1")).is_none());
    }

    #[test]
    fn what_depends_on_more_is_not_remembered() {
        let scope = ProjectScope::of_job(ProjectId::new(1), JobId::new(1));
        let narrowing = Narrowing { technology: Some(TechnologyId::new(1)), ..Narrowing::default() };
        assert!(Asked::of(&scope, Revision(1), &Question { narrowing, ..question("x") }).is_none());
    }
}
