//! The story once more, through headless Chromium: the dashboard of the real binary, driven by `tests/browser/story.mjs`.

use std::path::Path;

use tokio::process::Command;

use crate::processes::{Process, free_port, until_ready};

#[tokio::test]
async fn a_person_does_the_whole_story_in_a_browser() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    if !script.join("node_modules/playwright-core").exists() {
        assert!(std::env::var_os("CI").is_none(), "`npm ci` in tests/browser comes first");
        eprintln!("left out: the browser's driver is not installed; `npm ci` in tests/browser brings it");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (port, github) = (free_port(), format!("127.0.0.1:{}", free_port()));
    let _github = Process::start("recorded-github", &["--bind", &github], &[], &folder.path().join("github.log"));
    let (bind, data) = (format!("127.0.0.1:{port}"), folder.path().join("data"));
    let (server, api) = (format!("http://{bind}"), format!("http://{github}"));
    let arguments = ["up", "--data-dir", data.to_str().unwrap(), "--bind", &bind];
    let mut up = Process::start("commandcenter", &arguments, &[("COMMANDCENTER_GITHUB__API_URL", &api)], &folder.path().join("up.log"));
    until_ready(&server, &mut up).await;

    let mut story = Command::new("node");
    story.arg("story.mjs").current_dir(&script).env("BASE_URL", &server).env("REPOSITORY", "octo-org/handbook");
    story.env("UNTIL_MS", "120000").env("TMPDIR", folder.path());
    let output = story.output().await.unwrap();

    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
