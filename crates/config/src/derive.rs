//! The defaults of a mode, some of which follow from what is given.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use figment::Figment;
use figment::value::Value;

use crate::layer::{self, Layer};
use crate::load::Mode;
use crate::read::base_url;

/// The defaults, weaker than what is given; some follow from other values. What is wrong with those is found when the whole is read.
pub(crate) fn defaults(given: &Figment, mode: Mode) -> Vec<Layer> {
    let mut layers = layer::constants();
    let figment = layers.iter().fold(given.clone(), |figment, layer| figment.join(layer));
    let text = |key: &str| figment.extract_inner::<String>(key).unwrap_or_default();
    let data_dir = PathBuf::from(text("data_dir"));
    if let Ok(bind) = text("server.bind").parse::<SocketAddr>() {
        layers.push(Layer::default("server.public_url", public_url(bind)));
    } else {
        layers.push(Layer::default("server.public_url", "http://127.0.0.1"));
    }
    if let Some(api) = base_url(&text("github.api_url")) {
        let root = api.strip_suffix("/v3").unwrap_or(&api);
        layers.push(Layer::default("github.graphql_url", format!("{root}/graphql")));
    }
    let model_dir = data_dir.join("models").join("all-MiniLM-L6-v2");
    layers.push(Layer::default("rag.model_dir", model_dir.display().to_string()));
    match mode {
        Mode::Up | Mode::Tool => {
            let file = data_dir.join("commandcenter.db");
            layers.push(Layer::default("database.url", format!("sqlite://{}?mode=rwc", file.display())));
        }
        Mode::Api | Mode::Worker => {}
    }
    let loopback: Vec<Value> = match mode {
        Mode::Up | Mode::Tool => vec!["127.0.0.0/8".into(), "::1/128".into()],
        Mode::Api | Mode::Worker => Vec::new(),
    };
    layers.push(Layer::default("net.allow_private", loopback));
    layers
}

/// How a browser on this machine reaches a listener.
fn public_url(bind: SocketAddr) -> String {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, bind.port()))
}
