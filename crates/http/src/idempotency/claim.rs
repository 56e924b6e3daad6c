//! What a request with a key asks for, shared between the middleware and the gate.

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, web};
use commandcenter_domain::idempotency::{AttemptName, IdempotencyKey, Reservation};
use commandcenter_domain::identity::Caller;
use commandcenter_domain::shared::{Invalid, ProjectId};
use commandcenter_services::idempotency::{Attempt, IdempotencyService};

use super::creation::Creations;
use crate::problem::Problem;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The claim of a request to be carried out once. Means nothing until it is staked.
#[derive(Clone)]
pub(crate) struct Claim(Rc<Inner>);

struct Inner {
    name: Result<AttemptName, Invalid>,
    found: RefCell<Option<Attempt>>,
}

impl Claim {
    /// The claim of a POST with the header; it goes with the request from now on.
    pub(super) fn lay(request: &ServiceRequest) -> Option<Self> {
        if request.method() != Method::POST || !request.headers().contains_key(KEY) {
            return None;
        }
        let claim = Self(Rc::new(Inner { name: name(request.request()), found: RefCell::new(None) }));
        request.extensions_mut().insert(claim.clone());
        Some(claim)
    }

    /// The claim that was laid on a request, if its operation creates something. The header means nothing elsewhere.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        let claim = request.extensions().get::<Self>().cloned()?;
        let creations = request.app_data::<web::Data<Creations>>()?;
        creations.has(&request.match_pattern()?).then_some(claim)
    }

    /// Reserves the attempt for a caller whose rights are known. `Ok` means: carry it out.
    ///
    /// # Errors
    /// A problem with the key or while the first request runs; and one that nobody sees when there is a record, which the middleware
    /// answers with instead.
    pub(crate) async fn stake(&self, service: &IdempotencyService, who: (&Caller, Option<ProjectId>)) -> Result<(), Problem> {
        let name = self.0.name.clone()?;
        let attempt = service.begin(who.0, who.1, &name).await?;
        let is_first = matches!(attempt, Attempt::First(_));
        self.0.found.replace(Some(attempt));
        if is_first { Ok(()) } else { Err(Problem::new(StatusCode::CONFLICT, "conflict", None)) }
    }

    /// The reservation, while it is held.
    pub(super) fn reservation(&self) -> Option<Reservation> {
        match &*self.0.found.borrow() {
            Some(Attempt::First(reservation)) => Some(reservation.clone()),
            Some(Attempt::Repeated(_)) | None => None,
        }
    }

    /// What came of the claim; `None` when it was never staked.
    pub(super) fn settle(&self) -> Option<Attempt> {
        self.0.found.take()
    }
}

fn name(request: &HttpRequest) -> Result<AttemptName, Invalid> {
    let mut values = request.headers().get_all(KEY);
    let key = IdempotencyKey::parse(values.next().map(HeaderValue::as_bytes).unwrap_or_default())?;
    if values.next().is_some() {
        return Err(Invalid::one("Idempotency-Key", "repeated", "must be given once"));
    }
    Ok(AttemptName { key, operation: format!("{} {}", request.method(), request.path()) })
}
