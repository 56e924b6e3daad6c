//! A change of how a document is filed, checked.

use crate::shared::{Checker, Invalid, Limits, Patch, TechnologyId};

use super::{Category, Filing, KnowledgeDocument, Tags};
use crate::shared::Timestamp;

/// What is to change. **Invariant:** a title is one line of 1 to 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEdit {
    title: Option<String>,
    category: Option<Category>,
    tags: Option<Tags>,
    technology: Patch<TechnologyId>,
}

impl DocumentEdit {
    /// The only way to make one. What is `None` stays as it is.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(
        title: Option<&str>,
        category: Option<&str>,
        tags: Option<&[String]>,
        technology: Patch<TechnologyId>,
    ) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let title = title.map(|title| check.line("title", title, Limits { min: 1, max: 500 }));
        let mut errors = check.finish(()).err().map(|invalid| invalid.0).unwrap_or_default();
        let category = category.map(Category::parse).transpose();
        let tags = tags.map(Tags::of).transpose();
        match (category, tags, errors.is_empty()) {
            (Ok(category), Ok(tags), true) => Ok(Self { title, category, tags, technology }),
            (category, tags, _) => {
                errors.extend(category.err().into_iter().chain(tags.err()).flat_map(|invalid| invalid.0));
                Err(Invalid(errors))
            }
        }
    }

    /// The technology that is linked anew, which must be there.
    #[must_use]
    pub const fn technology(&self) -> Option<TechnologyId> {
        match self.technology {
            Patch::Set(technology) => Some(technology),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// How the document is filed from now on.
    #[must_use]
    pub fn apply(self, old: &KnowledgeDocument, at: Timestamp) -> Filing {
        Filing {
            title_is_given: self.title.is_some() || old.title_is_given,
            title: self.title.unwrap_or_else(|| old.title.clone()),
            category: self.category.map_or_else(|| old.category.clone(), |category| category.as_str().to_owned()),
            tags: self.tags.map_or_else(|| old.tags.clone(), Tags::into_inner),
            technology: self.technology.apply(old.technology),
            at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_rule_is_told() {
        let tags = ["y".repeat(70)];
        let refused = DocumentEdit::parse(Some(" "), Some(""), Some(&tags), Patch::Keep).unwrap_err();
        let fields: Vec<_> = refused.0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["title", "category", "tags"]);
    }
}
