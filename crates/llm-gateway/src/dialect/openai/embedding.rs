//! Embeddings as OpenAI defined them.

use commandcenter_domain::llm::{EmbeddingRequest, Target};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::told;
use super::request::outgoing;
use crate::dialect::{Outgoing, ReadError, Reported, Vectors};

#[derive(Deserialize)]
struct List {
    model: Option<String>,
    data: Option<Vec<Row>>,
    usage: Option<UsageFields>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Row {
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct UsageFields {
    prompt_tokens: Option<u64>,
}

pub(super) fn write(target: &Target, request: &EmbeddingRequest) -> Outgoing {
    let mut body = json!({ "model": target.model, "input": request.texts, "encoding_format": "float" });
    if let Some(dimensions) = request.dimensions {
        body["dimensions"] = json!(dimensions);
    }
    outgoing(target, &["embeddings"], body)
}

pub(super) fn read(body: &[u8]) -> Result<Vectors, ReadError> {
    let list: List = serde_json::from_slice(body).map_err(ReadError::malformed)?;
    if let Some(error) = &list.error {
        return Err(told(error));
    }
    let rows = list.data.ok_or_else(|| ReadError::malformed("an answer without `data`"))?;
    let mut rows: Vec<_> = rows.into_iter().enumerate().map(|(at, row)| (row.index.unwrap_or(at), row.embedding)).collect();
    rows.sort_by_key(|(index, _)| *index);
    if rows.iter().enumerate().any(|(at, (index, _))| at != *index) {
        return Err(ReadError::malformed("vectors that are not numbered from 0 without gaps"));
    }
    let input = list.usage.and_then(|usage| usage.prompt_tokens);
    Ok(Vectors {
        model: list.model.filter(|model| !model.is_empty()),
        vectors: rows.into_iter().map(|(_, vector)| vector).collect(),
        reported: Reported { input, cached: None, output: Some(0), is_final: true },
    })
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Dialect;

    use super::*;
    use crate::dialect::tests::target;

    #[test]
    fn texts_go_out_together() {
        let request = EmbeddingRequest { texts: vec!["a".into(), "b".into()], dimensions: Some(2) };
        let outgoing = write(&target(Dialect::OpenAi, "http://h/v1"), &request);
        assert_eq!(outgoing.path, ["embeddings"]);
        assert_eq!(outgoing.body, json!({ "model": "m-1", "input": ["a", "b"], "encoding_format": "float", "dimensions": 2 }));
    }

    #[test]
    fn vectors_come_in_the_order_of_their_numbers() {
        let body = r#"{"model":"m","data":[{"index":1,"embedding":[2.0]},{"index":0,"embedding":[1.0]}],"usage":{"prompt_tokens":4}}"#;
        let vectors = read(body.as_bytes()).unwrap();
        assert_eq!((vectors.vectors, vectors.reported.input), (vec![vec![1.0], vec![2.0]], Some(4)));
        assert!(read(br#"{"data":[{"index":1,"embedding":[2.0]}]}"#).is_err());
        assert!(read(b"{}").is_err());
    }
}
