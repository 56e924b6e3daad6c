//! Which field of the dialect a JSON schema goes into: the old one knows a part of the language, the new one all of it.

use serde_json::Value;

/// The words that the old fields know.
const KNOWN: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "default",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "anyOf",
    "propertyOrdering",
    "example",
];

/// Whether a schema keeps to the part that the old fields know.
pub(super) fn is_simple(schema: &Value) -> bool {
    let Value::Object(fields) = schema else { return false };
    fields.iter().all(|(name, value)| {
        KNOWN.contains(&name.as_str())
            && match (name.as_str(), value) {
                ("type", value) => value.is_string(),
                ("properties", Value::Object(properties)) => properties.values().all(is_simple),
                ("items", value) => is_simple(value),
                ("anyOf", Value::Array(schemas)) => schemas.iter().all(is_simple),
                ("enum", Value::Array(values)) => values.iter().all(Value::is_string),
                ("properties" | "anyOf" | "enum", _) => false,
                _ => true,
            }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_simple_when_every_word_of_it_is() {
        for (schema, simple) in [
            (json!({ "type": "object", "properties": { "a": { "type": "string", "enum": ["x"] } }, "required": ["a"] }), true),
            (json!({ "type": "object", "additionalProperties": false }), false),
            (json!({ "type": "array", "items": { "$ref": "#/$defs/a" } }), false),
            (json!({ "type": ["string", "null"] }), false),
            (json!({ "enum": [1] }), false),
            (json!(true), false),
        ] {
            assert_eq!(is_simple(&schema), simple, "{schema}");
        }
    }
}
