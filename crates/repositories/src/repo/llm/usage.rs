//! The ledger, for reading: rows, and sums of exactly these.

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{Cause, FailureKind, GroupBy, LedgerRow, NanoDollars, Outcome, UsageFilter, UsageRepo, UsageSum};
use commandcenter_domain::shared::{ApiKeyId, LlmAttemptId, ProviderId, UserId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::entity::llm_attempt::{Column, Entity, Model};
use crate::error::{broken, sort};
use crate::paging::count;
use crate::store::On;

/// Every read starts here, so none can forget the scope.
fn matching(scope: &ProjectScope, filter: &UsageFilter) -> Select<Entity> {
    let UsageFilter { provider, model, role, cause, cause_id, user, api_key, outcome, since, until } = filter;
    let texts = [
        (Column::Provider, provider.as_deref()),
        (Column::Model, model.as_deref()),
        (Column::Role, role.as_deref()),
        (Column::Cause, cause.map(Cause::as_str)),
        (Column::CauseId, cause_id.as_deref()),
        (Column::Outcome, outcome.map(Outcome::as_str)),
    ];
    let numbers = [(Column::UserId, user.map(UserId::get)), (Column::ApiKeyId, api_key.map(ApiKeyId::get))];
    let mut query = Entity::find().filter(Column::ProjectId.eq(scope.project().get()));
    for (column, wanted) in texts {
        if let Some(wanted) = wanted {
            query = query.filter(column.eq(wanted));
        }
    }
    for (column, wanted) in numbers {
        if let Some(wanted) = wanted {
            query = query.filter(column.eq(wanted));
        }
    }
    if let Some(since) = since {
        query = query.filter(Column::StartedAt.gte(*since));
    }
    match until {
        Some(until) => query.filter(Column::StartedAt.lt(*until)),
        None => query,
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> UsageRepo for On<C> {
    async fn rows(&self, scope: &ProjectScope, filter: &UsageFilter, page: PageRequest) -> Result<Page<LedgerRow>, StoreError> {
        let query = matching(scope, filter);
        let total = query.clone().count(&self.0).await.map_err(sort)?;
        let query = query.order_by_desc(Column::Id).offset(page.offset()).limit(page.limit());
        let rows = query.all(&self.0).await.map_err(sort)?;
        Ok(Page { items: rows.into_iter().map(row).collect::<Result<_, _>>()?, total, request: page })
    }

    async fn rows_before(
        &self,
        scope: &ProjectScope,
        filter: &UsageFilter,
        (before, limit): (Option<LlmAttemptId>, u64),
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut query = matching(scope, filter).order_by_desc(Column::Id).limit(limit);
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before.get()));
        }
        query.all(&self.0).await.map_err(sort)?.into_iter().map(row).collect()
    }

    async fn sums(&self, scope: &ProjectScope, filter: &UsageFilter, by: GroupBy, page: PageRequest) -> Result<Page<UsageSum>, StoreError> {
        let key = key(by, self.0.get_database_backend());
        let grouped = matching(scope, filter).select_only().column_as(key.clone(), "group_key").group_by(key.clone());
        let total = grouped.clone().into_model::<Key>().paginate(&self.0, 1).num_items().await.map_err(sort)?;
        let sums = SUMS.iter().fold(grouped, |query, (sql, name)| query.column_as(Expr::cust(*sql), *name));
        let sums = match by {
            GroupBy::Day => sums.order_by(key, Order::Asc),
            _ => sums.order_by(Expr::cust("SUM(cost_nano)"), Order::Desc).order_by(key, Order::Asc),
        };
        let rows = sums.offset(page.offset()).limit(page.limit()).into_model::<Sum>().all(&self.0).await.map_err(sort)?;
        Ok(Page { items: rows.into_iter().map(sum).collect::<Result<_, _>>()?, total, request: page })
    }
}

