//! A document that is a page somewhere: where it is, and what is known of it there.

use crate::shared::{Checker, Invalid, Limits, Timestamp};
use crate::source::{CanonicalUrl, Validators};

use super::{Category, Tags};

/// A page as a client names it.
#[derive(Debug, Clone, Default)]
pub struct AddressFields {
    /// Where it is.
    pub url: String,
    /// The category to file it under.
    pub category: Option<String>,
    /// A title.
    pub title: Option<String>,
    /// Labels; `None` keeps those of a document that is there.
    pub tags: Option<Vec<String>>,
}

/// A page that is taken into the knowledge base. **Invariant:** a title is one line of 1 to 500 characters.
#[derive(Debug, Clone)]
pub struct NewAddress {
    url: CanonicalUrl,
    category: Category,
    title: Option<String>,
    tags: Option<Tags>,
}

impl NewAddress {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(fields: &AddressFields) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let url = CanonicalUrl::parse(&fields.url);
        if fields.url.trim().is_empty() {
            check.note("url", "required", "is required");
        } else if url.is_none() {
            check.note("url", "not_a_url", "must be an absolute http or https URL without credentials, of at most 2048 characters");
        }
        let title = fields.title.as_deref().map(|title| check.line("title", title, Limits { min: 1, max: 500 }));
        let mut errors = check.finish(()).err().map(|invalid| invalid.0).unwrap_or_default();
        let category = Category::parse(fields.category.as_deref().unwrap_or_default());
        let tags = fields.tags.as_deref().map(Tags::of).transpose();
        match (url, category, tags, errors.is_empty()) {
            (Some(url), Ok(category), Ok(tags), true) => Ok(Self { url, category, title, tags }),
            (_, category, tags, _) => {
                errors.extend(category.err().into_iter().chain(tags.err()).flat_map(|invalid| invalid.0));
                Err(Invalid(errors))
            }
        }
    }

    /// Where it is, which is what tells it from others.
    #[must_use]
    pub const fn url(&self) -> &CanonicalUrl {
        &self.url
    }

    /// The category to file it under.
    #[must_use]
    pub const fn category(&self) -> &Category {
        &self.category
    }

    /// A title; without one the document's own is taken.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Free labels; `None` keeps those of a document that is there.
    #[must_use]
    pub const fn tags(&self) -> Option<&Tags> {
        self.tags.as_ref()
    }
}

/// What is known of a document's page from the last times it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// What its last answer said of itself.
    pub validators: Validators,
    /// When it last answered.
    pub fetched_at: Option<Timestamp>,
    /// Since when it has not been answering; `None` when it does.
    pub failing_since: Option<Timestamp>,
    /// Whether its last answer was that it is gone.
    pub is_gone: bool,
}

impl Address {
    /// The page answered.
    #[must_use]
    pub fn answered(validators: Validators, at: Timestamp) -> Self {
        Self { validators, fetched_at: Some(at), failing_since: None, is_gone: false }
    }

    /// The page did not answer, or answered that it is gone; since when is kept.
    #[must_use]
    pub fn failed(self, at: Timestamp, is_gone: bool) -> Self {
        Self { failing_since: self.failing_since.or(Some(at)), is_gone, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_rule_is_told() {
        let told = |fields: AddressFields| {
            let errors = NewAddress::parse(&fields).unwrap_err().0;
            errors.into_iter().map(|error| (error.field, error.code)).collect::<Vec<_>>()
        };
        assert_eq!(told(AddressFields::default())[0], ("url".to_owned(), "required"));
        for url in ["ftp://e.org/a", "file:///etc/passwd", "http://u:p@e.org/", "handbook.md", "//e.org"] {
            let fields = AddressFields { url: url.to_owned(), category: Some("x".to_owned()), ..AddressFields::default() };
            assert_eq!(told(fields), [("url".to_owned(), "not_a_url")], "{url}");
        }
        let wrong = AddressFields {
            url: "https://e.org/".to_owned(),
            title: Some(" ".to_owned()),
            tags: Some(vec!["y".repeat(70)]),
            ..AddressFields::default()
        };
        let fields: Vec<_> = told(wrong).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["title", "category", "tags"]);
    }

    #[test]
    fn one_page_has_one_key_however_it_is_written() {
        let url = |text: &str| {
            let fields = AddressFields { url: text.to_owned(), category: Some("x".to_owned()), ..AddressFields::default() };
            NewAddress::parse(&fields).unwrap().url().to_string()
        };
        assert_eq!(url(" HTTPS://E.org:443/a?utm_source=x#part "), url("https://e.org/a"));
    }
}
