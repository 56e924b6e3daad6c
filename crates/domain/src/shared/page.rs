//! Pages of a list.

use super::fault::Invalid;

/// Which page of a list is wanted. **Invariant:** `page` ≥ 1, `limit` 1 to 100, and the offset fits a database integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    page: u64,
    limit: u64,
}

impl PageRequest {
    /// Largest page size.
    pub const MAX_LIMIT: u64 = 100;
    /// Page size when none is asked for.
    pub const DEFAULT_LIMIT: u64 = 20;
    /// Highest page number: beyond it the offset would leave what databases can count.
    pub const MAX_PAGE: u64 = 10_000_000;

    /// Checks the numbers as a client gave them; `None` takes the default.
    ///
    /// # Errors
    /// [`Invalid`] naming `page` or `limit`.
    pub fn parse(page: Option<i64>, limit: Option<i64>) -> Result<Self, Invalid> {
        let page = in_range("page", page.unwrap_or(1), Self::MAX_PAGE)?;
        let limit = in_range("limit", limit.unwrap_or(20), Self::MAX_LIMIT)?;
        Ok(Self { page, limit })
    }

    /// The page number, from 1.
    #[must_use]
    pub const fn page(&self) -> u64 {
        self.page
    }

    /// Rows per page.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Rows before this page.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        (self.page - 1) * self.limit
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { page: 1, limit: Self::DEFAULT_LIMIT }
    }
}

fn in_range(field: &str, value: i64, max: u64) -> Result<u64, Invalid> {
    match u64::try_from(value) {
        Ok(value) if (1..=max).contains(&value) => Ok(value),
        Ok(_) | Err(_) => Err(Invalid::one(field, "out_of_range", format!("must be between 1 and {max}"))),
    }
}

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A sort order over the keys `K` that a list offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<K> {
    /// What to sort by.
    pub key: K,
    /// Which way.
    pub direction: Direction,
}

impl<K> Sort<K> {
    /// Reads `field` or `-field`, with `key` telling the known fields; `None` when no field is meant.
    ///
    /// # Errors
    /// [`Invalid`] on `sort` when the field is unknown.
    pub fn parse(text: Option<&str>, key: impl Fn(&str) -> Option<K>) -> Result<Option<Self>, Invalid> {
        let Some(text) = text else { return Ok(None) };
        let (direction, name) = match text.strip_prefix('-') {
            Some(rest) => (Direction::Descending, rest),
            None => (Direction::Ascending, text),
        };
        match key(name) {
            Some(key) => Ok(Some(Self { key, direction })),
            None => Err(Invalid::one("sort", "unknown_field", "is not a field this list can be sorted by")),
        }
    }
}

/// One page of a list, with the number of rows on all pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows that match, on all pages.
    pub total: u64,
    /// Which page this is.
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// The same page with each row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total, request: self.request }
    }

    /// Whether rows follow this page.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.request.offset() + self.request.limit() < self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_the_contract_are_refused() {
        for (page, limit) in [(0, 20), (-1, 20), (i64::MAX, 20), (1, 0), (1, 101), (1, -5), (i64::MIN, 1)] {
            assert!(PageRequest::parse(Some(page), Some(limit)).is_err(), "{page}/{limit}");
        }
    }

    #[test]
    fn the_last_page_has_no_next() {
        let request = PageRequest::parse(Some(2), Some(10)).unwrap();
        assert!(!Page::<()> { items: vec![], total: 20, request }.has_next());
        assert!(Page::<()> { items: vec![], total: 21, request }.has_next());
    }
}