/// PostgreSQL sums 64-bit numbers to a type of any size; none of these sums leaves 64 bits.
const SUMS: [(&str, &str); 7] = [
    ("COUNT(*)", "attempts"),
    ("CAST(SUM(CASE WHEN outcome IN ('complete', 'cached', 'open') THEN 0 ELSE 1 END) AS BIGINT)", "unsuccessful"),
    ("CAST(SUM(input_tokens) AS BIGINT)", "input_tokens"),
    ("CAST(SUM(cached_tokens) AS BIGINT)", "cached_tokens"),
    ("CAST(SUM(output_tokens) AS BIGINT)", "output_tokens"),
    ("CAST(SUM(CASE WHEN estimated THEN 1 ELSE 0 END) AS BIGINT)", "estimated"),
    ("CAST(SUM(cost_nano) AS BIGINT)", "cost_nano"),
];

/// What rows have in common, as text.
fn key(by: GroupBy, backend: DbBackend) -> SimpleExpr {
    let sql = match (by, backend) {
        (GroupBy::Day, DbBackend::Postgres) => "to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        (GroupBy::Day, _) => "substr(started_at, 1, 10)",
        (GroupBy::Provider, _) => "provider",
        (GroupBy::Model, _) => "model",
        (GroupBy::Role, _) => "role",
        (GroupBy::Cause, _) => "cause",
        (GroupBy::ApiKey, _) => "CAST(api_key_id AS TEXT)",
        (GroupBy::User, _) => "CAST(user_id AS TEXT)",
    };
    Expr::cust(sql)
}

#[derive(Debug, FromQueryResult)]
struct Key {
    #[expect(dead_code, reason = "only the number of rows is asked for")]
    group_key: Option<String>,
}

#[derive(Debug, FromQueryResult)]
struct Sum {
    group_key: Option<String>,
    attempts: i64,
    unsuccessful: i64,
    input_tokens: i64,
    cached_tokens: i64,
    output_tokens: i64,
    estimated: i64,
    cost_nano: i64,
}

fn sum(row: Sum) -> Result<UsageSum, StoreError> {
    Ok(UsageSum {
        key: row.group_key,
        attempts: count(row.attempts)?,
        unsuccessful: count(row.unsuccessful)?,
        input_tokens: count(row.input_tokens)?,
        cached_tokens: count(row.cached_tokens)?,
        output_tokens: count(row.output_tokens)?,
        estimated: count(row.estimated)?,
        cost: NanoDollars::new(row.cost_nano),
    })
}

fn row(row: Model) -> Result<LedgerRow, StoreError> {
    let unknown = |column: &str| broken(format!("attempt {}: {column} holds something unknown", row.id));
    let failure = row.failure.as_deref().map(|text| FailureKind::parse(text).ok_or_else(|| unknown("failure")));
    Ok(LedgerRow {
        id: LlmAttemptId::new(row.id),
        provider_id: ProviderId::new(row.provider_id),
        user: row.user_id.map(UserId::new),
        api_key: row.api_key_id.map(ApiKeyId::new),
        cause: Cause::parse(&row.cause).ok_or_else(|| unknown("cause"))?,
        outcome: Outcome::parse(&row.outcome).ok_or_else(|| unknown("outcome"))?,
        failure: failure.transpose()?,
        number: u32::try_from(row.number).map_err(broken)?,
        input_tokens: count(row.input_tokens)?,
        cached_tokens: count(row.cached_tokens)?,
        output_tokens: count(row.output_tokens)?,
        estimated: row.estimated,
        cost: NanoDollars::new(row.cost_nano),
        reserved: NanoDollars::new(row.reserved_nano),
        latency_ms: row.latency_ms.map(count).transpose()?,
        first_token_ms: row.first_token_ms.map(count).transpose()?,
        provider: row.provider,
        model: row.model,
        role: row.role,
        cause_id: row.cause_id,
        started_at: row.started_at,
        ended_at: row.ended_at,
    })
}
