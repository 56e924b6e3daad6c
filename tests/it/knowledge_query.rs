//! Asking the knowledge base: filters, pages, phrases, misspellings, copies, diversity. Runs with the model where there is one.

use commandcenter_testkit::{Project, TestApp};
use serde_json::{Value, json};

use crate::knowledge::{ask, start, taken_in};

fn titles(answer: &Value) -> Vec<String> {
    answer["items"].as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

async fn herons(project: &Project, names: &[&str]) {
    for (number, name) in names.iter().enumerate() {
        taken_in(project, name, format!("A heron of pond {number} was seen at {}.", "water ".repeat(number + 1))).await;
    }
}

#[tokio::test]
async fn pages_fit_together_and_say_whether_there_are_more() {
    let (_app, project) = start().await;
    herons(&project, &["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]).await;
    for mode in ["keyword", "hybrid"] {
        let mut all = Vec::new();
        for (page, has_next) in [(1, true), (2, true), (3, false)] {
            let answer = ask(&project, json!({ "query": "heron", "mode": mode, "limit": 2, "page": page })).await;
            assert_eq!(
                (&answer["page"], &answer["page_size"], &answer["has_next"]),
                (&json!(page), &json!(2), &json!(has_next)),
                "{answer}"
            );
            assert_eq!(answer["has_prev"], page > 1);
            all.extend(titles(&answer));
        }
        all.sort();
        assert_eq!(all, ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]);
    }
}

#[tokio::test]
async fn filters_narrow_every_mode() {
    let (_app, project) = start().await;
    herons(&project, &["guide-a.txt", "guide-b.txt", "note.txt"]).await;
    let count = |body: Value| {
        let project = &project;
        async move { ask(project, body).await["items"].as_array().unwrap().len() }
    };
    for mode in ["keyword", "vector", "hybrid"] {
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "path_prefix": "guide-" })).await, 2);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "tags": ["a", "b"] })).await, 3);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "tags": ["a", "z"] })).await, 0);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "origin": "repository" })).await, 0);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "category": "guides", "since": "2000-01-01T00:00:00Z" })).await, 3);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "until": "2000-01-01T00:00:00Z" })).await, 0);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "repository_id": 9 })).await, 0);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "source_id": 9 })).await, 0);
        assert_eq!(count(json!({ "query": "heron", "mode": mode, "language": "xx" })).await, 0);
    }
}

#[tokio::test]
async fn a_phrase_between_marks_is_found_as_it_stands() {
    let (_app, project) = start().await;
    taken_in(&project, "a.txt", "The event loop runs callbacks.").await;
    taken_in(&project, "b.txt", "Loop over each event that runs.").await;
    for mode in ["keyword", "hybrid", "vector"] {
        let answer = ask(&project, json!({ "query": "what runs in the \"Event  Loop\"", "mode": mode })).await;
        assert_eq!(titles(&answer), ["a.txt"], "{mode}");
    }
    assert_eq!(ask(&project, json!({ "query": "\"loop event\"" })).await["items"], json!([]));
}

#[tokio::test]
async fn a_misspelled_word_is_understood_and_said() {
    let (_app, project) = start().await;
    taken_in(&project, "a.txt", "Use gather to wait for many tasks.").await;
    let answer = ask(&project, json!({ "query": "gahter", "mode": "keyword" })).await;
    assert_eq!((titles(&answer), &answer["corrections"]), (vec!["a.txt".to_owned()], &json!([{ "word": "gahter", "instead": "gather" }])));
    let right = ask(&project, json!({ "query": "gather", "mode": "keyword" })).await;
    assert_eq!(right["corrections"], json!([]));
}

