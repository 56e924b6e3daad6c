//! Throttling of what can be called without credentials, per address.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::problem::Problem;

/// Requests an address may send at once, and per minute after that.
const BURST: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// Addresses that are remembered before those that have their whole share again are forgotten.
const REMEMBERED: usize = 10_000;

/// A limit per address, or none.
#[derive(Clone)]
pub struct Throttle(Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>);

impl Throttle {
    /// Twenty at once, twenty a minute.
    #[must_use]
    pub fn per_minute() -> Self {
        Self(Some(Arc::new(RateLimiter::keyed(Quota::per_minute(BURST)))))
    }

    /// No limit.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Refuses when the address has used up its share.
    ///
    /// # Errors
    /// 429 with `Retry-After` and `RateLimit-*`.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        let (Some(limiter), Some(peer)) = (&self.0, request.peer_addr()) else { return Ok(()) };
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        let Err(refused) = limiter.check_key(&network(peer.ip())) else { return Ok(()) };
        let seconds = refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let detail = format!("too many requests from this address: try again in {seconds} s");
        let named = |name: &'static str, value: u64| (HeaderName::from_static(name), HeaderValue::from(value));
        let limits = [named("ratelimit-limit", u64::from(BURST.get())), named("ratelimit-remaining", 0), named("ratelimit-reset", seconds)];
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", Some(detail));
        let problem = problem.with_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        Err(limits.into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value)))
    }
}

/// What counts as one address. With IPv6 whoever has one has at least 64 bits of them (RFC 6177), so its network stands for it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address_and_each_of_ipv4_its_own() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn an_address_that_used_up_its_share_is_told_when_to_come_back() {
        let throttle = Throttle::per_minute();
        let request = |port| actix_web::test::TestRequest::default().peer_addr(([192, 0, 2, 7], port).into()).to_http_request();
        for port in 0..20 {
            throttle.check(&request(port)).unwrap();
        }
        let refused = actix_web::ResponseError::error_response(&throttle.check(&request(99)).unwrap_err());
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers().get("ratelimit-remaining").unwrap(), "0");
        assert!(refused.headers().get("retry-after").unwrap().to_str().unwrap().parse::<u64>().unwrap() <= 4);
        assert!(Throttle::off().check(&request(1)).is_ok());
    }
}
