//! Every documented exit code.

use serde_json::{Value, json};

use crate::run::{Home, answer, server};

#[tokio::test]
async fn what_the_server_answers_decides_the_exit_code() {
    let cases = [(400, 1), (401, 3), (403, 1), (404, 4), (409, 1), (422, 1), (500, 1), (503, 1)];
    for (status, code) in cases {
        let problem = json!({ "title": "Some title", "detail": "some detail", "status": status });
        let server = server("GET", "/repositories/3", answer(status, &problem)).await;
        let ended = Home::of(server.uri()).run_with(&["repos", "show", "3"], &[("COMMANDCENTER_TOKEN", "t")]).await.expect(code);
        assert!(ended.out.is_empty() && ended.err.contains("some detail"), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_exit_code_5() {
    let ended = Home::of("http://127.0.0.1:1").run(&["projects", "list"]).await.expect(5);
    assert!(ended.err.contains("http://127.0.0.1:1 cannot be reached"), "{}", ended.err);
}

#[tokio::test]
async fn nobody_logged_in_is_exit_code_3() {
    let server = server("GET", "/projects", answer(401, &json!({ "title": "Unauthorized" }))).await;
    let ended = Home::of(server.uri()).run(&["projects", "list"]).await.expect(3);
    assert!(ended.err.contains("not logged in"), "{}", ended.err);
}

#[tokio::test]
async fn wrong_usage_is_exit_code_2() {
    let home = Home::of("http://127.0.0.1:1");
    let cases: [&[&str]; 8] = [
        &[],
        &["nonsense"],
        &["projects", "list", "--page", "x"],
        &["repos", "add", "no-slash"],
        &["jobs", "watch", "../users"],
        &["upload", "absent.md"],
        &["upload", "a.md", "b.md", "--title", "One"],
        &["--server", "ftp://x", "projects", "list"],
    ];
    for arguments in cases {
        let ended = home.run(arguments).await;
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.err);
    }
}

#[tokio::test]
async fn a_failure_is_json_for_programs() {
    let server = server("GET", "/repositories/3", answer(404, &json!({ "title": "Not Found", "detail": "no repository 3" }))).await;
    let ended = Home::of(server.uri()).run_with(&["repos", "show", "3", "--json"], &[("COMMANDCENTER_TOKEN", "t")]).await.expect(4);
    let error: Value = serde_json::from_str(&ended.err).unwrap();
    assert_eq!(error, json!({ "error": "Not Found: no repository 3", "exit_code": 4 }));
}

#[tokio::test]
async fn an_answer_of_something_else_is_a_failure() {
    let page = wiremock::ResponseTemplate::new(200).set_body_string("<html>");
    let server = server("GET", "/projects", page).await;
    let ended = Home::of(server.uri()).run(&["projects", "list"]).await.expect(1);
    assert!(ended.err.contains("is this a CommandCenter server?"), "{}", ended.err);
}

#[tokio::test]
async fn help_names_the_exit_codes() {
    let ended = Home::of("").run(&["--help"]).await.expect(0);
    assert!(ended.out.contains("Exit codes:") && ended.out.contains("6  the job failed"), "{}", ended.out);
}
