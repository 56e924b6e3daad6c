//! What an import would do, without doing it.

use std::collections::HashMap;

use commandcenter_domain::Repos;
use commandcenter_domain::batch::BatchError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::technology::{ImportRow, MOST_TITLES, MergeStrategy, RowResult, Technology};

/// One result for each row, in their order. Looks the titles up many at once.
pub(super) async fn preview(
    repos: &dyn Repos,
    scope: &ProjectScope,
    (rows, strategy): (&[ImportRow], MergeStrategy),
) -> Result<Vec<RowResult>, BatchError> {
    let mut results = Vec::with_capacity(rows.len());
    for some in rows.chunks(MOST_TITLES) {
        let there = by_key(repos.technologies().find_titled(scope, &keys(some)).await?);
        for row in some {
            let met = there.get(&row.title().key());
            let outcome = row.plan(strategy, met)?.outcome();
            let title = row.title().as_str().to_owned();
            results.push(RowResult { index: results.len(), title, outcome, technology_id: met.map(|met| met.id), error: None });
        }
    }
    Ok(results)
}

/// What titles are looked up by.
pub(super) fn keys(rows: &[ImportRow]) -> Vec<String> {
    rows.iter().map(|row| row.title().key()).collect()
}

/// Technologies by what their titles are looked up by.
pub(super) fn by_key(technologies: Vec<Technology>) -> HashMap<String, Technology> {
    technologies.into_iter().map(|one| (one.profile.title.key(), one)).collect()
}
