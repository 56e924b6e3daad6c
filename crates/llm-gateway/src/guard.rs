//! Which addresses providers may have. A name is resolved here and nowhere else: the addresses that were judged are the ones that are
//! connected to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use commandcenter_domain::shared::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Says of an address that is not public whether it may be reached nevertheless.
pub type AllowList = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// An address that must not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("{host} leads to {address}, which `net.allow_private` does not open")]
    Private { host: String, address: IpAddr },
    #[error("the base URL must begin with http:// or https:// and name a host")]
    Form,
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

    /// Judges a URL as far as that can be done without a resolver.
    pub(crate) fn admit(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Form);
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.judge(&address.to_string(), address.into()),
            Some(Host::Ipv6(address)) => self.judge(&address.to_string(), address.into()),
            Some(Host::Domain(_)) => Ok(()),
            None => Err(Refused::Form),
        }
    }

    fn judge(&self, host: &str, address: IpAddr) -> Result<(), Refused> {
        let address = address.to_canonical();
        let is_open = is_public(address) || (self.allow)(address);
        if is_open { Ok(()) } else { Err(Refused::Private { host: host.to_owned(), address }) }
    }

    /// The addresses of a name that may be reached. A name with none is refused.
    async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let mut refused = None;
        let mut allowed = Vec::new();
        for address in tokio::net::lookup_host((host, 0)).await? {
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
            let addresses = guard.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(guard: &Guard, url: &str) -> bool {
        guard.admit(&url.parse().unwrap()).is_ok()
    }

    #[test]
    fn private_addresses_are_for_the_list_to_open() {
        let closed = Guard::new(Arc::new(|_| false));
        let loopback = Guard::new(Arc::new(|address| address.is_loopback()));
        for url in ["http://127.0.0.1:1", "http://[::1]", "http://2130706433/v1", "http://[::ffff:127.0.0.1]"] {
            assert!(!admit(&closed, url), "{url}");
            assert!(admit(&loopback, url), "{url}");
        }
        for url in ["http://169.254.169.254", "http://10.1.2.3", "ftp://example.com", "file:///etc/passwd", "data:x"] {
            assert!(!admit(&loopback, url), "{url}");
        }
        assert!(admit(&closed, "https://8.8.8.8") && admit(&closed, "https://api.example.com/v1"));
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_after_it_was_resolved() {
        let guard = Guard::new(Arc::new(|_| false));
        let err = guard.addresses("localhost").await.unwrap_err();
        assert!(matches!(err.downcast_ref(), Some(Refused::Private { address, .. }) if address.is_loopback()), "{err}");
    }
}
