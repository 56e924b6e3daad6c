//! Which documents a list shows.

use commandcenter_domain::knowledge::{ContentKind, DocumentFilter, DocumentOrigin, DocumentStatus};
use commandcenter_domain::shared::{Checker, Invalid, RepositoryId, SourceId, TechnologyId};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which documents. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListDocuments {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// `created_at`, `updated_at`, `title` or `staleness`; with `-` in front the other way. Newest first without.
    pub(super) sort: Option<String>,
    /// Filed under this.
    pub(super) category: Option<String>,
    /// `pending`, `indexing`, `indexed` or `failed`.
    pub(super) status: Option<String>,
    /// `upload`, `repository`, `source` or `url`.
    pub(super) origin: Option<String>,
    /// Read from this repository.
    pub(super) repository_id: Option<i64>,
    /// Brought by this source.
    pub(super) source_id: Option<i64>,
    /// About this technology.
    pub(super) technology_id: Option<i64>,
    /// With this label.
    pub(super) tag: Option<String>,
    /// What its bytes are, as `content_type` says it: `application/pdf`, `text/x-source-code` and so on.
    pub(super) content_type: Option<String>,
    /// In this language: `en`, or `rust` for source code.
    pub(super) language: Option<String>,
    /// Those that count as stale, or those that do not.
    pub(super) stale: Option<bool>,
    /// With this text in the title or the file's name.
    pub(super) search: Option<String>,
}

impl ListDocuments {
    pub(super) fn filter(&self) -> Result<DocumentFilter, Invalid> {
        let mut check = Checker::new();
        let filter = DocumentFilter {
            category: check.optional_line("category", self.category.as_deref(), 100),
            status: self.status.as_deref().and_then(|text| check.choice("status", text, DocumentStatus::parse)),
            origin: self.origin.as_deref().and_then(|text| check.choice("origin", text, DocumentOrigin::parse)),
            repository: self.repository_id.map(RepositoryId::new),
            source: self.source_id.map(SourceId::new),
            technology: self.technology_id.map(TechnologyId::new),
            tag: check.optional_line("tag", self.tag.as_deref(), 64),
            kind: self.content_type.as_deref().and_then(|text| check.choice("content_type", text, ContentKind::parse)),
            language: check.optional_line("language", self.language.as_deref(), 32),
            is_stale: self.stale,
            search: check.optional_line("search", self.search.as_deref(), 200),
        };
        check.finish(filter)
    }
}
