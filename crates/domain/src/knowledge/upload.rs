//! A file that a person uploads, checked.

use crate::shared::{Checker, Invalid, Limits};

use super::{Category, Tags};

/// What comes with a file, as a client says it.
#[derive(Debug, Clone, Default)]
pub struct UploadFields {
    /// The file's name, perhaps with folders.
    pub filename: String,
    /// The category to file it under.
    pub category: Option<String>,
    /// A title.
    pub title: Option<String>,
    /// Labels, separated by commas.
    pub tags: Option<String>,
}

/// How a file is taken into the knowledge base. **Invariant:** its name is one line of 1 to 255 characters without folders.
#[derive(Debug, Clone)]
pub struct NewUpload {
    pub(super) filename: String,
    pub(super) category: Category,
    pub(super) title: Option<String>,
    pub(super) tags: Tags,
}

impl NewUpload {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(fields: &UploadFields) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        // Browsers on some systems send the whole path.
        let name = fields.filename.rsplit(['/', '\\']).next().unwrap_or_default();
        let filename = check.line("file", name, Limits { min: 1, max: 255 });
        let title = check.optional_line("title", fields.title.as_deref(), 500);
        let mut errors = check.finish(()).err().map(|invalid| invalid.0).unwrap_or_default();
        let category = Category::parse(fields.category.as_deref().unwrap_or_default());
        let tags = Tags::parse(fields.tags.as_deref().unwrap_or_default());
        match (category, tags, errors.is_empty()) {
            (Ok(category), Ok(tags), true) => Ok(Self { filename, category, title, tags }),
            (category, tags, _) => {
                errors.extend(category.err().into_iter().chain(tags.err()).flat_map(|invalid| invalid.0));
                Err(Invalid(errors))
            }
        }
    }

    /// The file's name.
    #[must_use]
    pub fn filename(&self) -> &str {
        &self.filename
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

    /// Free labels.
    #[must_use]
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_dropped_and_every_broken_rule_is_told() {
        let fields = UploadFields { filename: "C:\\docs\\a.md".to_owned(), category: Some("guides".to_owned()), ..UploadFields::default() };
        assert_eq!(NewUpload::parse(&fields).unwrap().filename(), "a.md");
        let broken = UploadFields { filename: "x/".to_owned(), tags: Some("y".repeat(70)), ..UploadFields::default() };
        let fields: Vec<_> = NewUpload::parse(&broken).unwrap_err().0.into_iter().map(|e| e.field).collect();
        assert_eq!(fields, ["file", "category", "tags"]);
    }
}
