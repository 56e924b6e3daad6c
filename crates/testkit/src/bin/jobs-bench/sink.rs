//! An outside system that counts: a file to which each order appends a line. It survives any death of those who order.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use commandcenter_domain::job::{JobFailure, Outside};
use serde_json::{Value, json};

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Sink(PathBuf);

impl Sink {
    pub(crate) fn at(path: impl AsRef<Path>) -> Self {
        Self(path.as_ref().to_owned())
    }

    /// How often each key was ordered.
    pub(crate) fn orders(&self) -> BTreeMap<String, usize> {
        let mut orders = BTreeMap::new();
        for line in std::fs::read_to_string(&self.0).unwrap_or_default().lines() {
            *orders.entry(line.to_owned()).or_default() += 1;
        }
        orders
    }
}

#[async_trait]
impl Outside for Sink {
    async fn recall(&self, key: &str) -> Result<Option<Value>, JobFailure> {
        Ok(self.orders().contains_key(key).then(|| json!("recalled")))
    }

    async fn act(&self, key: &str) -> Result<Value, JobFailure> {
        let opened = OpenOptions::new().create(true).append(true).open(&self.0);
        let mut file = opened.map_err(|err| JobFailure::Retry(err.to_string()))?;
        file.write_all(format!("{key}\n").as_bytes()).map_err(|err| JobFailure::Retry(err.to_string()))?;
        Ok(json!("ordered"))
    }
}
