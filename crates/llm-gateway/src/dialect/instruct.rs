//! A form of the answer put into words, for providers and cases where it cannot be asked for otherwise.

use commandcenter_domain::llm::{ChatRequest, OutputFormat};

/// The system text of a request, with the form of the answer in words.
pub(super) fn system_with_form(request: &ChatRequest) -> Option<String> {
    let form = match &request.output {
        OutputFormat::Text => return request.system.clone(),
        OutputFormat::Json => "Answer with one JSON object and nothing else: no prose, no code fence.".to_owned(),
        OutputFormat::Schema { schema, .. } => {
            format!("Answer with one JSON value that satisfies this JSON schema and nothing else: no prose, no code fence.\n{schema}")
        }
    };
    match &request.system {
        Some(system) => Some(format!("{system}\n\n{form}")),
        None => Some(form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_what_the_model_is_told() {
        let request = ChatRequest { output: OutputFormat::Json, ..ChatRequest::ask("Be brief.", "hi") };
        assert!(system_with_form(&request).unwrap().starts_with("Be brief.\n\nAnswer with one JSON object"));
        assert_eq!(system_with_form(&ChatRequest::ask("Be brief.", "hi")).as_deref(), Some("Be brief."));
    }
}
