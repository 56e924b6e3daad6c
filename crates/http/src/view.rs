//! The envelope of every list.

use commandcenter_domain::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageView<T> {
    /// The rows of this page.
    pub(crate) items: Vec<T>,
    /// Rows that match, on all pages.
    pub(crate) total: u64,
    /// Which page this is, from 1.
    pub(crate) page: u64,
    /// Rows per page.
    pub(crate) page_size: u64,
    /// Whether rows follow.
    pub(crate) has_next: bool,
    /// Whether rows come before.
    pub(crate) has_prev: bool,
}

impl<D, T: From<D>> From<Page<D>> for PageView<T> {
    fn from(page: Page<D>) -> Self {
        let has_next = page.has_next();
        let request = page.request;
        Self {
            items: page.items.into_iter().map(T::from).collect(),
            total: page.total,
            page: request.page(),
            page_size: request.limit(),
            has_next,
            has_prev: request.page() > 1,
        }
    }
}
