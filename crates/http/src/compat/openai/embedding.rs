//! Embeddings for clients of OpenAI.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use commandcenter_domain::llm::{EmbeddingAnswer, EmbeddingRequest};
use commandcenter_domain::shared::Invalid;
use serde_json::{Value, json};

use crate::compat::read::{count, given, object, required, required_text, texts};

/// How vectors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Lists of numbers.
    Float,
    /// The bytes of the numbers, the lowest first, in base 64; what the official clients ask for.
    Base64,
}

/// A request for vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedEmbedding {
    /// The model, by the name that the client gave.
    pub model: String,
    /// The texts.
    pub request: EmbeddingRequest,
    /// How the vectors are wanted.
    pub encoding: Encoding,
}

/// Reads the body of a request.
///
/// # Errors
/// [`Invalid`] with the field that cannot be taken.
pub fn parse_embedding(body: &Value) -> Result<ParsedEmbedding, Invalid> {
    let fields = object(body, "body")?;
    let encoding = match given(fields, "encoding_format").map(Value::as_str) {
        None | Some(Some("float")) => Encoding::Float,
        Some(Some("base64")) => Encoding::Base64,
        Some(_) => return Err(Invalid::one("encoding_format", "unknown", "must be `float` or `base64`")),
    };
    let dimensions = match count(fields, "dimensions")?.map(u32::try_from) {
        None => None,
        Some(Ok(dimensions)) => Some(dimensions),
        Some(Err(_)) => return Err(Invalid::one("dimensions", "out_of_range", "is too large")),
    };
    let request = EmbeddingRequest { texts: texts(required(fields, "input", "")?, "input")?, dimensions };
    Ok(ParsedEmbedding { model: required_text(fields, "model", "")?, request, encoding })
}

/// Writes vectors.
#[must_use]
pub fn write_embedding(model: &str, answer: &EmbeddingAnswer, encoding: Encoding) -> Value {
    let row = |(index, vector): (usize, &Vec<f32>)| {
        let embedding = match encoding {
            Encoding::Float => json!(vector),
            Encoding::Base64 => json!(STANDARD.encode(vector.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>())),
        };
        json!({ "object": "embedding", "index": index, "embedding": embedding })
    };
    let tokens = answer.usage.input_tokens;
    json!({
        "object": "list", "model": model, "data": answer.vectors.iter().enumerate().map(row).collect::<Vec<_>>(),
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    })
}

#[cfg(test)]
mod tests {
    use commandcenter_domain::llm::Usage;

    use super::*;

    #[test]
    fn one_text_or_several_are_read_and_tokens_are_not() {
        let parsed = parse_embedding(&json!({ "model": "m", "input": "a", "encoding_format": "base64", "dimensions": 3 })).unwrap();
        assert_eq!((parsed.request.texts, parsed.request.dimensions, parsed.encoding), (vec!["a".to_owned()], Some(3), Encoding::Base64));
        assert_eq!(parse_embedding(&json!({ "model": "m", "input": ["a", "b"] })).unwrap().request.texts.len(), 2);
        assert_eq!(parse_embedding(&json!({ "model": "m", "input": [1, 2] })).unwrap_err().0[0].field, "input.0");
    }

    #[test]
    fn vectors_are_numbers_or_their_bytes() {
        let answer = EmbeddingAnswer { model: "m".into(), vectors: vec![vec![1.0, -2.0]], usage: Usage::default() };
        assert_eq!(write_embedding("m", &answer, Encoding::Float)["data"][0]["embedding"], json!([1.0, -2.0]));
        assert_eq!(write_embedding("m", &answer, Encoding::Base64)["data"][0]["embedding"], "AACAPwAAAMA=");
    }
}
