//! Which addresses may be reached. Names are resolved here and nowhere else: the addresses that were judged are the ones that are connected
//! to, so a name cannot mean another address a moment later.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use commandcenter_domain::shared::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Says of an address that is not public whether it may be reached nevertheless.
pub type AllowList = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// An address that must not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} leads to {address}, which is not reached from here")]
pub(crate) struct Refused {
    pub(crate) host: String,
    pub(crate) address: IpAddr,
}

/// Judges addresses.
#[derive(Clone)]
pub(crate) struct Guard {
    allow: AllowList,
}

impl Guard {
    pub(crate) const fn new(allow: AllowList) -> Self {
        Self { allow }
    }

    /// Judges an address that a host stands for.
    pub(crate) fn judge(&self, host: &str, address: IpAddr) -> Result<(), Refused> {
        let address = address.to_canonical();
        if is_public(address) || (self.allow)(address) { Ok(()) } else { Err(Refused { host: host.to_owned(), address }) }
    }

    /// The addresses of a name that may be reached. A name with none is refused.
    async fn resolve(&self, host: &str) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
        let mut refused = None;
        let mut allowed = Vec::with_capacity(found.len());
        for address in found {
            match self.judge(host, address.ip()) {
                Ok(()) => allowed.push(address),
                Err(err) => refused = Some(err),
            }
        }
        match (allowed.is_empty(), refused) {
            (true, Some(refused)) => Err(Box::new(refused)),
            (true, None) => Err(format!("{host} has no address").into()),
            (false, _) => Ok(allowed),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = Self::resolve(&guard, name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_opens_what_it_names_and_nothing_else() {
        let guard = Guard::new(Arc::new(|address| address.is_loopback()));
        assert!(guard.judge("localhost", "127.0.0.1".parse().unwrap()).is_ok());
        assert!(guard.judge("localhost", "::ffff:127.0.0.1".parse().unwrap()).is_ok());
        assert_eq!(guard.judge("meta", "169.254.169.254".parse().unwrap()).unwrap_err().host, "meta");
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_after_it_was_resolved() {
        let guard = Guard::new(Arc::new(|_| false));
        let err = Guard::resolve(&guard, "localhost").await.unwrap_err();
        assert!(err.downcast_ref::<Refused>().is_some_and(|refused| refused.address.is_loopback()), "{err}");
    }
}
