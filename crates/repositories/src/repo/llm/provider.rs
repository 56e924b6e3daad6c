//! Providers, their sealed keys and the book of prices.

use std::collections::BTreeMap;

use async_trait::async_trait;
use commandcenter_domain::llm::{
    CallableProvider, Dialect, NewPrice, Origin, Owner, Owning, Price, PriceRow, PricedModel, Provider, ProviderModel, ProviderRepo,
    ProviderUpdate,
};
use commandcenter_domain::shared::{PriceId, ProjectId, ProviderId, Timestamp};
use commandcenter_domain::{Page, PageRequest, Patch, StoreError};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::llm_price as price;
use crate::entity::llm_provider::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};
use crate::store::On;

/// What is seen from here: the project's own and the instance's.
fn seen(owning: Owning<'_>) -> Condition {
    let all = Condition::any().add(Column::ProjectId.is_null());
    match owning {
        Owning::Instance => all,
        Owning::Project(scope) => all.add(Column::ProjectId.eq(scope.project().get())),
    }
}

/// What can be called from here.
fn called(owning: Owning<'_>) -> Condition {
    Condition::all().add(seen(owning)).add(Column::IsEnabled.eq(true))
}

/// What may be changed from here: the owner's own.
fn owned(owning: Owning<'_>) -> Condition {
    Condition::all().add(match owning {
        Owning::Instance => Column::ProjectId.is_null(),
        Owning::Project(scope) => Column::ProjectId.eq(scope.project().get()),
    })
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> ProviderRepo for On<C> {
    async fn visible(&self, owning: Owning<'_>, at: Timestamp) -> Result<Vec<Provider>, StoreError> {
        let rows = read(&self.0, seen(owning)).await?;
        let found = priced(&self.0, rows, at).await?;
        Ok(found.into_iter().map(|callable| callable.provider).collect())
    }

    async fn callable(&self, owning: Owning<'_>, at: Timestamp) -> Result<Vec<CallableProvider>, StoreError> {
        let rows = read(&self.0, called(owning)).await?;
        priced(&self.0, rows, at).await
    }

    async fn stored(&self, owning: Owning<'_>, at: Timestamp) -> Result<Vec<CallableProvider>, StoreError> {
        let rows = read(&self.0, owned(owning)).await?;
        priced(&self.0, rows, at).await
    }

    async fn insert(&self, owning: Owning<'_>, update: &ProviderUpdate<'_>) -> Result<ProviderId, StoreError> {
        let row = ActiveModel {
            project_id: Set(owning.project().map(ProjectId::get)),
            version: Set(1),
            created_at: Set(update.at),
            ..written(update)
        };
        let id = Entity::insert(row).exec(&self.0).await.map_err(sort)?.last_insert_id;
        Ok(ProviderId::new(id))
    }

    async fn update(&self, owning: Owning<'_>, id: ProviderId, update: &ProviderUpdate<'_>) -> Result<bool, StoreError> {
        let query = Entity::update_many().filter(owned(owning)).filter(Column::Id.eq(id.get())).set(written(update));
        let query = query.col_expr(Column::Version, Expr::col(Column::Version).add(1));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn delete(&self, owning: Owning<'_>, id: ProviderId) -> Result<bool, StoreError> {
        let query = Entity::delete_many().filter(owned(owning)).filter(Column::Id.eq(id.get()));
        Ok(query.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn add_prices(&self, prices: &[NewPrice]) -> Result<(), StoreError> {
        if prices.is_empty() {
            return Ok(());
        }
        let rows = prices.iter().map(|new| price::ActiveModel {
            id: NotSet,
            provider_id: Set(new.provider.get()),
            model: Set(new.model.clone()),
            input_nano_per_million: Set(new.price.input_nano_per_million),
            cached_nano_per_million: Set(new.price.cached_nano_per_million),
            output_nano_per_million: Set(new.price.output_nano_per_million),
            currency: Set(commandcenter_domain::llm::CURRENCY.to_owned()),
            source: Set(new.source.clone()),
            valid_from: Set(new.valid_from),
            created_at: Set(new.at),
        });
        price::Entity::insert_many(rows).exec_without_returning(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn prices(
        &self,
        owning: Owning<'_>,
        (alias, model): (Option<&str>, Option<&str>),
        page: PageRequest,
    ) -> Result<Page<PriceRow>, StoreError> {
        let mut providers = Entity::find().filter(seen(owning));
        if let Some(alias) = alias {
            providers = providers.filter(Column::Alias.eq(alias));
        }
        let names: BTreeMap<i64, String> = providers.all(&self.0).await.map_err(sort)?.into_iter().map(|row| (row.id, row.alias)).collect();
        let mut query = price::Entity::find().filter(price::Column::ProviderId.is_in(names.keys().copied()));
        if let Some(model) = model {
            query = query.filter(price::Column::Model.eq(model));
        }
        let total = query.clone().count(&self.0).await.map_err(sort)?;
        let query = query.order_by_desc(price::Column::ValidFrom).order_by_desc(price::Column::Id);
        let rows = query.offset(page.offset()).limit(page.limit()).all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(|row| price_row(row, &names)).collect();
        Ok(Page { items, total, request: page })
    }
}

async fn read(db: &impl ConnectionTrait, condition: Condition) -> Result<Vec<Model>, StoreError> {
    let mut rows = Entity::find().filter(condition).all(db).await.map_err(sort)?;
    rows.sort_by(|a, b| (a.project_id.is_none(), &a.alias).cmp(&(b.project_id.is_none(), &b.alias)));
    Ok(rows)
}

/// Rows with the prices of a moment, in one more statement however many there are.
async fn priced(db: &impl ConnectionTrait, rows: Vec<Model>, at: Timestamp) -> Result<Vec<CallableProvider>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = price::Entity::find()
        .filter(price::Column::ProviderId.is_in(rows.iter().map(|row| row.id)))
        .filter(price::Column::ValidFrom.lte(at))
        .order_by_asc(price::Column::ValidFrom)
        .order_by_asc(price::Column::Id);
    // The last one of a model stands.
    let mut prices: BTreeMap<(i64, String), Price> = BTreeMap::new();
    for row in query.all(db).await.map_err(sort)? {
        let price = price_of(&row);
        prices.insert((row.provider_id, row.model), price);
    }
    rows.into_iter().map(|row| provider(row, &prices)).collect()
}

const fn price_of(row: &price::Model) -> Price {
    Price {
        input_nano_per_million: row.input_nano_per_million,
        cached_nano_per_million: row.cached_nano_per_million,
        output_nano_per_million: row.output_nano_per_million,
    }
}

fn price_row(row: price::Model, names: &BTreeMap<i64, String>) -> PriceRow {
    PriceRow {
        id: PriceId::new(row.id),
        provider: ProviderId::new(row.provider_id),
        alias: names.get(&row.provider_id).cloned().unwrap_or_default(),
        price: price_of(&row),
        model: row.model,
        source: row.source,
        valid_from: row.valid_from,
        created_at: row.created_at,
    }
}

/// Every column that a person fills.
fn written(update: &ProviderUpdate<'_>) -> ActiveModel {
    let ProviderUpdate { provider, sealed_key, origin, at } = update;
    let models: Vec<&ProviderModel> = provider.models.iter().map(|priced| &priced.model).collect();
    let (api_key, key_hint) = match sealed_key.clone() {
        Patch::Keep => (NotSet, NotSet),
        Patch::Clear => (Set(None), Set(None)),
        Patch::Set((sealed, hint)) => (Set(Some(sealed)), Set(hint)),
    };
    ActiveModel {
        alias: Set(provider.alias.clone()),
        dialect: Set(provider.dialect.as_str().to_owned()),
        base_url: Set(provider.base_url.as_str().to_owned()),
        api_key,
        key_hint,
        models: Set(json!(models)),
        origin: Set(origin.as_str().to_owned()),
        is_enabled: Set(provider.is_enabled),
        updated_at: Set(*at),
        ..Default::default()
    }
}

fn provider(row: Model, prices: &BTreeMap<(i64, String), Price>) -> Result<CallableProvider, StoreError> {
    let unknown = |column: &str| broken(format!("provider {}: {column} holds something unknown", row.id));
    let models: Vec<ProviderModel> = serde_json::from_value(row.models.clone()).map_err(broken)?;
    let with_price = |model: ProviderModel| {
        let price = prices.get(&(row.id, model.name.clone())).copied().unwrap_or_default();
        PricedModel { model, price }
    };
    let provider = Provider {
        id: ProviderId::new(row.id),
        owner: Owner::of(row.project_id.map(ProjectId::new)),
        dialect: Dialect::parse(&row.dialect).ok_or_else(|| unknown("dialect"))?,
        base_url: row.base_url.parse().map_err(|_| unknown("base_url"))?,
        has_key: row.api_key.is_some(),
        key_hint: row.key_hint.clone(),
        origin: Origin::parse(&row.origin).ok_or_else(|| unknown("origin"))?,
        is_enabled: row.is_enabled,
        models: models.into_iter().map(with_price).collect(),
        alias: row.alias,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(CallableProvider { provider, sealed_key: row.api_key })
}
