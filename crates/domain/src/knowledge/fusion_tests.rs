//! How two rankings become one: the rules, and that nothing is lost or invented.

use super::*;
use proptest::prelude::*;

fn ranking(scored: &[(i64, i64, f64)]) -> Vec<RankedPassage> {
    let passage = |&(chunk, document, score): &(i64, i64, f64)| RankedPassage {
        chunk: ChunkId::new(chunk),
        document: DocumentId::new(document),
        score,
    };
    scored.iter().map(passage).collect()
}

fn words(scored: &[(i64, i64, f64)]) -> WordMatches {
    WordMatches { ranking: ranking(scored), corrections: Vec::new() }
}

fn order(fused: &[Fused]) -> Vec<i64> {
    fused.iter().map(|one| one.chunk.get()).collect()
}

#[test]
fn words_that_tell_much_decide_and_words_that_tell_little_do_not() {
    let meaning = ranking(&[(1, 1, 0.6), (2, 2, 0.5), (3, 3, 0.4)]);
    let telling = words(&[(3, 3, 60.0), (2, 2, 8.0), (1, 1, 7.0)]);
    let vague = words(&[(3, 3, 6.0), (2, 2, 5.5), (1, 1, 5.4)]);
    assert_eq!(order(&fuse(&telling, &meaning))[0], 3);
    assert_eq!(order(&fuse(&vague, &meaning)), [1, 2, 3]);
}

#[test]
fn words_that_many_documents_say_alike_are_vague() {
    let alike: Vec<(i64, i64, f64)> = (1..=200).map(|n| (n, n, 30.0)).collect();
    assert!(weight_of_words(&ranking(&alike)) < 1e-9);
    assert!((weight_of_words(&ranking(&[(1, 1, EVEN * 200.0 / 199.0)])) - CEILING / 2.0).abs() < 1e-9);
}

#[test]
fn one_side_alone_keeps_its_order() {
    let scored = [(4, 1, 3.0), (2, 1, 2.0), (9, 2, 1.0)];
    assert_eq!(order(&fuse(&words(&scored), &[])), [4, 2, 9]);
    assert_eq!(order(&fuse(&WordMatches::default(), &ranking(&scored))), [4, 2, 9]);
    assert!(fuse(&WordMatches::default(), &[]).is_empty());
    assert_eq!(order(&fuse(&WordMatches::default(), &ranking(&[(1, 1, -0.1), (2, 2, -0.2)]))), [1, 2], "nothing is near");
}

#[test]
fn every_document_has_its_place_before_any_has_two() {
    let fused = fuse(&words(&[(1, 1, 9.0), (2, 1, 8.0), (3, 2, 7.0), (4, 1, 6.0), (5, 3, 5.0)]), &[]);
    assert_eq!(order(&by_document(fused)), [1, 3, 5, 2, 4]);
}

#[test]
fn a_document_is_worth_its_best_by_words_and_its_best_by_meaning() {
    // Document 1 says it in one passage and means it in another; document 2 does a little of both in one.
    let fused = fuse(&words(&[(1, 1, 30.0), (3, 2, 24.0)]), &ranking(&[(2, 1, 0.8), (3, 2, 0.7), (1, 1, 0.1)]));
    assert_eq!(order(&fused)[0], 3);
    let documents = by_document(fused);
    assert_eq!(documents[0].document.get(), 1);
    let Explanation { lexical_part, vector_part, .. } = documents[0].explanation;
    assert!((documents[0].score - 1.0).abs() < 1e-9 && (lexical_part + vector_part - 1.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn fusion_neither_loses_nor_invents_and_scores_fall(
        a in proptest::collection::btree_map(1_i64..200, 0.1_f64..80.0, 0..60),
        b in proptest::collection::btree_map(1_i64..200, -1.0_f64..1.0, 0..60),
    ) {
        let of = |scores: &BTreeMap<i64, f64>| {
            let mut scored: Vec<_> = scores.iter().map(|(&id, &score)| (id, id % 7, score)).collect();
            scored.sort_by(|a, b| b.2.total_cmp(&a.2));
            scored
        };
        let fused = fuse(&words(&of(&a)), &ranking(&of(&b)));
        let ids: BTreeSet<i64> = fused.iter().map(|f| f.chunk.get()).collect();
        prop_assert_eq!(&ids, &a.keys().chain(b.keys()).copied().collect::<BTreeSet<_>>());
        prop_assert!(fused.windows(2).all(|w| w[0].score >= w[1].score));
        prop_assert!(fused.iter().all(|f| (0.0..=1.0 + 1e-9).contains(&f.score)));
        let grouped = by_document(fused.clone());
        let documents: BTreeSet<_> = fused.iter().map(|f| f.document).collect();
        let first: BTreeSet<_> = grouped.iter().take(documents.len()).map(|f| f.document).collect();
        prop_assert_eq!(first.len(), documents.len());
        prop_assert_eq!(grouped.len(), fused.len());
    }

    #[test]
    fn what_is_first_by_both_is_first(score in 1.0_f64..60.0, likeness in 0.2_f64..1.0) {
        let fused = fuse(&words(&[(7, 7, score), (1, 1, score * 0.9)]), &ranking(&[(7, 7, likeness), (2, 2, likeness * 0.9)]));
        prop_assert_eq!(fused[0].chunk.get(), 7);
    }
}
