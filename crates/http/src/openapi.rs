//! The OpenAPI 3.1 document, made from the code of the routes.

use actix_web::App;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required,
    ResponseBuilder, ServerBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::idempotency::creates;
use crate::problem::{FieldProblem, Problem};
use crate::routes;

/// Tags whose operations touch project data and so take `X-Project-ID`.
const PROJECT_TAGS: [&str; 13] = [
    "events",
    "repositories",
    "technologies",
    "research-tasks",
    "dashboard",
    "jobs",
    "batch",
    "schedules",
    "knowledge",
    "ingestion",
    "settings",
    "llm",
    "prompts",
];

/// The document of this version.
#[must_use]
pub fn document() -> OpenApi {
    let (_, document) = App::new().into_utoipa_app().openapi(base()).configure(routes::configure).split_for_parts();
    complete(document)
}

fn base() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("CommandCenter")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Command centre for research and development. Errors are `application/problem+json`; lists are paged with `page` and `limit`; \
             project data needs the header `X-Project-ID`.",
        ))
        .license(Some(license))
        .build();
    OpenApiBuilder::new().info(info).servers(Some([ServerBuilder::new().url("/").build()])).build()
}

/// Adds what is the same everywhere: the security scheme, the project header, and the problems that any operation can answer.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("bearer".to_owned(), RefOr::T(bearer));
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(FieldProblem::name().into_owned(), FieldProblem::schema());
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            common(path, operation);
        }
        if let Some(post) = item.post.as_mut().filter(|post| creates(post)) {
            repeatable(post);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().filter_map(Option::as_mut)
}

fn common(path: &str, operation: &mut Operation) {
    // Handlers are named within their resource; the document needs names of its own.
    let tag = operation.tags.iter().flatten().next().map(|tag| tag.replace('-', "_"));
    operation.operation_id = tag.zip(operation.operation_id.take()).map(|(tag, name)| format!("{tag}_{name}"));
    if !path.starts_with("/api/") {
        return;
    }
    let is_public =
        operation.security.as_ref().is_some_and(|list| list.is_empty() || list.iter().any(|one| *one == SecurityRequirement::default()));
    if is_public {
        operation.security = Some(Vec::new());
    }
    let has_body = operation.request_body.is_some();
    let takes_project = operation.tags.iter().flatten().any(|tag| PROJECT_TAGS.contains(&tag.as_str()));
    if takes_project {
        operation.parameters.get_or_insert_default().push(RefOr::T(project_header()));
    }
    let mut add = |status: &str, text: &str| {
        let missing = !operation.responses.responses.contains_key(status);
        if missing {
            operation.responses.responses.insert(status.to_owned(), RefOr::T(problem(text)));
        }
    };
    if !is_public {
        add("401", "No, expired or revoked credentials: `unauthenticated`");
    }
    if takes_project {
        add("400", "`X-Project-ID` is missing or malformed: `project-required`; or the request cannot be read");
        add("404", "No such thing in this project, or no such project for this caller");
    }
    if has_body {
        add("400", "The body cannot be read: `malformed-json`");
        add("413", "The body is too large: `body-too-large`");
        add("415", "Another media type: `unsupported-media-type`");
    }
    if has_body || path.contains('{') || takes_project {
        add("422", "Input that breaks a rule: `validation`, with every field at fault");
    }
    add("500", "A defect; `request_id` is what to quote: `internal`");
    add("503", "A part is away; `Retry-After` says when to try again: `store-unavailable`, `storage-full`");
}

/// Adds what `Idempotency-Key` brings to an operation that creates something.
fn repeatable(post: &mut Operation) {
    post.parameters.get_or_insert_default().push(RefOr::T(key_header()));
    for (status, response) in &mut post.responses.responses {
        if let ("201" | "202", RefOr::T(response)) = (status.as_str(), response) {
            response.headers.insert("idempotency-replayed".to_owned(), RefOr::T(replayed_header()));
        }
    }
    let mut also = |status: &str, text: &str| match post.responses.responses.get_mut(status) {
        Some(RefOr::T(response)) => response.description = format!("{}; {text}", response.description),
        Some(RefOr::Ref(_)) => {}
        None => drop(post.responses.responses.insert(status.to_owned(), RefOr::T(problem(text)))),
    };
    also("409", "a request with the same `Idempotency-Key` is being carried out: `idempotency-in-progress`");
    also("422", "the `Idempotency-Key` was used with another body: `idempotency-key-reused`");
}

fn key_header() -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The client's name for this attempt. The same key and body within 24 hours gives the first answer again."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"))))
        .build()
}

fn replayed_header() -> utoipa::openapi::Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"])).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some("The first answer to this key, given again")).build()
}

fn project_header() -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name("X-Project-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The project. Required unless the credential is an API key bound to one."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1))))
        .build()
}

fn problem(text: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    ResponseBuilder::new().description(text).content("application/problem+json", content).build()
}
