//! Events: the stream of a project's, and the schemas of their data.

mod stream;
mod view;

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::Auth;
use view::EventTypesView;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).configure(stream::configure);
}

/// Every type of event, with the JSON Schema of its `data`.
#[utoipa::path(tag = "event-types", responses((status = 200, description = "The types, by context", body = EventTypesView)))]
#[get("/events/schemas")]
async fn list(_caller: Auth) -> HttpResponse {
    HttpResponse::Ok().json(EventTypesView::all())
}
