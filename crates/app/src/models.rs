//! Language models: the gateway over the ledger, and the providers that the configuration sets up.

use std::net::IpAddr;
use std::sync::Arc;

use commandcenter_auth::MasterKey;
use commandcenter_config::{Config, LlmDialect, LlmModel};
use commandcenter_domain::identity::SecretCipher;
use commandcenter_domain::llm::{Circuits, ModelInput, ProviderInput};
use commandcenter_domain::{Clock, Patch};
use commandcenter_http::RequestWaits;
use commandcenter_llm_gateway::{CircuitRules, GatewayOptions, GatewayParts, LlmGateway, MemoryCircuits, RedisCircuits};
use commandcenter_repositories::SeaStore;
use commandcenter_services::llm::LlmPorts;

use crate::start::StartError;

/// What the gateway's services are built on. What is reserved and settled goes to the same database as everything else.
pub(crate) fn ports(
    config: &Config,
    store: Arc<SeaStore>,
    (clock, cipher): (Arc<dyn Clock>, Arc<dyn SecretCipher>),
) -> Result<LlmPorts, StartError> {
    let ranges = config.net.allow_private.clone();
    let allow = Arc::new(move |address: IpAddr| ranges.iter().any(|range| range.contains(address)));
    let agent = format!("CommandCenter/{}", env!("CARGO_PKG_VERSION"));
    let options = GatewayOptions::new(agent, allow.clone(), Arc::new(rand::random::<f64>));
    let parts = GatewayParts { ledger: store.clone(), circuits: circuits(config)?, clock: clock.clone(), waits: Arc::new(RequestWaits) };
    let gateway = LlmGateway::new(options, parts).map_err(|err| StartError::Part(err.to_string()))?;
    Ok(LlmPorts { store: store.clone(), clock, cipher, gateway: Arc::new(gateway), ledger: store, addresses: allow, shelf: Arc::default() })
}

/// Circuits, shared by all processes where Redis is configured.
fn circuits(config: &Config) -> Result<Arc<dyn Circuits>, StartError> {
    let Some(url) = &config.redis.url else { return Ok(Arc::new(MemoryCircuits::default())) };
    // Several installations may share a server: each has names of its own.
    let prefix = format!("commandcenter:circuits:{}", MasterKey::new(config.secret_key()?.expose()).name_of("circuits"));
    let shared = RedisCircuits::new(url.expose(), prefix, CircuitRules::default());
    Ok(Arc::new(shared.map_err(|err| StartError::Part(err.to_string()))?))
}

/// The providers that the configuration sets up. A plain key such as `OPENAI_API_KEY` is enough for one.
pub(crate) fn configured(config: &Config) -> Vec<ProviderInput> {
    let each = config.llm.providers.iter().map(|(alias, section)| {
        let dialect = section.dialect.unwrap_or_else(|| LlmDialect::of_name(alias));
        let models: Vec<_> = section.models.iter().map(model).collect();
        ProviderInput {
            alias: Patch::Set(alias.clone()),
            dialect: Patch::Set(dialect.as_str().to_owned()),
            base_url: section.base_url.clone().map_or(Patch::Clear, Patch::Set),
            api_key: section.api_key.as_ref().map_or(Patch::Clear, |key| Patch::Set(key.expose().to_owned())),
            models: if models.is_empty() { Patch::Keep } else { Patch::Set(models) },
            enabled: Patch::Keep,
        }
    });
    each.collect()
}

fn model(configured: &LlmModel) -> ModelInput {
    let LlmModel { name, price, context_window } = configured.clone();
    let (input, output) = price.unzip();
    ModelInput { name, input_nano_per_million: input, output_nano_per_million: output, context_window, ..ModelInput::default() }
}
