//! Providers, prices and roles in storage: whose they are, and who sees them.

use chrono::TimeDelta;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{
    ModelInput, NewPrice, NewProvider, Origin, Owner, Owning, Price, Provider, ProviderInput, ProviderUpdate, RoleModels, RoleName,
};
use commandcenter_domain::shared::{JobId, ProjectId, ProviderId, Timestamp};
use commandcenter_domain::{PageRequest, Patch, Repos, Store, StoreError};
use commandcenter_testkit::TestDb;
use sea_orm::ConnectionTrait;

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

async fn open() -> TestDb {
    let db = TestDb::open().await;
    for id in [1, 2] {
        let at = "'2026-01-01 00:00:00+00:00'";
        let sql = format!("INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', {at}, {at})");
        db.connection().execute_unprepared(&sql).await.unwrap();
    }
    db
}

fn new(alias: &str) -> NewProvider {
    let model = ModelInput { name: "small".into(), ..ModelInput::default() };
    let (alias, dialect) = (Patch::Set(alias.to_owned()), Patch::Set("openai".to_owned()));
    ProviderInput { alias, dialect, models: Patch::Set(vec![model]), ..ProviderInput::default() }.over(None).unwrap()
}

async fn insert(repos: &dyn Repos, owning: Owning<'_>, new: &NewProvider) -> Result<ProviderId, StoreError> {
    let sealed_key = Patch::Set((vec![1, 2, 3], Some("…WXYZ".to_owned())));
    repos.llm_providers().insert(owning, &ProviderUpdate { provider: new, sealed_key, origin: Origin::Settings, at: now() }).await
}

fn update(provider: &NewProvider) -> ProviderUpdate<'_> {
    ProviderUpdate { provider, sealed_key: Patch::Keep, origin: Origin::Settings, at: now() }
}

async fn visible(repos: &dyn Repos, owning: Owning<'_>) -> Vec<Provider> {
    repos.llm_providers().visible(owning, now()).await.unwrap()
}

#[tokio::test]
async fn a_projects_providers_are_its_own_and_the_instances_are_everybodys() {
    let db = open().await;
    let repos = db.store.repos();
    let (one, two) = (scope(1), scope(2));
    let shared = insert(repos, Owning::Instance, &new("shared")).await.unwrap();
    let own = insert(repos, Owning::Project(&one), &new("shared")).await.unwrap();
    assert!(matches!(insert(repos, Owning::Instance, &new("shared")).await, Err(StoreError::Duplicate(_))), "once for the instance");
    assert!(matches!(insert(repos, Owning::Project(&one), &new("shared")).await, Err(StoreError::Duplicate(_))), "once for a project");
    let ids = |found: Vec<Provider>| found.into_iter().map(|provider| (provider.id, provider.owner)).collect::<Vec<_>>();
    let instance = (shared, Owner::Instance);
    assert_eq!(ids(visible(repos, Owning::Project(&one)).await), [(own, Owner::Project(one.project())), instance]);
    assert_eq!(ids(visible(repos, Owning::Project(&two)).await), [instance]);
    assert_eq!(ids(visible(repos, Owning::Instance).await), [instance]);
    let renamed = new("renamed");
    for (owning, id) in [(Owning::Project(&two), own), (Owning::Project(&one), shared), (Owning::Instance, own)] {
        assert!(!repos.llm_providers().update(owning, id, &update(&renamed)).await.unwrap());
        assert!(!repos.llm_providers().delete(owning, id).await.unwrap());
    }
    assert!(repos.llm_providers().update(Owning::Project(&one), own, &update(&renamed)).await.unwrap());
    let found = repos.llm_providers().callable(Owning::Project(&one), now()).await.unwrap();
    let found = found.into_iter().find(|found| found.provider.id == own).unwrap();
    assert_eq!((found.provider.alias.as_str(), found.provider.version, found.sealed_key), ("renamed", 2, Some(vec![1, 2, 3])));
    let off = NewProvider { is_enabled: false, ..renamed };
    let cleared = ProviderUpdate { sealed_key: Patch::Clear, ..update(&off) };
    assert!(repos.llm_providers().update(Owning::Project(&one), own, &cleared).await.unwrap());
    let seen = visible(repos, Owning::Project(&one)).await.remove(0);
    assert_eq!((seen.has_key, seen.key_hint, seen.is_enabled), (false, None, false));
    assert_eq!(repos.llm_providers().callable(Owning::Project(&one), now()).await.unwrap().len(), 1, "what is switched off is not called");
    assert!(repos.llm_providers().delete(Owning::Project(&one), own).await.unwrap());
}

#[tokio::test]
async fn the_newest_price_whose_time_has_come_stands() {
    let db = open().await;
    let repos = db.store.repos();
    let one = scope(1);
    let provider = insert(repos, Owning::Project(&one), &new("local")).await.unwrap();
    let row = |input: i64, days: i64| NewPrice {
        provider,
        model: "small".into(),
        price: Price { input_nano_per_million: input, cached_nano_per_million: None, output_nano_per_million: 2 * input },
        source: "test".into(),
        valid_from: now() + TimeDelta::days(days),
        at: now(),
    };
    repos.llm_providers().add_prices(&[row(1, -2), row(3, 1), row(2, -1)]).await.unwrap();
    repos.llm_providers().add_prices(&[]).await.unwrap();
    let at = async |days: i64| {
        let found = repos.llm_providers().visible(Owning::Project(&one), now() + TimeDelta::days(days)).await.unwrap();
        found[0].models[0].price.input_nano_per_million
    };
    assert_eq!((at(-3).await, at(-2).await, at(0).await, at(1).await), (0, 1, 2, 3));
    let book = async |owning: Owning<'_>, model: Option<&str>| {
        let page = repos.llm_providers().prices(owning, (Some("local"), model), PageRequest::default()).await.unwrap();
        page.items.into_iter().map(|row| row.price.input_nano_per_million).collect::<Vec<_>>()
    };
    assert_eq!(book(Owning::Project(&one), Some("small")).await, [3, 2, 1]);
    assert!(book(Owning::Project(&one), Some("large")).await.is_empty());
    assert!(book(Owning::Project(&scope(2)), None).await.is_empty() && book(Owning::Instance, None).await.is_empty());
}

#[tokio::test]
async fn a_projects_role_stands_before_the_instances() {
    let db = open().await;
    let roles = db.store.repos().llm_roles();
    let (one, two) = (scope(1), scope(2));
    let critic = RoleName::parse("critic").unwrap();
    let models = |name: &str| RoleModels::parse(("local", name), &[]).unwrap();
    roles.put(Owning::Instance, &critic, (&models("a"), now())).await.unwrap();
    roles.put(Owning::Project(&one), &critic, (&models("b"), now())).await.unwrap();
    roles.put(Owning::Project(&one), &critic, (&models("c"), now())).await.unwrap();
    let found = async |owning: Owning<'_>| {
        let found = roles.find(owning, &critic).await.unwrap();
        found.map(|binding| binding.models.as_slice()[0].model.clone()).unwrap_or_default()
    };
    assert_eq!((found(Owning::Project(&one)).await, found(Owning::Project(&two)).await), ("c".into(), "a".into()));
    assert_eq!(roles.visible(Owning::Project(&one)).await.unwrap().len(), 2);
    assert!(!roles.delete(Owning::Project(&two), &critic).await.unwrap());
    assert!(roles.delete(Owning::Project(&one), &critic).await.unwrap());
    assert_eq!(found(Owning::Project(&one)).await, "a");
}
