//! The middleware: lays the claim, lets the request be carried out, and keeps or repeats the answer.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, rt, web};
use commandcenter_domain::idempotency::{Record, Reservation};
use commandcenter_services::idempotency::{Attempt, IdempotencyService};
use tracing::Instrument;

use super::claim::Claim;
use super::reply;
use super::tee::Tee;
use crate::context;
use crate::problem::Problem;
use crate::state::AppState;

/// Time between two signs of life: several fit into the time after which a reservation counts as abandoned.
const HEARTBEAT: Duration = Duration::from_secs(15);

type Served<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

/// Honours `Idempotency-Key`. Other requests pass untouched.
pub(crate) async fn honour<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Served<B> {
    let app = request.app_data::<web::Data<AppState>>().cloned();
    let (Some(app), Some(context), Some(claim)) = (app, context::current(), Claim::lay(&request)) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    // A task of its own: a client that hangs up must not end the request between its commit and the keeping of its answer.
    let carried_out = carry_out(app.clone(), claim.clone(), request, next);
    let task = rt::spawn(context::within(context, carried_out).instrument(tracing::Span::current()));
    match task.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(served) => served,
        Err(Ok(panic)) => {
            if let Some(Attempt::First(reservation)) = claim.settle() {
                release(&app.idempotency, &reservation).await;
            }
            resume_unwind(panic)
        }
        Err(Err(_)) => Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", None).into()),
    }
}

async fn carry_out<B: MessageBody + 'static>(
    app: web::Data<AppState>,
    claim: Claim,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Served<B> {
    let body = Tee::into(&mut request);
    let served = tokio::select! {
        served = next.call(request) => served,
        never = keep_alive(&app.idempotency, &claim) => match never {},
    };
    match (claim.settle(), served) {
        (Some(Attempt::First(reservation)), Ok(response)) => conclude(&app.idempotency, &reservation, body, response).await,
        (Some(Attempt::First(reservation)), Err(err)) => {
            release(&app.idempotency, &reservation).await;
            Err(err)
        }
        (Some(Attempt::Repeated(record)), Ok(response)) => Ok(repeat(record, body, response).await),
        (Some(Attempt::Repeated(_)) | None, served) => Ok(served?.map_into_left_body()),
    }
}

/// Keeps the answer when it is an outcome, else gives the reservation up.
async fn conclude<B: MessageBody + 'static>(
    service: &IdempotencyService,
    reservation: &Reservation,
    body: Tee,
    response: ServiceResponse<B>,
) -> Served<B> {
    let fingerprint = if reply::is_outcome(response.response()) { body.finish().await } else { None };
    let Some(fingerprint) = fingerprint else {
        release(service, reservation).await;
        return Ok(response.map_into_left_body());
    };
    let (request, response) = response.into_parts();
    let (response, answer) = reply::read(response).await.map_err(|err| actix_web::error::ErrorInternalServerError(err.into()))?;
    match answer {
        Some(answer) => {
            // The client gets its answer even if it could not be kept: what it asked for is done.
            if let Err(err) = service.complete(reservation, fingerprint, answer).await {
                tracing::error!(error = &err as &dyn std::error::Error, "an answer could not be kept");
            }
        }
        None => release(service, reservation).await,
    }
    Ok(ServiceResponse::new(request, response).map_into_right_body())
}

/// Answers what was answered first, if the same is asked.
async fn repeat<B: MessageBody + 'static>(record: Record, body: Tee, response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let fingerprint = body.finish().await;
    let again = match record.answer_to(fingerprint.as_deref()) {
        Ok(answer) => reply::again(answer),
        Err(err) => Problem::from(err).error_response(),
    };
    response.into_response(again).map_into_right_body()
}

/// Says every so often that the holder of the reservation lives, however long a body takes to arrive.
async fn keep_alive(service: &IdempotencyService, claim: &Claim) -> Infallible {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if let Some(reservation) = claim.reservation()
            && let Err(err) = service.renew(&reservation).await
        {
            tracing::warn!(error = &err as &dyn std::error::Error, "a reservation could not be renewed");
        }
    }
}

/// What cannot be given up counts as abandoned after a while.
async fn release(service: &IdempotencyService, reservation: &Reservation) {
    if let Err(err) = service.release(reservation).await {
        tracing::warn!(error = &err as &dyn std::error::Error, "a reservation could not be given up");
    }
}
