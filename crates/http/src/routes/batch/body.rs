//! What clients send of batches.

use commandcenter_domain::FieldError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::Invalid;
use commandcenter_domain::technology::ProfileInput;
use commandcenter_services::batch::{ImportInput, Notify};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::extract::part_of_body;
use crate::routes::technologies::CreateTechnology;

/// Technologies to import.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"technologies": [{"title": "Faust", "domain": "audio-dsp"}, {"title": "JUCE", "priority": 4}], "merge_strategy": "merge"}))]
pub(super) struct ImportTechnologies {
    /// 1 to 10,000 technologies, no title twice. With `merge` a field that is left out stays as it is; null empties it.
    #[schema(value_type = Vec<CreateTechnology>, min_items = 1, max_items = 10_000)]
    technologies: Vec<Value>,
    /// What becomes of a technology that is there under the same title: `skip` leaves it (default), `overwrite` replaces it, so that fields
    /// not named go back to their defaults, `merge` fills the fields that are named.
    #[schema(default = "skip")]
    merge_strategy: Option<String>,
    /// Tells what would happen, row by row, and writes nothing.
    #[schema(default = false)]
    pub(super) dry_run: Option<bool>,
    /// Whether the event `cc.batch.completed.v1` tells of the end.
    #[schema(default = true)]
    notify_on_complete: Option<bool>,
    /// Free labels.
    #[schema(value_type = Object)]
    tags: Option<Map<String, Value>>,
    /// The project, for those who name it twice; must be the one of the request.
    project_id: Option<i64>,
}

impl ImportTechnologies {
    /// The rows with the right form, whatever their values.
    pub(super) fn read(self, scope: &ProjectScope) -> Result<ImportInput, Invalid> {
        let Self { technologies, merge_strategy, dry_run: _, notify_on_complete, tags, project_id } = self;
        if project_id.is_some_and(|id| id != scope.project().get()) {
            return Err(Invalid::one("project_id", "contradiction", "must be the project of the request"));
        }
        let errors: Vec<_> = technologies.iter().enumerate().filter_map(|(index, row)| misshapen(index, row)).take(200).collect();
        if !errors.is_empty() {
            return Err(Invalid(errors));
        }
        let notify = if notify_on_complete.unwrap_or(true) { Notify::OnComplete } else { Notify::Never };
        Ok(ImportInput { technologies, merge_strategy, tags: tags.unwrap_or_default(), notify })
    }
}

fn misshapen(index: usize, row: &Value) -> Option<FieldError> {
    let place = format!("technologies[{index}]");
    if !row.is_object() {
        return Some(FieldError::new(place, "wrong_type", "must be an object"));
    }
    part_of_body::<ProfileInput>(row, &place).err()
}
