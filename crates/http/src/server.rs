//! The HTTP server: middleware, routes, documentation, graceful stop.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::http::header::{self, ContentType, HeaderName};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::Bytes;
use actix_web::{App, HttpResponse, HttpServer, web};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::idempotency::{Creations, honour};
use crate::middleware::observe;
use crate::presence;
use crate::problem::Problem;
use crate::routes::{self, Audiences, Routes, fallback};
use crate::state::AppState;

/// How the server is run.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Threads that serve requests.
    pub workers: usize,
    /// How long requests in flight may take after a stop was asked for.
    pub drain: Duration,
    /// Origins other than our own that browsers may call from.
    pub cors_origins: Vec<String>,
}

/// Serves until `shutdown` resolves, then drains.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    options: HttpOptions,
    shutdown: impl Future<Output = ()> + 'static,
) -> io::Result<()> {
    let document = crate::openapi();
    let closing = state.closing.clone();
    let (state, routes) = (web::Data::new(state), web::Data::new(Routes::of(&document)));
    let creations = web::Data::new(Creations::of(&document));
    // Written once: as a tree of values the document takes megabytes, and every thread would keep its own.
    let written = web::Data::new(Document(serde_json::to_vec(&document)?.into()));
    drop(document);
    // One for all threads: watchers of a job share its reader wherever they are served.
    let audiences = web::Data::new(Audiences::default());
    let origins = options.cors_origins.clone();
    let server = HttpServer::new(move || {
        let (app, _) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        app.app_data(state.clone())
            .app_data(routes.clone())
            .app_data(creations.clone())
            .app_data(written.clone())
            .app_data(audiences.clone())
            .app_data(path_config())
            .service(web::redirect("/docs", "/docs/"))
            .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")))
            .route("/openapi.json", web::get().to(openapi))
            .default_service(web::to(fallback))
            // Innermost, so that answers are kept as they were before compression.
            .wrap(from_fn(honour))
            .wrap(Compress::default())
            .wrap(cors(&origins))
            .wrap(from_fn(observe))
    });
    let seconds = options.drain.as_secs().max(1);
    let server =
        server.on_connect(presence::note).workers(options.workers).shutdown_timeout(seconds).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = shutdown => {}
    }
    tracing::info!("draining requests in flight");
    closing.cancel();
    let ((), ended) = tokio::join!(handle.stop(true), server);
    ended
}

/// The OpenAPI document as it is sent.
struct Document(Bytes);

async fn openapi(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.clone())
}

/// An id in a path that cannot be read names nothing: 404.
fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Problem::not_found("not-found", "no such id").into())
}

fn cors(origins: &[String]) -> Cors {
    let headers =
        ["x-project-id", "x-request-id", "idempotency-key", "last-event-id", "x-commandcenter-cache"].map(HeaderName::from_static);
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT, header::IF_MATCH])
        .allowed_headers(headers)
        .expose_headers([
            "ETag",
            "Location",
            "Retry-After",
            "X-Request-ID",
            "Idempotency-Replayed",
            "X-CommandCenter-Overhead-Ms",
            "X-CommandCenter-Cache",
        ])
        .supports_credentials()
        .max_age(600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
