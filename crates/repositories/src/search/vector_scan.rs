//! The exact search by meaning: every vector is compared. A hundred thousand take some ten milliseconds.

use std::collections::HashSet;
use std::sync::Arc;

use commandcenter_domain::StoreError;
use commandcenter_domain::knowledge::RankedPassage;
use commandcenter_domain::shared::{ChunkId, DocumentId};

use super::vector_cache::VectorTable;
use crate::error::broken;

/// Tables smaller than this are compared on the spot; larger ones would keep a serving thread busy for too long.
const ON_THE_SPOT: usize = 4_000;

/// The `limit` best passages, then the best passages of further documents, as many again.
pub(super) async fn search(
    table: Arc<VectorTable>,
    query: Vec<f32>,
    allowed: Option<HashSet<i64>>,
    limit: usize,
) -> Result<Vec<RankedPassage>, StoreError> {
    if table.chunks.len() <= ON_THE_SPOT {
        return Ok(scan(&table, &query, allowed.as_ref(), limit));
    }
    tokio::task::spawn_blocking(move || scan(&table, &query, allowed.as_ref(), limit)).await.map_err(broken)
}

fn scan(table: &VectorTable, query: &[f32], allowed: Option<&HashSet<i64>>, limit: usize) -> Vec<RankedPassage> {
    if query.len() != table.dimension {
        return Vec::new();
    }
    let rows = table.values.chunks_exact(table.dimension.max(1)).zip(table.chunks.iter().zip(&table.documents));
    let open = rows.filter(|(_, (_, document))| allowed.is_none_or(|allowed| allowed.contains(document)));
    let mut scored: Vec<(f32, i64, i64)> = open.map(|(vector, (chunk, document))| (dot(vector, query), *chunk, *document)).collect();
    scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut seen = HashSet::new();
    let mut best = Vec::with_capacity(limit * 2);
    for (place, (score, chunk, document)) in scored.into_iter().enumerate() {
        let is_first = seen.insert(document);
        if place < limit || is_first {
            best.push(RankedPassage { chunk: ChunkId::new(chunk), document: DocumentId::new(document), score: f64::from(score) });
        }
        if best.len() >= limit * 2 {
            break;
        }
    }
    best
}

/// Eight sums side by side: the compiler turns them into vector instructions, which it may not do with one running sum.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    for (x, y) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(i64, i64, [f32; 2])]) -> VectorTable {
        let mut table = VectorTable { dimension: 2, ..VectorTable::default() };
        for (chunk, document, vector) in rows {
            table.chunks.push(*chunk);
            table.documents.push(*document);
            table.values.extend_from_slice(vector);
        }
        table
    }

    #[test]
    fn the_best_of_all_come_first_and_then_the_best_of_further_documents() {
        let table = table(&[(1, 1, [1.0, 0.0]), (2, 1, [0.9, 0.1]), (3, 1, [0.8, 0.2]), (4, 2, [0.1, 0.9]), (5, 3, [0.0, 1.0])]);
        let ids = |limit| scan(&table, &[1.0, 0.0], None, limit).iter().map(|hit| hit.chunk.get()).collect::<Vec<_>>();
        assert_eq!(ids(2), [1, 2, 4, 5]);
        assert_eq!(ids(10), [1, 2, 3, 4, 5]);
        let only = HashSet::from([2]);
        assert_eq!(scan(&table, &[1.0, 0.0], Some(&only), 5).len(), 1);
    }

    #[test]
    fn dot_products_agree_with_the_schoolbook() {
        let a: Vec<f32> = (0..19_u8).map(f32::from).collect();
        assert!((dot(&a, &a) - a.iter().map(|x| x * x).sum::<f32>()).abs() < 1e-3);
    }
}
