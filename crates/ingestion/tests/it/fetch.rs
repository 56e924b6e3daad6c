//! The one HTTP client of everything that is read.

use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::source::{CanonicalUrl, ReadFailure, Validators};
use commandcenter_ingestion::{FetchOptions, Fetched, Fetcher, Request};
use commandcenter_testkit::{SitePage, TestSite};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::options;

async fn get(fetcher: &Fetcher, url: &str, known: &Validators) -> Result<Fetched, ReadFailure> {
    let url = CanonicalUrl::parse(url).unwrap();
    fetcher.get(Request { url: &url, known, limit: 1000, pause: Some(Duration::ZERO) }).await
}

async fn read(url: &str) -> Result<Fetched, ReadFailure> {
    get(&Fetcher::new(options()).unwrap(), url, &Validators::default()).await
}

#[tokio::test]
async fn an_answer_comes_with_what_it_says_of_itself_and_is_asked_for_once() {
    let site = TestSite::start().await;
    site.put("/a", SitePage::html("hello").with("last-modified", "Sat, 21 Nov 2026 10:00:00 GMT"));
    let fetcher = Fetcher::new(options()).unwrap();
    let Fetched::Fresh { media_type, validators, bytes, .. } = get(&fetcher, &site.url("/a"), &Validators::default()).await.unwrap() else {
        unreachable!("a page")
    };
    assert_eq!((media_type.as_str(), bytes.as_slice()), ("text/html", b"hello".as_slice()));
    assert_eq!(validators.last_modified.as_deref(), Some("Sat, 21 Nov 2026 10:00:00 GMT"));
    assert!(matches!(get(&fetcher, &site.url("/a"), &validators).await.unwrap(), Fetched::Unchanged));
    assert!(matches!(get(&fetcher, &site.url("/none"), &validators).await.unwrap(), Fetched::Refused(404)));
}

#[tokio::test]
async fn private_addresses_are_refused_at_once_and_behind_redirects_and_names() {
    let site = TestSite::start().await;
    for (path, to) in [
        ("/literal", "http://10.0.0.1/"),
        ("/metadata", "http://169.254.169.254/"),
        ("/six", "http://[fd00::1]/"),
        ("/short", "http://192.168.257/"),
    ] {
        site.put(path, SitePage::redirect(to));
        let err = read(&site.url(path)).await.unwrap_err();
        assert!(matches!(err, ReadFailure::Address { .. }), "{path}: {err}");
    }
    let nothing = FetchOptions { allow: Arc::new(|_| false), ..options() };
    let fetcher = Fetcher::new(nothing).unwrap();
    let port = site.url("").rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"] {
        let err = get(&fetcher, &format!("http://{host}:{port}/"), &Validators::default()).await.unwrap_err();
        assert!(matches!(err, ReadFailure::Address { .. }), "{host}: {err}");
    }
    let asked = site.take_asked();
    assert_eq!(asked.len(), 4, "only the redirects were asked for: {asked:?}");
}

#[tokio::test]
async fn a_server_with_too_much_to_do_is_waited_for_within_reason() {
    let site = TestSite::start().await;
    site.put_in_turn("/soon", vec![SitePage::status(429).with("retry-after", "0"), SitePage::status(503), SitePage::html("at last")]);
    assert!(matches!(read(&site.url("/soon")).await.unwrap(), Fetched::Fresh { .. }));
    site.put("/never", SitePage::status(503).with("retry-after", "0"));
    assert!(matches!(read(&site.url("/never")).await.unwrap_err(), ReadFailure::Busy { status: 503, .. }));
    site.put("/tomorrow", SitePage::status(429).with("retry-after", "86400"));
    site.take_asked();
    assert_eq!(read(&site.url("/tomorrow")).await.unwrap_err(), ReadFailure::Busy { status: 429, seconds: 86_400 });
    assert_eq!(site.take_asked().len(), 1, "a day is not waited for");
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_does_not_is_told() {
    let site = TestSite::start().await;
    site.put_in_turn("/shaky", vec![SitePage::status(500), SitePage::status(502), SitePage::html("up")]);
    assert!(matches!(read(&site.url("/shaky")).await.unwrap(), Fetched::Fresh { .. }));
    site.put("/down", SitePage::status(500));
    assert_eq!(read(&site.url("/down")).await.unwrap_err(), ReadFailure::Status(500));
    site.put("/round", SitePage::redirect("/round"));
    assert!(matches!(read(&site.url("/round")).await.unwrap_err(), ReadFailure::Redirects(_)));
    site.put("/nowhere", SitePage::status(301));
    assert!(matches!(read(&site.url("/nowhere")).await.unwrap_err(), ReadFailure::Format(_)));
    assert!(matches!(read("http://127.0.0.1:9/").await.unwrap_err(), ReadFailure::Network(_)));
    let slow = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(5))).mount(&slow).await;
    let once = Fetcher::new(FetchOptions { attempts: 1, ..options() }).unwrap();
    assert!(matches!(get(&once, &slow.uri(), &Validators::default()).await.unwrap_err(), ReadFailure::Timeout(_)));
}

#[tokio::test]
async fn more_than_the_limit_is_not_read_compressed_or_not() {
    let site = TestSite::start().await;
    site.put("/large", SitePage::html("x".repeat(1001)));
    assert_eq!(read(&site.url("/large")).await.unwrap_err(), ReadFailure::TooLarge(1000));
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, &vec![b'x'; 1_000_000]).unwrap();
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 2000);
    let squeezed = SitePage { body: bomb[..].to_vec(), ..SitePage::html("") };
    site.put("/bomb", squeezed.with("content-encoding", "gzip"));
    assert_eq!(read(&site.url("/bomb")).await.unwrap_err(), ReadFailure::TooLarge(1000));
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_left_alone() {
    let fetcher = Fetcher::new(FetchOptions { attempts: 1, ..options() }).unwrap();
    for _ in 0..3 {
        assert!(get(&fetcher, "http://127.0.0.1:9/", &Validators::default()).await.is_err());
    }
    let err = get(&fetcher, "http://127.0.0.1:9/", &Validators::default()).await.unwrap_err();
    assert!(err.to_string().contains("left alone"), "{err}");
}
