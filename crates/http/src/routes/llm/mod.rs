//! The ledger of calls to language models, its sums, budgets and the book of prices.

mod body;
mod budgets;
mod cache;
mod csv;
mod prices;
mod query;
mod view;

use actix_web::{HttpRequest, HttpResponse, get, web};
use commandcenter_domain::PageRequest;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{GroupBy, UsageFilter};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{Query, Scope};
use crate::problem::Problem;
use crate::state::AppState;
use crate::view::PageView;
use query::{Asked, UsageQuery};
use view::{SumView, UsageView};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(usage).service(costs);
    config.configure(budgets::configure).configure(prices::configure).configure(cache::configure);
}

/// The ledger: one row for each attempt at a model, newest first; with `group_by` the sums of these rows, as `/llm/costs` answers. With
/// `format=csv` or `Accept: text/csv` all of it as a file.
#[utoipa::path(tag = "llm", params(UsageQuery), responses(
    (status = 200, description = "Attempts", content(
        (PageView<UsageView> = "application/json"),
        (String = "text/csv"),
    )),
))]
#[get("/llm/usage")]
async fn usage(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    Query(query): Query<UsageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Asked { filter, by, page, is_csv } = query.read(&request)?;
    match (by, is_csv) {
        (Some(by), true) => Ok(csv::file("llm-costs.csv", csv::sums(app, scope, (filter, by)))),
        (Some(by), false) => sums(&app, &scope, (filter, by), page).await,
        (None, true) => Ok(csv::file("llm-usage.csv", csv::rows(app, scope, filter))),
        (None, false) => {
            let page = app.llm.usage.rows(&scope, &filter, page).await?;
            Ok(HttpResponse::Ok().json(PageView::<UsageView>::from(page)))
        }
    }
}

/// What was spent, summed by day if nothing else is asked for. The sums are those of exactly the rows of `/llm/usage`. With `format=csv` or
/// `Accept: text/csv` all of it as a file.
#[utoipa::path(tag = "llm", params(UsageQuery), responses(
    (status = 200, description = "Sums: days in order, anything else by cost", content(
        (PageView<SumView> = "application/json"),
        (String = "text/csv"),
    )),
))]
#[get("/llm/costs")]
async fn costs(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    Query(query): Query<UsageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Asked { filter, by, page, is_csv } = query.read(&request)?;
    let of = (filter, by.unwrap_or(GroupBy::Day));
    if is_csv {
        return Ok(csv::file("llm-costs.csv", csv::sums(app, scope, of)));
    }
    sums(&app, &scope, of, page).await
}

async fn sums(
    app: &AppState,
    scope: &ProjectScope,
    (filter, by): (UsageFilter, GroupBy),
    page: PageRequest,
) -> Result<HttpResponse, Problem> {
    let page = app.llm.usage.sums(scope, &filter, by, page).await?.map(|sum| SumView::of(by, sum));
    Ok(HttpResponse::Ok().json(PageView::<SumView>::from(page)))
}
