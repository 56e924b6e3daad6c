//! Answering a question: by words, by meaning, fused.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    Explanation, Fused, Grouping, Hit, KnowledgeError, PassageRecord, QueryAnswer, Question, RankedPassage, Search, SearchMode,
    StageTimings, by_document, highlights, reciprocal_rank, search_terms,
};
use commandcenter_domain::shared::ChunkId;
use futures::future::join;

use super::KnowledgeService;

/// Fewest passages asked of each method: fusion needs more than is shown.
const CANDIDATES: usize = 50;

/// What searching by meaning came to.
struct Meant {
    vectors: Result<Vec<RankedPassage>, StoreError>,
    /// Why the question has no vector although it should.
    missing: Option<String>,
    embed: Duration,
    vector: Duration,
}

impl KnowledgeService {
    /// Answers a question. Without a model the search goes by words and says so.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), mode = %question.mode))]
    pub async fn query(&self, scope: &ProjectScope, question: &Question) -> Result<QueryAnswer, KnowledgeError> {
        let terms = search_terms(question.text.as_str());
        let limit = CANDIDATES.max(5 * question.limit);
        let search = Search {
            limit: u64::try_from(limit).unwrap_or(u64::MAX),
            narrowing: question.narrowing.clone(),
            model: self.ports.embedder.model(),
        };
        // Words are looked for while the question is turned into a vector and compared: the two need nothing of each other.
        let wants_words = question.mode != SearchMode::Vector;
        let (words, meaning) = join(
            timed(async { if wants_words { self.by_words(scope, &terms, &search).await } else { Ok(Vec::new()) } }),
            self.by_meaning(scope, question, &search),
        )
        .await;
        let (mut words, mut lexical) = words;
        let Meant { vectors, missing, embed, vector } = meaning;
        let mode_used = match (&missing, question.mode) {
            (Some(_), _) | (None, SearchMode::Lexical) => SearchMode::Lexical,
            (None, mode) => mode,
        };
        if missing.is_some() && !wants_words {
            (words, lexical) = timed(self.by_words(scope, &terms, &search)).await;
        }
        let (hits, fetch) = timed(self.hits(scope, question, (&terms, &words?, &vectors?))).await;
        let timings = StageTimings { embed, lexical, vector, fetch };
        measure(&timings);
        Ok(QueryAnswer { mode_used, degraded: missing, hits: hits?, timings })
    }

    async fn by_words(&self, scope: &ProjectScope, terms: &[String], search: &Search) -> Result<Vec<RankedPassage>, StoreError> {
        self.ports.index.by_words(scope, terms, search).await
    }

    async fn by_meaning(&self, scope: &ProjectScope, question: &Question, search: &Search) -> Meant {
        let nothing = Meant { vectors: Ok(Vec::new()), missing: None, embed: Duration::ZERO, vector: Duration::ZERO };
        if question.mode == SearchMode::Lexical {
            return nothing;
        }
        let (embedded, embed) = timed(self.ports.embedder.embed_query(question.text.as_str())).await;
        match embedded {
            Ok(meaning) => {
                let (vectors, vector) = timed(self.ports.index.by_meaning(scope, &meaning, search)).await;
                Meant { vectors, missing: None, embed, vector }
            }
            Err(err) => Meant { missing: Some(err.to_string()), embed, ..nothing },
        }
    }

    async fn hits(
        &self,
        scope: &ProjectScope,
        question: &Question,
        found: (&[String], &[RankedPassage], &[RankedPassage]),
    ) -> Result<Vec<Hit>, StoreError> {
        let (terms, words, vectors) = found;
        let fused = reciprocal_rank(&[words, vectors]);
        let mut ranked = match question.grouping {
            Grouping::Document => by_document(fused),
            Grouping::Passage => fused,
        };
        ranked.truncate(question.limit);
        let ids: Vec<ChunkId> = ranked.iter().map(|fused| fused.chunk).collect();
        let records = self.ports.index.passages(scope, &ids).await?;
        let mut records: HashMap<ChunkId, PassageRecord> = records.into_iter().map(|record| (record.chunk, record)).collect();
        // A passage that was replaced between search and loading is missing: the next question finds its successor.
        let hit = |fused: Fused| {
            let passage = records.remove(&fused.chunk)?;
            let highlights = highlights(&passage.content, terms);
            Some(Hit { passage, score: fused.score, highlights, explanation: explain(fused.chunk, words, vectors) })
        };
        Ok(ranked.into_iter().filter_map(hit).collect())
    }
}

fn explain(chunk: ChunkId, words: &[RankedPassage], vectors: &[RankedPassage]) -> Explanation {
    let place = |ranking: &[RankedPassage]| {
        (1_u32..).zip(ranking).find(|(_, passage)| passage.chunk == chunk).map(|(rank, passage)| (rank, passage.score))
    };
    let (lexical, vector) = (place(words), place(vectors));
    Explanation {
        lexical_rank: lexical.map(|(rank, _)| rank),
        vector_rank: vector.map(|(rank, _)| rank),
        lexical_score: lexical.map(|(_, score)| score),
        vector_score: vector.map(|(_, score)| score),
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
