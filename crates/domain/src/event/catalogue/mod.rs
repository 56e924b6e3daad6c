//! Every type of event that is published, with the shape of its data. What is not here must not be published: a test compares.

mod types;

use serde_json::{Map, Value, json};

/// A type of event.
#[derive(Debug)]
pub struct EventType {
    /// `cc.<context>.<what>.v1`. A change of its data that readers could trip over gets the next version.
    pub name: &'static str,
    /// When it is published.
    pub about: &'static str,
    fields: &'static [Field],
}

/// A field of an event's data.
#[derive(Debug)]
struct Field {
    name: &'static str,
    shape: Shape,
    presence: Presence,
    about: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Integer,
    Text,
    Flag,
    Moment,
    Texts,
}

/// Whether a field has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// Always, with a value.
    Always,
    /// Always, maybe null.
    Nullable,
    /// Only where it applies, and then maybe null.
    Sometimes,
}

impl EventType {
    /// Every type.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        types::ALL.iter().copied().flatten()
    }

    /// The type of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|one| one.name == name)
    }

    /// The JSON Schema (2020-12) of its data. Readers must bear fields that are not in it: new ones may come.
    #[must_use]
    pub fn schema(&self) -> Value {
        let properties: Map<String, Value> = self.fields.iter().map(|field| (field.name.to_owned(), field.schema())).collect();
        let required: Vec<_> = self.fields.iter().filter(|field| field.presence != Presence::Sometimes).map(|field| field.name).collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "description": self.about,
            "type": "object",
            "properties": properties,
            "required": required,
        })
    }

    /// What is wrong with data as that of an event of this type; `None` when it is as the schema says and holds nothing else.
    #[must_use]
    pub fn fault_of(&self, data: &Value) -> Option<String> {
        let Some(data) = data.as_object() else { return Some("the data is not an object".to_owned()) };
        let unknown = data.keys().find(|name| !self.fields.iter().any(|field| field.name == name.as_str()));
        if let Some(name) = unknown {
            return Some(format!("`{name}` is not in the schema"));
        }
        self.fields
            .iter()
            .find(|field| !field.admits(data.get(field.name)))
            .map(|field| format!("`{}` is not as the schema says", field.name))
    }
}

impl Field {
    fn schema(&self) -> Value {
        let name = match self.shape {
            Shape::Integer => "integer",
            Shape::Text | Shape::Moment => "string",
            Shape::Flag => "boolean",
            Shape::Texts => "array",
        };
        let kind = if self.presence == Presence::Always { json!(name) } else { json!([name, "null"]) };
        let mut schema = json!({ "type": kind, "description": self.about });
        match self.shape {
            Shape::Moment => schema["format"] = json!("date-time"),
            Shape::Texts => schema["items"] = json!({ "type": "string" }),
            Shape::Integer | Shape::Text | Shape::Flag => {}
        }
        schema
    }

    fn admits(&self, value: Option<&Value>) -> bool {
        match value {
            None => self.presence == Presence::Sometimes,
            Some(Value::Null) => self.presence != Presence::Always,
            Some(value) => match self.shape {
                Shape::Integer => value.is_i64() || value.is_u64(),
                Shape::Text => value.is_string(),
                Shape::Flag => value.is_boolean(),
                Shape::Moment => value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
                Shape::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_shaped_alike() {
        let mut names: Vec<_> = EventType::all().map(|one| one.name).collect();
        for name in &names {
            let parts: Vec<_> = name.split('.').collect();
            let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            let version = parts[3].strip_prefix('v').and_then(|digits| digits.parse::<u32>().ok());
            assert!(parts.len() == 4 && parts[0] == "cc" && word(parts[1]) && word(parts[2]) && version.is_some(), "{name}");
        }
        let total = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), total);
    }

    #[test]
    fn data_is_held_to_its_schema() {
        let fault = |data: Value| EventType::find("cc.job.failed.v1").unwrap().fault_of(&data);
        let good = json!({ "job_id": 1, "job_type": "repository_sync", "status": "failed", "error": null });
        assert_eq!(fault(good.clone()), None);
        for (name, wrong) in [("job_id", json!("1")), ("job_type", Value::Null), ("error", json!(1)), ("more", json!(1))] {
            let mut data = good.clone();
            data[name] = wrong;
            assert!(fault(data).unwrap().contains(name));
        }
        assert!(fault(json!({})).is_some() && fault(json!([])).is_some());
        let schema = EventType::find("cc.job.failed.v1").unwrap().schema();
        assert_eq!(schema["properties"]["error"]["type"], json!(["string", "null"]));
        assert_eq!(schema["required"], json!(["job_id", "job_type", "status", "error"]));
    }
}
