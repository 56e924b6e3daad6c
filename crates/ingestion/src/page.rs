//! Single pages, for people who name them. Whoever names a page wants it: robots.txt, which is for those who roam, is not asked.

use async_trait::async_trait;
use commandcenter_domain::source::{CanonicalUrl, Content, Page, PageReader, Read, ReadFailure, Validators};

use crate::fetch::{Fetched, Request};
use crate::reader::Reader;
use crate::site::file_name;

#[async_trait]
impl PageReader for Reader {
    fn admit(&self, url: &CanonicalUrl) -> Result<(), ReadFailure> {
        self.fetcher.admit(url)
    }

    async fn page(&self, url: &CanonicalUrl, known: &Validators, limit: u64) -> Result<Read, ReadFailure> {
        let pause = Some(self.fetcher.owed(url).await);
        match self.fetcher.get(Request { url, known, limit, pause }).await? {
            Fetched::Unchanged => Ok(Read::Unchanged),
            Fetched::Refused(status @ (404 | 410)) => Ok(Read::Gone(format!("the server answered {status}"))),
            Fetched::Refused(status) => Err(ReadFailure::Status(status)),
            Fetched::Fresh { url: found, media_type, validators, bytes } => {
                let content = Content { name: file_name(&found, &media_type), title: None, url: Some(found.to_string()), bytes };
                Ok(Read::Page(Page { content, validators, links: Vec::new(), moved_to: None }))
            }
        }
    }
}