#[tokio::test]
async fn names_in_code_are_found_by_their_parts_and_by_their_whole() {
    let (_app, project) = start().await;
    taken_in(&project, "a.txt", "def getUserName(id): return names[id]").await;
    taken_in(&project, "b.txt", "The name of a user is what to get.").await;
    let by_whole = ask(&project, json!({ "query": "get_user_name", "mode": "keyword" })).await;
    assert_eq!(titles(&by_whole)[0], "a.txt");
    let by_part = ask(&project, json!({ "query": "username", "mode": "keyword" })).await;
    assert_eq!(by_part["items"], json!([]), "a part of parts is no word");
    assert_eq!(ask(&project, json!({ "query": "user", "mode": "keyword" })).await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn copies_are_shown_once_and_named() {
    let (_app, project) = start().await;
    let text = "The heron waits by the water and catches a fish when it comes near enough to be seen.";
    let (first, _) = taken_in(&project, "a.txt", text).await;
    let (copy, _) = taken_in(&project, "b.txt", text.to_uppercase()).await;
    taken_in(&project, "c.txt", "A heron is a bird.").await;
    let answer = ask(&project, json!({ "query": "heron catches fish", "mode": "keyword" })).await;
    let items = answer["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["document_id"]), (2, &json!(first)));
    assert_eq!((&items[0]["duplicates"][0]["document_id"], &items[0]["duplicates"][0]["source"]), (&json!(copy), &json!("b.txt")));
    assert_eq!(items[1]["duplicates"], json!([]));
}

#[tokio::test]
async fn diversity_lifts_what_is_new() {
    let (_app, project) = start().await;
    taken_in(&project, "a.txt", "herons fish in shallow water every morning").await;
    taken_in(&project, "b.txt", "herons fish in shallow water every evening and morning").await;
    taken_in(&project, "c.txt", "an unrelated remark on herons: museum, feathers, hats, fashion, laws").await;
    let order = |diversity: f64| {
        let project = &project;
        async move { titles(&ask(project, json!({ "query": "herons water", "mode": "keyword", "diversity": diversity })).await) }
    };
    assert_eq!(order(0.0).await, ["a.txt", "b.txt", "c.txt"]);
    assert_eq!(order(0.6).await, ["a.txt", "c.txt", "b.txt"]);
}

#[tokio::test]
async fn an_answer_given_before_is_not_given_again_after_a_write() {
    let (_app, project) = start().await;
    let (id, _) = taken_in(&project, "a.txt", "A heron was seen.").await;
    let question = json!({ "query": "heron", "mode": "keyword" });
    for _ in 0..2 {
        assert_eq!(titles(&ask(&project, question.clone()).await), ["a.txt"]);
    }
    taken_in(&project, "b.txt", "Another heron, heron, heron.").await;
    assert_eq!(titles(&ask(&project, question.clone()).await).len(), 2);
    assert_eq!(project.delete(&format!("/api/v1/knowledge/documents/{id}")).await.status, 204);
    assert_eq!(titles(&ask(&project, question).await), ["b.txt"]);
}

#[tokio::test]
async fn explanations_add_up_to_the_score() {
    let (_app, project) = start().await;
    herons(&project, &["a.txt", "b.txt"]).await;
    for hit in ask(&project, json!({ "query": "heron pond", "explain": true })).await["items"].as_array().unwrap() {
        let part = |name: &str| hit["explain"][name].as_f64().unwrap();
        let sum = part("lexical_part") + part("vector_part");
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 1e-9, "{hit}");
    }
}

#[tokio::test]
async fn own_questions_are_judged_and_compared_with_the_run_before() {
    let app = TestApp::start().await;
    let project = app.user("ann").await.project("alpha").await;
    let (id, _) = taken_in(&project, "a.txt", "A heron was seen.").await;
    taken_in(&project, "b.txt", "Stones and grass.").await;
    let path = "/api/v1/knowledge/evaluations";
    let body = json!({ "name": "birds", "mode": "keyword", "queries": [
        { "id": "q1", "query": "heron", "judgements": [{ "document": "a.txt", "relevance": 2 }] },
        { "id": 2, "query": "stones", "judgements": [{ "document_id": id }, { "document": "b.txt", "relevance": 1 }] },
    ] });
    let reply = project.post(path, body.clone()).await;
    let location = reply.header("location").unwrap().to_owned();
    let first = reply.expect(201);
    assert_eq!((&first["mrr"], &first["previous"], &first["difference"]), (&json!(1.0), &json!(null), &json!(null)));
    assert_eq!((&first["queries"][0]["ndcg"], &first["queries"][1]["missed"]), (&json!(1.0), &json!([id.to_string()])));
    assert_eq!((&first["queries"][0]["id"], &first["queries"][1]["id"]), (&json!("q1"), &json!("2")));
    project.delete(&format!("/api/v1/knowledge/documents/{id}")).await;
    let second = project.post(path, body.clone()).await.expect(201);
    assert_eq!((&second["previous"]["id"], &second["difference"]["mrr"]), (&first["id"], &json!(-0.5)));
    assert_eq!(project.get(&location).await.expect(200)["queries"], first["queries"]);
    assert_eq!(project.get(path).await.expect(200)["total"], 2);

    let eve = app.user("eve").await.project("beta").await;
    assert_eq!(eve.get(&location).await.problem(404), "evaluation-not-found");
    assert_eq!(eve.get(path).await.expect(200)["total"], 0);
    assert_eq!(app.anonymous().in_project(project.id).post(path, body).await.status, 401);
    for (wrong, field) in [
        (json!({ "queries": [] }), "queries"),
        (json!({ "queries": [{ "query": " ", "judgements": [{ "document": "a" }] }] }), "queries.0.query"),
        (json!({ "queries": [{ "query": "x", "judgements": [] }] }), "queries.0.judgements"),
        (json!({ "k": 51, "queries": [{ "query": "x", "judgements": [{ "document": "a" }] }] }), "k"),
        (json!({ "mode": "magic", "queries": [{ "query": "x", "judgements": [{ "document": "a" }] }] }), "mode"),
    ] {
        let reply = project.post(path, wrong).await;
        assert_eq!(reply.problem(422), "validation");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
    }
}
