//! The words of a project in memory: ranks, corrections, and what a write changes.

use std::collections::HashSet;
use std::sync::Arc;

use commandcenter_domain::knowledge::{EmbeddingModel, RankedPassage};
use commandcenter_domain::shared::DocumentId;

use super::*;

fn table(passages: &[(i64, &str, &str)]) -> WordTable {
    let mut table = WordTable::default();
    for (chunk, (document, title, content)) in (1..).zip(passages) {
        table.add(&Text { chunk, document: *document, title, parts: ["", content] });
    }
    table
}

fn search(limit: usize) -> Search {
    Search { limit, revision: Revision(0), within: None, among: None, model: EmbeddingModel::fixed("test", 2) }
}

fn ids(ranking: &[RankedPassage]) -> Vec<i64> {
    ranking.iter().map(|hit| hit.chunk.get()).collect()
}

fn found(table: &WordTable, question: &str) -> Vec<i64> {
    ids(&table.search(&Wording::of(question), &search(10)).ranking)
}

#[test]
fn the_rare_word_and_the_short_text_count_most() {
    let table = table(&[
        (1, "", "a task runs and a task ends and a task starts"),
        (2, "", "cancelling a task"),
        (3, "", "a task"),
        (4, "", "none"),
    ]);
    assert_eq!(found(&table, "cancel the tasks")[0], 2);
    assert_eq!(found(&table, "task"), [3, 1, 2]);
    assert!(found(&table, "zebra").is_empty());
}

#[test]
fn the_title_and_the_rest_of_the_document_help_a_passage() {
    let table = table(&[
        (1, "Heron guide", "they eat fish"),
        (2, "", "herons and fish"),
        (3, "", "fish"),
        (4, "", "stones of many kinds and colours"),
        (4, "", "heron stones fish"),
    ]);
    assert_eq!(found(&table, "guide fish")[0], 1, "the title says the rare word");
    let stones = found(&table, "stones fish");
    assert_eq!(stones[0], 5, "a passage before another one of its document that says less");
    assert_eq!(found(&table, "guide"), [1], "a title alone is found");
}

#[test]
fn names_in_code_are_found_by_part_and_best_by_their_whole() {
    let table = table(&[(1, "", "def get_user(name): pass"), (2, "", "def getUserName(): pass"), (3, "", "user of a name to get")]);
    assert_eq!(found(&table, "get_user_name")[0], 2);
    assert_eq!(found(&table, "user name").len(), 3);
}

#[test]
fn a_misspelled_word_is_understood_and_said() {
    let table = table(&[(1, "", "wait with gather"), (2, "", "nothing of it")]);
    let matches = table.search(&Wording::of("gahter"), &search(10));
    assert_eq!(ids(&matches.ranking), [1]);
    assert_eq!((matches.corrections[0].word.as_str(), matches.corrections[0].instead.as_str()), ("gahter", "gather"));
}

#[test]
fn a_search_stays_where_it_is_told_to() {
    let mut table = table(&[(1, "", "heron"), (1, "", "heron again"), (2, "", "heron too")]);
    let within = Search { within: Some(Arc::new(HashSet::from([DocumentId::new(2)]))), ..search(10) };
    assert_eq!(ids(&table.search(&Wording::of("heron"), &within).ranking), [3]);
    table.rows.retain(&HashSet::from([1, 2]));
    assert_eq!(found(&table, "too"), [] as [i64; 0]);
    assert_eq!(found(&table, "heron"), [1, 2]);
}

#[test]
fn candidates_for_a_phrase_say_all_its_words() {
    let table = table(&[(1, "", "the event loop runs"), (2, "", "an event"), (3, "", "loop over every event")]);
    assert_eq!(table.saying("event loop"), [1, 3]);
    assert!(table.saying("event zebra").is_empty() && table.saying("...").is_empty());
}
