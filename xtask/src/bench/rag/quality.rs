//! Every query of a collection in every mode, with default settings, judged.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::bench::figure::Figure;
use crate::bench::http::Client;
use crate::bench::rag::rank::{DEPTH, Quality, judge, mean};
use crate::bench::rag::set::Collection;
use crate::process::Failure;

/// How passages are looked for.
const MODES: [&str; 3] = ["keyword", "vector", "hybrid"];
/// What hybrid search reaches on collections that we know.
const BARS: [(&str, f64); 2] = [("cranfield", 0.44), ("cosqa-dev", 0.60)];
/// How far hybrid search may fall behind the better of its two halves, on any collection.
const SLACK: f64 = 0.02;

/// The mean over all queries, by mode in the order of [`MODES`].
pub(super) fn measure(client: &mut Client, collection: &Collection, documents: &HashMap<i64, String>) -> Result<Vec<Quality>, Failure> {
    let of_mode = |mode: &&str| {
        let judged = collection.queries.iter().map(|query| {
            let body = json!({ "query": short(&query.text), "mode": mode, "limit": DEPTH });
            let answer = client.post("/api/v1/knowledge/query", &body)?;
            if answer["degraded"] == true {
                return Err(Failure::new(format!("the query was not answered as asked: {}", answer["degraded_reason"])));
            }
            Ok(judge(&ranking(&answer, documents), &collection.judgements[&query.id]))
        });
        judged.collect::<Result<Vec<_>, Failure>>().map(|all| mean(&all))
    };
    MODES.iter().map(of_mode).collect()
}

/// The longest question that is taken.
fn short(text: &str) -> String {
    text.chars().take(2000).collect()
}

/// Documents in the order of their first passage. A copy that is shown with the hit it equals stands right behind it.
fn ranking<'a>(answer: &Value, documents: &'a HashMap<i64, String>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for item in answer["items"].as_array().into_iter().flatten() {
        let copies = item["duplicates"].as_array().into_iter().flatten();
        for id in std::iter::once(item).chain(copies).filter_map(|hit| hit["document_id"].as_i64()) {
            if let Some(name) = documents.get(&id).filter(|name| !found.contains(&name.as_str())) {
                found.push(name);
            }
        }
    }
    found
}

/// The table's rows with their bars.
pub(super) fn figures(collection: &Collection, measured: &[Quality], database: &'static str) -> Vec<Figure> {
    let figure =
        |mode: &str, measure: &str, value| Figure::new(format!("{}, {mode}: {measure}", collection.name), database, value).digits(4);
    let better = measured.iter().take(2).map(|quality| quality.ndcg).fold(0.0, f64::max);
    let mut figures = Vec::new();
    for (mode, quality) in MODES.iter().zip(measured) {
        let ndcg = figure(mode, "nDCG@10", quality.ndcg);
        let bar = BARS.iter().find(|(name, _)| *mode == "hybrid" && *name == collection.name);
        figures.push(match bar {
            Some((_, bar)) => ndcg.at_least(*bar),
            None => ndcg,
        });
        figures.push(figure(mode, "recall@10", quality.recall));
        figures.push(figure(mode, "MRR@10", quality.reciprocal_rank));
        if *mode == "hybrid" {
            figures.push(figure(mode, "nDCG@10 over the better half", quality.ndcg - better).at_least(-SLACK));
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_become_documents_in_the_order_of_their_first() {
        let documents = HashMap::from([(1, "a".to_owned()), (2, "b".to_owned()), (3, "c".to_owned())]);
        let answer = json!({ "items": [
            { "document_id": 2, "duplicates": [{ "document_id": 3 }] }, { "document_id": 1 }, { "document_id": 2 }, { "document_id": 9 },
        ] });
        assert_eq!(ranking(&answer, &documents), ["b", "c", "a"]);
    }
}
