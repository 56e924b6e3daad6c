//! Answering a question: by words, by meaning, fused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    Embedder, EmbeddingModel, KnowledgeError, QueryAnswer, Question, RankedPassage, Revision, Search, SearchMode, StageTimings,
    WordMatches, Wording,
};
use futures::future::join;

use super::KnowledgeService;
use super::results::Asked;

/// Fewest passages asked of each method: fusion needs more than is shown.
const CANDIDATES: usize = 200;

/// What the two methods found.
struct Found {
    words: WordMatches,
    meaning: Vec<RankedPassage>,
    /// Why the question has no vector although it should.
    missing: Option<String>,
    timings: StageTimings,
}

/// What searching by meaning came to.
struct Meant {
    vectors: Result<Vec<RankedPassage>, StoreError>,
    missing: Option<String>,
    embed: Duration,
    vector: Duration,
}

impl KnowledgeService {
    /// Answers a question. Without a model the search goes by words and says so.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), mode = %question.mode))]
    pub async fn query(&self, scope: &ProjectScope, question: &Question) -> Result<Arc<QueryAnswer>, KnowledgeError> {
        let revision = self.ports.index.revision(scope).await?;
        let asked = Asked::of(scope, revision, question);
        let known = match &asked {
            Some(asked) => self.results.get(asked).await,
            None => None,
        };
        let outcome = known.as_ref().map_or("miss", |(from, _)| from);
        metrics::counter!("commandcenter_retrieval_results_total", "outcome" => outcome).increment(1);
        if let Some((_, answer)) = known {
            return Ok(answer);
        }
        let answer = Arc::new(self.answer(scope, question, revision).await?);
        // What a model will answer better in a moment is not remembered.
        let is_left = answer.reranking.as_ref().is_some_and(|reranking| reranking.outcome.is_err());
        if let Some(asked) = asked.filter(|_| answer.degraded.is_none() && !is_left) {
            self.results.put(asked, &answer);
        }
        Ok(answer)
    }

    async fn answer(&self, scope: &ProjectScope, question: &Question, revision: Revision) -> Result<QueryAnswer, KnowledgeError> {
        let wording = Wording::of(question.text.as_str());
        let embedder = self.embedder_at(scope, revision).await?;
        let search = self.search(scope, question, (&wording, revision, embedder.model())).await?;
        let Found { words, meaning, missing, mut timings } = self.find(scope, question, (&wording, &search, &*embedder)).await?;
        let mode_used = match (&missing, question.mode) {
            (Some(_), _) | (None, SearchMode::Keyword) => SearchMode::Keyword,
            (None, mode) => mode,
        };
        let (hits, fetch) = timed(self.hits(scope, question, (&wording, &words, &meaning))).await;
        timings.fetch = fetch;
        let (hits, has_more, reranking) = hits?;
        measure(&timings);
        Ok(QueryAnswer { mode_used, degraded: missing, corrections: words.corrections, reranking, hits, has_more, timings })
    }

    /// Where the question is looked for, and how far.
    async fn search(
        &self,
        scope: &ProjectScope,
        question: &Question,
        (wording, revision, model): (&Wording, Revision, EmbeddingModel),
    ) -> Result<Search, StoreError> {
        let index = &self.ports.index;
        let within = index.within(scope, &question.narrowing).await?.map(Arc::new);
        let among = if wording.phrases.is_empty() { None } else { Some(Arc::new(index.holding(scope, &wording.phrases).await?)) };
        let limit = CANDIDATES.max(2 * question.depth());
        Ok(Search { limit, revision, within, among, model })
    }

    /// Words are looked for while the question is turned into a vector and compared: the two need nothing of each other.
    async fn find(
        &self,
        scope: &ProjectScope,
        question: &Question,
        (wording, search, embedder): (&Wording, &Search, &dyn Embedder),
    ) -> Result<Found, KnowledgeError> {
        let by_words = || timed(self.ports.index.by_words(scope, wording, search));
        let wants_words = question.mode != SearchMode::Vector;
        let (words, meant) = join(
            async { if wants_words { by_words().await } else { (Ok(WordMatches::default()), Duration::ZERO) } },
            self.by_meaning(scope, question, (search, embedder)),
        )
        .await;
        let Meant { vectors, missing, embed, vector } = meant;
        let (words, lexical) = if missing.is_some() && !wants_words { by_words().await } else { words };
        let timings = StageTimings { embed, lexical, vector, fetch: Duration::ZERO };
        Ok(Found { words: words?, meaning: vectors?, missing, timings })
    }

    async fn by_meaning(&self, scope: &ProjectScope, question: &Question, (search, embedder): (&Search, &dyn Embedder)) -> Meant {
        let nothing = Meant { vectors: Ok(Vec::new()), missing: None, embed: Duration::ZERO, vector: Duration::ZERO };
        if question.mode == SearchMode::Keyword {
            return nothing;
        }
        let (meaning, embed) = timed(embedder.embed_query(question.text.as_str())).await;
        match meaning {
            Ok(meaning) => {
                let (vectors, vector) = timed(self.ports.index.by_meaning(scope, &meaning, search)).await;
                Meant { vectors, missing: None, embed, vector }
            }
            Err(err) => Meant { missing: Some(err.to_string()), embed, ..nothing },
        }
    }
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    let done = work.await;
    (done, began.elapsed())
}

fn measure(timings: &StageTimings) {
    let StageTimings { embed, lexical, vector, fetch } = timings;
    for (stage, took) in [("embed", embed), ("lexical", lexical), ("vector", vector), ("fetch", fetch)] {
        metrics::histogram!("commandcenter_retrieval_stage_duration_seconds", "stage" => stage).record(took.as_secs_f64());
    }
}
