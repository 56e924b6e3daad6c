//! What clients send of sources.

use commandcenter_domain::Patch;
use commandcenter_domain::source::{PushInput, SourceInput};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::extract::double_option;

/// Declares the two bodies, which differ in what must be there only, from one list of fields.
macro_rules! bodies {
    ($($(#[$meta:meta])* $field:ident: $type:ty as $shown:ty,)+) => {
        /// A source to make.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"name": "The handbook", "type": "documentation", "url": "https://docs.example.com/",
            "config": {"max_depth": 3, "max_pages": 500}, "schedule": "0 4 * * *"}))]
        pub(super) struct CreateSource {
            /// 1 to 255 characters, once in a project.
            name: String,
            /// `rss`, `documentation`, `webhook`, `file_watcher`, `hacker_news` or `github`.
            #[serde(rename = "type")]
            kind: String,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$shown>)] $field: Option<Option<$type>>,)+
        }

        /// What of a source changes. A field left out stays; null empties it, or puts the default back.
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!({"enabled": false}))]
        pub(super) struct UpdateSource {
            /// 1 to 255 characters, once in a project.
            #[serde(default, deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            name: Option<Option<String>>,
            /// Cannot be changed; the stored one may be given.
            #[serde(default, rename = "type", deserialize_with = "double_option")]
            #[schema(value_type = Option<String>)]
            kind: Option<Option<String>>,
            $($(#[$meta])* #[serde(default, deserialize_with = "double_option")] #[schema(value_type = Option<$shown>)] $field: Option<Option<$type>>,)+
        }

        impl From<CreateSource> for SourceInput {
            fn from(body: CreateSource) -> Self {
                Self { name: Patch::Set(body.name), kind: Patch::Set(body.kind), $($field: Patch::from_double(body.$field),)+ }
            }
        }

        impl From<UpdateSource> for SourceInput {
            fn from(body: UpdateSource) -> Self {
                let (name, kind) = (Patch::from_double(body.name), Patch::from_double(body.kind));
                Self { name, kind, $($field: Patch::from_double(body.$field),)+ }
            }
        }
    };
}

bodies! {
    /// Of a feed: its address. Of a site: its first page. Private addresses need `net.allow_private`.
    url: String as String,
    /// Of a folder: its absolute path, below one of `ingestion.allowed_roots`.
    path: String as String,
    /// A cron expression in UTC; makes a schedule. Needs a maintainer.
    schedule: String as String,
    /// 1 (last) to 10 (first); 5 if left out.
    priority: i64 as i64,
    /// Whether it is read; true if left out.
    enabled: bool as bool,
    /// Settings of its type, and for all types `category` and `tags`. Given as a whole.
    config: Map<String, Value> as Object,
    /// Of a webhook, and required there: 16 to 255 characters that pushes are signed with. It is stored sealed and never shown.
    #[schema(write_only)]
    secret: String as String,
}

/// Which sources. Conditions combine with AND.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListSources {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// `name`, `priority`, `created_at` or `last_run`; with `-` in front the other way. The highest priority first without.
    pub(super) sort: Option<String>,
    /// Of this type.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    /// Those that are read, or those that are paused.
    pub(super) enabled: Option<bool>,
}

/// Which items.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListItems {
    /// Which page, from 1.
    #[param(minimum = 1, default = 1)]
    pub(super) page: Option<i64>,
    /// Rows per page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// `found`, `seen`, `duplicate`, `gone`, `failed` or `skipped`.
    pub(super) state: Option<String>,
}

/// Which source is pushed to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PushQuery {
    /// The source: one of the type `webhook`.
    pub(super) source_id: i64,
}

/// A document to take in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Release 1.2", "content": "# Release 1.2\n\nFaster.", "url": "https://example.com/1.2"}))]
pub(super) struct PushDocument {
    /// 1 to 500 characters.
    title: String,
    /// Markdown, a web page or plain text.
    content: String,
    /// Where people can read it.
    url: Option<String>,
    /// What tells it from others of the source; its `url` if left out, else its `title`. The same again is a new version.
    id: Option<String>,
}

impl From<PushDocument> for PushInput {
    fn from(body: PushDocument) -> Self {
        let PushDocument { title, content, url, id } = body;
        Self { title, content, url, id }
    }
}
