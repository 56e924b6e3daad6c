//! Embeddings of Gemini.

use commandcenter_domain::llm::{EmbeddingRequest, Target};
use serde::Deserialize;
use serde_json::{Value, json};

use super::request::{bare, outgoing};
use crate::dialect::{Outgoing, ReadError, Reported, Vectors};

#[derive(Deserialize)]
struct List {
    embeddings: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Row {
    values: Vec<f32>,
}

pub(super) fn write(target: &Target, request: &EmbeddingRequest) -> Outgoing {
    let model = format!("models/{}", bare(&target.model));
    let requests: Vec<Value> = request.texts.iter().map(|text| one(&model, text, request.dimensions)).collect();
    outgoing(target, "batchEmbedContents", json!({ "requests": requests }))
}

fn one(model: &str, text: &str, dimensions: Option<u32>) -> Value {
    let mut written = json!({ "model": model, "content": { "parts": [{ "text": text }] } });
    if let Some(dimensions) = dimensions {
        written["outputDimensionality"] = json!(dimensions);
    }
    written
}

pub(super) fn read(body: &[u8]) -> Result<Vectors, ReadError> {
    let list: List = serde_json::from_slice(body).map_err(ReadError::malformed)?;
    let rows = list.embeddings.ok_or_else(|| ReadError::malformed("an answer without `embeddings`"))?;
    let reported = Reported { output: Some(0), is_final: true, ..Reported::default() };
    Ok(Vectors { model: None, vectors: rows.into_iter().map(|row| row.values).collect(), reported })
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Dialect;

    use super::*;
    use crate::dialect::tests::target;

    #[test]
    fn texts_go_out_one_request_each() {
        let request = EmbeddingRequest { texts: vec!["a".into()], dimensions: Some(8) };
        let outgoing = write(&target(Dialect::Gemini, "http://h"), &request);
        assert_eq!(outgoing.path, ["v1beta", "models", "m-1:batchEmbedContents"]);
        let one = json!({ "model": "models/m-1", "content": { "parts": [{ "text": "a" }] }, "outputDimensionality": 8 });
        assert_eq!(outgoing.body, json!({ "requests": [one] }));
    }

    #[test]
    fn vectors_come_in_order_and_without_figures() {
        let vectors = read(br#"{"embeddings":[{"values":[1.0]},{"values":[2.0]}]}"#).unwrap();
        assert_eq!((vectors.vectors, vectors.reported.input), (vec![vec![1.0], vec![2.0]], None));
        assert!(read(b"{}").is_err());
    }
}
