//! Lists of documents, narrowed and sorted.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{DocumentFilter, DocumentSort, KnowledgeDocument};
use commandcenter_domain::shared::{Direction, Sort, SourceId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::within;
use crate::entity::knowledge_document::{Column, Entity};
use crate::entity::source_item;
use crate::error::{broken, sort};

pub(super) async fn page(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    (filter, order): (&DocumentFilter, Sort<DocumentSort>),
    page: PageRequest,
) -> Result<Page<KnowledgeDocument>, StoreError> {
    let query = within(scope).filter(matching(scope, filter));
    let total = query.clone().count(db).await.map_err(sort)?;
    let rows = ordered(query, order).offset(page.offset()).limit(page.limit()).all(db).await.map_err(sort)?;
    let items = rows.into_iter().map(KnowledgeDocument::try_from).collect::<Result<_, _>>().map_err(broken)?;
    Ok(Page { items, total, request: page })
}

fn matching(scope: &ProjectScope, filter: &DocumentFilter) -> Condition {
    let DocumentFilter { category, status, origin, repository, source, technology, tag, kind, language, is_stale, search } = filter;
    let mut all = Condition::all()
        .add_option(category.as_deref().map(|category| Column::Category.eq(category)))
        .add_option(status.map(|status| Column::Status.eq(status.as_str())))
        .add_option(origin.map(|origin| Column::Origin.eq(origin.as_str())))
        .add_option(repository.map(|repository| Column::RepositoryId.eq(repository.get())))
        .add_option(technology.map(|technology| Column::TechnologyId.eq(technology.get())))
        .add_option(kind.map(|kind| Column::MediaType.eq(kind.as_str())))
        .add_option(is_stale.map(|is_stale| Column::IsStale.eq(is_stale)))
        .add_option(language.as_deref().map(|language| Column::Language.eq(language)))
        .add_option(source.map(|source| Column::Id.in_subquery(of_source(scope, source))))
        .add_option(tag.as_deref().map(|tag| Column::Id.in_subquery(labelled(scope, tag))));
    if let Some(search) = search {
        let text = search.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let like = |column: Column| Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new(format!("%{text}%")).escape('\\'));
        all = all.add(Condition::any().add(like(Column::Title)).add(like(Column::Filename)));
    }
    all
}

/// The documents that a source's items have.
fn of_source(scope: &ProjectScope, source: SourceId) -> SelectStatement {
    Query::select()
        .column(source_item::Column::DocumentId)
        .from(source_item::Entity)
        .and_where(source_item::Column::ProjectId.eq(scope.project().get()))
        .and_where(source_item::Column::SourceId.eq(source.get()))
        .and_where(source_item::Column::DocumentId.is_not_null())
        .to_owned()
}

/// The documents with a label.
fn labelled(scope: &ProjectScope, tag: &str) -> SelectStatement {
    Query::select()
        .column("document_id")
        .from("knowledge_tags")
        .and_where(Expr::col("project_id").eq(scope.project().get()))
        .and_where(Expr::col("tag").eq(tag))
        .to_owned()
}

fn ordered(query: Select<Entity>, order: Sort<DocumentSort>) -> Select<Entity> {
    let column = match order.key {
        DocumentSort::CreatedAt => Column::CreatedAt,
        DocumentSort::UpdatedAt => Column::UpdatedAt,
        DocumentSort::Title => Column::Title,
        DocumentSort::Staleness => Column::Staleness,
    };
    let direction = match order.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    query.order_by(column, direction.clone()).order_by(Column::Id, direction)
}
