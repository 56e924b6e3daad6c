//! Which addresses may be reached. Names are resolved here and nowhere else: the addresses that were judged are the ones that are connected
//! to, so a name cannot mean another address a moment later.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

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

/// Whether an address is anybody's: not of this machine, this network, a cloud's metadata service or a range set aside.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_set_aside = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113);
    !(is_set_aside || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Addresses that carry an IPv4 address are as public as that one.
    let embedded = match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = embedded {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Of what is left only 2000::/3 is given out; teredo tunnels and documentation lie within.
    let is_given_out = segments[0] & 0xe000 == 0x2000;
    let is_set_aside = segments[0] == 0x2001 && (segments[1] == 0xdb8 || segments[1] < 0x200);
    is_given_out && !is_set_aside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_anybodys_is_public() {
        for text in
            ["8.8.8.8", "1.1.1.1", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "fec0::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "100::1",
            "::127.0.0.1",
            "64:ff9b:1::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

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
