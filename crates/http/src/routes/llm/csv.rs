//! The ledger as a file: read from storage and sent on step by step, however long it is.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use commandcenter_domain::PageRequest;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{GroupBy, LedgerRow, LlmError, UsageFilter, UsageSum};
use commandcenter_domain::shared::{ApiKeyId, LlmAttemptId, UserId};
use futures::{Stream, stream};

use crate::state::AppState;

const ROWS: &str = "id,started_at,ended_at,provider,model,role,cause,cause_id,user_id,api_key_id,attempt,input_tokens,cached_tokens,\
    output_tokens,estimated,cost_nano,reserved_nano,outcome,failure,latency_ms,first_token_ms\r\n";
const SUMS: &str = "attempts,unsuccessful,input_tokens,cached_tokens,output_tokens,estimated,cost_nano\r\n";

/// Answers with a file. When storage fails on the way, the connection breaks off: half a file is not passed off as a whole one.
pub(super) fn file(name: &str, body: impl Stream<Item = Result<Bytes, LlmError>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(body)
}

/// Where a walk stands.
enum At<T> {
    Start,
    After(T),
    End,
}

/// A walk through the rows that pass a filter.
struct Rows {
    at: At<LlmAttemptId>,
    app: web::Data<AppState>,
    scope: ProjectScope,
    filter: UsageFilter,
}

/// Every row that passes the filter, newest first.
pub(super) fn rows(
    app: web::Data<AppState>,
    scope: ProjectScope,
    filter: UsageFilter,
) -> impl Stream<Item = Result<Bytes, LlmError>> + 'static {
    stream::try_unfold(Rows { at: At::Start, app, scope, filter }, Rows::step)
}

impl Rows {
    async fn step(self) -> Result<Option<(Bytes, Self)>, LlmError> {
        let (before, mut text) = match self.at {
            At::Start => (None, ROWS.to_owned()),
            At::After(id) => (Some(id), String::new()),
            At::End => return Ok(None),
        };
        let rows = self.app.llm.usage.step(&self.scope, &self.filter, before).await?;
        text.extend(rows.iter().map(line));
        let at = rows.last().map_or(At::End, |row| At::After(row.id));
        Ok(Some((Bytes::from(text), Self { at, ..self })))
    }
}

/// A walk through the pages of sums.
struct Sums {
    at: At<i64>,
    app: web::Data<AppState>,
    scope: ProjectScope,
    of: (UsageFilter, GroupBy),
}

/// Every sum.
pub(super) fn sums(
    app: web::Data<AppState>,
    scope: ProjectScope,
    of: (UsageFilter, GroupBy),
) -> impl Stream<Item = Result<Bytes, LlmError>> + 'static {
    stream::try_unfold(Sums { at: At::Start, app, scope, of }, Sums::step)
}

impl Sums {
    async fn step(self) -> Result<Option<(Bytes, Self)>, LlmError> {
        let (filter, by) = &self.of;
        let (number, mut text) = match self.at {
            At::Start => (1, format!("{by},{SUMS}")),
            At::After(number) => (number, String::new()),
            At::End => return Ok(None),
        };
        let request = PageRequest::parse(Some(number), Some(100))?;
        let page = self.app.llm.usage.sums(&self.scope, filter, *by, request).await?;
        text.extend(page.items.iter().map(sum_line));
        let at = if page.has_next() { At::After(number + 1) } else { At::End };
        Ok(Some((Bytes::from(text), Self { at, ..self })))
    }
}

fn line(row: &LedgerRow) -> String {
    let number = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
    let count = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    let cells = [
        row.id.to_string(),
        row.started_at.to_rfc3339(),
        row.ended_at.map_or_else(String::new, |at| at.to_rfc3339()),
        cell(&row.provider),
        cell(&row.model),
        cell(row.role.as_deref().unwrap_or_default()),
        row.cause.to_string(),
        cell(row.cause_id.as_deref().unwrap_or_default()),
        number(row.user.map(UserId::get)),
        number(row.api_key.map(ApiKeyId::get)),
        row.number.to_string(),
        row.input_tokens.to_string(),
        row.cached_tokens.to_string(),
        row.output_tokens.to_string(),
        row.estimated.to_string(),
        row.cost.get().to_string(),
        row.reserved.get().to_string(),
        row.outcome.to_string(),
        row.failure.map_or_else(String::new, |failure| failure.to_string()),
        count(row.latency_ms),
        count(row.first_token_ms),
    ];
    cells.join(",") + "\r\n"
}

fn sum_line(sum: &UsageSum) -> String {
    let numbers =
        [sum.attempts, sum.unsuccessful, sum.input_tokens, sum.cached_tokens, sum.output_tokens, sum.estimated].map(|n| n.to_string());
    format!("{},{},{}\r\n", cell(sum.key.as_deref().unwrap_or_default()), numbers.join(","), sum.cost.get())
}

/// A text as a cell (RFC 4180). One that a spreadsheet would take for a formula is marked as text.
fn cell(text: &str) -> String {
    let marked = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if marked.contains([',', '"', '\r', '\n']) { format!("\"{}\"", marked.replace('"', "\"\"")) } else { marked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        for (text, wanted) in [("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("=1+1", "'=1+1"), ("", "")] {
            assert_eq!(cell(text), wanted, "{text}");
        }
    }
}
