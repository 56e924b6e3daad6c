//! From rankings to what is shown: fused, copies put together, likenesses held back, a page of it.

use std::collections::HashMap;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    Duplicate, Fused, Grouping, Hit, PassageRecord, Question, RankedPassage, Reranking, Shingles, WordMatches, Wording, by_document,
    copies, diversified, fuse, highlights,
};
use commandcenter_domain::shared::ChunkId;

use super::KnowledgeService;
use super::rerank::READ;

/// Hits behind the page that are looked at: copies among those before it make room for them.
const SPARE: usize = 10;
/// Hits that are put in another order for diversity; those behind them keep theirs.
const REORDERED: usize = 100;

impl KnowledgeService {
    /// A page of hits, whether there are more behind it, and what became of the wish for a model's order.
    pub(super) async fn hits(
        &self,
        scope: &ProjectScope,
        question: &Question,
        (wording, words, meaning): (&Wording, &WordMatches, &[RankedPassage]),
    ) -> Result<(Vec<Hit>, bool, Option<Reranking>), StoreError> {
        let fused = fuse(words, meaning);
        let mut ranked = match question.grouping {
            Grouping::Document => by_document(fused),
            Grouping::Passage => fused,
        };
        let found = ranked.len();
        ranked.truncate(pool(question));
        let loaded = self.loaded(scope, ranked).await?;
        let mut hits = put_together(loaded);
        if question.diversity > 0 {
            hits = reordered(hits, f64::from(question.diversity) / 100.0);
        }
        let reranking = self.reranked(scope, question, &mut hits).await;
        let has_more = hits.len() > question.depth() || found > pool(question);
        let mut page: Vec<Hit> = hits.into_iter().skip(question.offset).take(question.limit).collect();
        for hit in &mut page {
            hit.highlights = highlights(&hit.passage.content, wording);
        }
        Ok((page, has_more, reranking))
    }

    /// The passages of a ranking. One that was replaced between search and loading is missing: the next question finds its successor.
    async fn loaded(&self, scope: &ProjectScope, ranked: Vec<Fused>) -> Result<Vec<Hit>, StoreError> {
        let ids: Vec<ChunkId> = ranked.iter().map(|fused| fused.chunk).collect();
        let records = self.ports.index.passages(scope, &ids).await?;
        let mut records: HashMap<ChunkId, PassageRecord> = records.into_iter().map(|record| (record.chunk, record)).collect();
        let hit = |fused: Fused| {
            let passage = records.remove(&fused.chunk)?;
            Some(Hit { passage, score: fused.score, highlights: Vec::new(), explanation: fused.explanation, duplicates: Vec::new() })
        };
        Ok(ranked.into_iter().filter_map(hit).collect())
    }
}

/// Hits that are loaded. The same for every page of a question that asks for diversity or a model's order, so that its pages fit together.
fn pool(question: &Question) -> usize {
    let wanted = question.depth() + SPARE;
    let read = if question.rerank.is_some() { READ + SPARE } else { 0 };
    let reordered = if question.diversity > 0 { REORDERED } else { 0 };
    wanted.max(read).max(reordered)
}

/// Copies go with the best hit that says the same.
fn put_together(hits: Vec<Hit>) -> Vec<Hit> {
    let shingles: Vec<Shingles> = hits.iter().map(|hit| Shingles::of_runs(&hit.passage.content)).collect();
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    let mut places: Vec<usize> = Vec::with_capacity(hits.len());
    for (hit, copy) in hits.into_iter().zip(copies(&shingles)) {
        let place = copy.map_or(kept.len(), |of| places[of]);
        places.push(place);
        match kept.get_mut(place) {
            Some(first) => first.duplicates.push(duplicate(hit.passage)),
            None => kept.push(hit),
        }
    }
    kept
}

fn duplicate(passage: PassageRecord) -> Duplicate {
    let PassageRecord { chunk, document, title, source, .. } = passage;
    Duplicate { chunk, document, title, source }
}

fn reordered(mut hits: Vec<Hit>, diversity: f64) -> Vec<Hit> {
    let rest = hits.split_off(hits.len().min(REORDERED));
    let relevance: Vec<f64> = hits.iter().map(|hit| hit.score).collect();
    let texts: Vec<Shingles> = hits.iter().map(|hit| Shingles::of_words(&hit.passage.content)).collect();
    let mut slots: Vec<Option<Hit>> = hits.into_iter().map(Some).collect();
    let order = diversified(&relevance, &texts, diversity);
    order.into_iter().filter_map(|at| slots[at].take()).chain(rest).collect()
}
