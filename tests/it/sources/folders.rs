//! Folders of the server.

use serde_json::json;

use super::{PATH, counters, errors, make, run, start, titles};

#[tokio::test]
async fn a_folder_is_read_again_by_what_changed_and_what_went() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("docs");
    std::fs::create_dir(&folder).unwrap();
    let roots = root.path().to_str().unwrap().to_owned();
    let (_app, project) = start(&[("COMMANDCENTER_INGESTION__ALLOWED_ROOTS", &roots)]).await;
    std::fs::write(folder.join("a.md"), "# A\n\nThe axolotl swims.").unwrap();
    std::fs::write(folder.join("b.txt"), "The bison walks.").unwrap();
    std::fs::write(folder.join("empty.md"), "").unwrap();
    std::fs::write(folder.join("x.bin"), [0_u8; 10]).unwrap();
    let id = make(&project, json!({ "name": "Notes", "type": "file_watcher", "path": folder })).await;
    let first = run(&project, id).await;
    assert_eq!(counters(&first), [2, 0, 0, 0, 1, 0], "{first}");
    assert_eq!(errors(&project, &first).await[0].0, "empty.md");
    assert_eq!(titles(&project, "axolotl").await, ["A"]);
    for (source, expected) in [(id, 1), (id + 1, 0)] {
        let narrowed = json!({ "query": "axolotl", "mode": "lexical", "source_id": source });
        let answer = project.post("/api/v1/knowledge/query", narrowed).await.expect(200);
        assert_eq!(answer["items"].as_array().unwrap().len(), expected, "{answer}");
    }

    std::fs::write(folder.join("a.md"), "# A\n\nThe anteater eats.").unwrap();
    std::fs::remove_file(folder.join("b.txt")).unwrap();
    std::fs::remove_file(folder.join("empty.md")).unwrap();
    let second = run(&project, id).await;
    assert_eq!(counters(&second), [0, 1, 0, 2, 0, 0], "{second}");
    assert!(titles(&project, "bison").await.is_empty() && titles(&project, "axolotl").await.is_empty());
    assert_eq!(counters(&run(&project, id).await), [0, 0, 1, 0, 0, 0]);

    std::fs::rename(&folder, root.path().join("elsewhere")).unwrap();
    let lost = run(&project, id).await;
    assert_eq!(lost["status"], "failed", "{lost}");
    assert!(lost["error"].as_str().unwrap().contains("cannot be opened"), "{lost}");
    assert_eq!(titles(&project, "anteater").await, ["A"], "a folder that is away says nothing of its files");
}

#[tokio::test]
async fn a_folder_outside_of_the_roots_is_refused_and_a_link_out_of_them_too() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let roots = root.path().to_str().unwrap().to_owned();
    let (_app, project) = start(&[("COMMANDCENTER_INGESTION__ALLOWED_ROOTS", &roots)]).await;
    let folder = root.path().join("docs");
    std::fs::create_dir(&folder).unwrap();
    let up = format!("{roots}/../{}", outside.path().file_name().unwrap().to_str().unwrap());
    for path in [outside.path().to_str().unwrap(), "/etc", &up] {
        let reply = project.post(PATH, json!({ "name": "x", "type": "file_watcher", "path": path })).await;
        assert_eq!(reply.problem(422), "validation", "{path}");
    }
    let id = make(&project, json!({ "name": "x", "type": "file_watcher", "path": folder })).await;
    std::fs::remove_dir(&folder).unwrap();
    std::os::unix::fs::symlink(outside.path(), &folder).unwrap();
    let failed = run(&project, id).await;
    assert!(failed["error"].as_str().unwrap().contains("allowed_roots"), "{failed}");
}
