//! The model hub, or a mirror of it.

use std::path::Path;
use std::time::Duration;

use futures::StreamExt;

use crate::model::ModelFile;
use crate::model::store::Draft;

const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// Fetches a file from the hub at `base`; why not, as a sentence.
pub(crate) async fn from_hub(file: &ModelFile, base: &str, directory: &Path) -> Result<(), String> {
    download(file, base, directory).await.map_err(|problem| format!("the model hub at {base}: {problem}"))
}

async fn download(file: &ModelFile, base: &str, directory: &Path) -> Result<(), String> {
    let client = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).build().map_err(|e| cause(&e))?;
    let response = client.get(format!("{base}/{}", file.hub_path)).send().await.map_err(|e| cause(&e))?;
    let response = response.error_for_status().map_err(|e| e.status().map_or_else(|| cause(&e), |status| format!("answered {status}")))?;
    // Told by its length, another model of that name is not fetched in vain.
    if let Some(length) = response.content_length().filter(|length| *length != file.size) {
        return Err(format!("has another {}, of {length} bytes", file.name));
    }
    let mut draft = Draft::new(file, directory).map_err(|e| e.to_string())?;
    let mut stream = response.bytes_stream();
    while let Some(bytes) = stream.next().await {
        draft.write(&bytes.map_err(|e| cause(&e))?)?;
    }
    draft.finish(directory)
}

/// The innermost reason, which is the one that tells something.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const FILE: ModelFile = ModelFile {
        name: "tokenizer.json",
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        hub_path: "some/model/resolve/main/tokenizer.json",
        package: "",
        member: "",
    };

    async fn hub(answer: ResponseTemplate) -> MockServer {
        commandcenter_app::install_crypto();
        let server = MockServer::start().await;
        Mock::given(method("GET")).and(path("/some/model/resolve/main/tokenizer.json")).respond_with(answer).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn the_pinned_file_is_taken() {
        let (server, dir) = (hub(ResponseTemplate::new(200).set_body_string("abc")).await, tempfile::tempdir().unwrap());
        from_hub(&FILE, &server.uri(), dir.path()).await.unwrap();
        assert_eq!(std::fs::read_to_string(dir.path().join("tokenizer.json")).unwrap(), "abc");
    }

    #[tokio::test]
    async fn anything_else_is_refused_and_leaves_nothing() {
        for (answer, reason) in [
            (ResponseTemplate::new(404), "404"),
            (ResponseTemplate::new(200).set_body_string("abcd"), "of 4 bytes"),
            (ResponseTemplate::new(200).set_body_string("xyz"), "not the pinned file"),
        ] {
            let (server, dir) = (hub(answer).await, tempfile::tempdir().unwrap());
            let problem = from_hub(&FILE, &server.uri(), dir.path()).await.unwrap_err();
            assert!(problem.contains(reason), "{problem}");
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(from_hub(&FILE, "http://127.0.0.1:1", dir.path()).await.is_err());
    }
}
