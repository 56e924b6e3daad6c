//! Who calls, and their right to the project they name.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use commandcenter_domain::identity::{Caller, Credential, IdentityError, ProjectScope};
use commandcenter_domain::shared::ProjectId;
use commandcenter_services::identity::Authorised;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};

use crate::context;
use crate::idempotency::Claim;
use crate::problem::Problem;
use crate::state::AppState;

/// An authenticated caller. 401 without live credentials.
#[derive(Debug)]
pub(crate) struct Auth(pub(crate) Caller);

/// An authenticated caller and, when they named a project of theirs, their right to it.
#[derive(Debug)]
pub(crate) struct AuthScoped(pub(crate) Caller, pub(crate) Option<ProjectScope>);

/// The caller's right to the project of `X-Project-ID`, or of the key's own. 400 without a project, 404 for one that is not theirs.
#[derive(Debug)]
pub(crate) struct Scope(pub(crate) ProjectScope);

/// As [`Scope`], with who calls.
#[derive(Debug)]
pub(crate) struct ScopeAuth(pub(crate) Caller, pub(crate) ProjectScope);

/// The caller's right to the project whose id is the first of the path. 404 for one that is not theirs.
#[derive(Debug)]
pub(crate) struct PathScope(pub(crate) ProjectScope);

/// As [`PathScope`], with who calls.
#[derive(Debug)]
pub(crate) struct PathAuth(pub(crate) Caller, pub(crate) ProjectScope);

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy)]
enum Needs {
    /// Credentials.
    Caller,
    /// Credentials, and a right to the named project if one is named.
    CallerMaybeProject,
    /// A right to the named project.
    Project,
    /// A right to the project in the path.
    PathProject,
}

/// What the caller was found to have.
#[derive(Debug, Clone)]
struct Grant {
    caller: Caller,
    scope: Option<ProjectScope>,
}

/// The finding, shared between the extractors of one request: a body is not looked at before it is known who sent it.
#[derive(Clone)]
pub(super) struct Gate(Shared<LocalBoxFuture<'static, Result<Grant, Problem>>>);

impl Gate {
    /// Waits for the finding of the request's other extractors; lets operations without any pass.
    pub(super) async fn pass(gate: Option<Self>) -> Result<(), Problem> {
        match gate {
            Some(gate) => gate.0.await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// The gate of a request, when an earlier extractor made one.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    fn make(request: &HttpRequest, needs: Needs) -> Self {
        // Everything is read off the request first: a future that held it would be held by it.
        let app = request.app_data::<web::Data<AppState>>().cloned();
        let bearer = bearer(request).map(str::to_owned);
        let (named, claim) = (named_project(request), Claim::of(request));
        let path = request.match_info().iter().next().and_then(|(_, text)| text.parse().ok()).map(ProjectId::new);
        let asked = match needs {
            Needs::Caller => None,
            Needs::CallerMaybeProject | Needs::Project => named.as_ref().ok().copied().flatten(),
            Needs::PathProject => path,
        };
        let finding = async move {
            let app = app.ok_or(IdentityError::Unauthenticated)?;
            let bearer = bearer.ok_or(IdentityError::Unauthenticated)?;
            let Authorised { caller, scope } = app.access.authorise(&bearer, asked).await?;
            let scope = scope.map(|scope| scope.caused_by(context::request_id()));
            if let Some(scope) = &scope {
                tracing::Span::current().record("project_id", scope.project().get());
            }
            let grant = judge(needs, Grant { caller, scope }, named)?;
            if let Some(claim) = claim {
                claim.stake(&app.idempotency, (&grant.caller, grant.scope.as_ref().map(ProjectScope::project))).await?;
            }
            Ok(grant)
        };
        let gate = Self(finding.boxed_local().shared());
        request.extensions_mut().insert(gate.clone());
        gate
    }
}

/// Whether what the caller has is what the operation needs.
fn judge(needs: Needs, grant: Grant, named: Result<Option<ProjectId>, Problem>) -> Result<Grant, Problem> {
    let is_bound = matches!(grant.caller.credential, Credential::ProjectKey { .. });
    match (needs, &grant.scope) {
        (Needs::Caller, _) | (Needs::Project | Needs::PathProject, Some(_)) => Ok(grant),
        (Needs::CallerMaybeProject, scope) => {
            let is_foreign = named?.is_some() && scope.is_none();
            if is_foreign { Err(IdentityError::ProjectNotFound.into()) } else { Ok(grant) }
        }
        (Needs::Project, None) => match named? {
            None if !is_bound => Err(IdentityError::ProjectRequired.into()),
            None | Some(_) => Err(IdentityError::ProjectNotFound.into()),
        },
        (Needs::PathProject, None) => Err(IdentityError::ProjectNotFound.into()),
    }
}

macro_rules! extractor {
    ($name:ident, $needs:expr, |$grant:ident| $value:expr) => {
        impl FromRequest for $name {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let gate = Gate::make(request, $needs);
                Box::pin(async move {
                    let $grant = gate.0.await?;
                    $value
                })
            }
        }
    };
}

extractor!(Auth, Needs::Caller, |grant| Ok(Self(grant.caller)));
extractor!(AuthScoped, Needs::CallerMaybeProject, |grant| Ok(Self(grant.caller, grant.scope)));
extractor!(Scope, Needs::Project, |grant| Ok(Self(granted(grant.scope)?)));
extractor!(ScopeAuth, Needs::Project, |grant| {
    let scope = granted(grant.scope)?;
    Ok(Self(grant.caller, scope))
});
extractor!(PathScope, Needs::PathProject, |grant| Ok(Self(granted(grant.scope)?)));
extractor!(PathAuth, Needs::PathProject, |grant| {
    let scope = granted(grant.scope)?;
    Ok(Self(grant.caller, scope))
});

fn granted(scope: Option<ProjectScope>) -> Result<ProjectScope, Problem> {
    scope.ok_or_else(|| IdentityError::ProjectNotFound.into())
}

/// The right to the project that the request names, when it names one of the caller's; for where a missing project is not the
/// request's fault.
pub(crate) async fn authorised_scope(request: &HttpRequest) -> Result<Option<ProjectScope>, Problem> {
    let app = request.app_data::<web::Data<AppState>>().ok_or(IdentityError::Unauthenticated)?;
    let bearer = bearer(request).ok_or(IdentityError::Unauthenticated)?;
    let named = named_project(request).ok().flatten();
    let Authorised { scope, .. } = app.access.authorise(bearer, named).await?;
    Ok(scope.map(|scope| scope.caused_by(context::request_id())))
}

/// The token of the `Authorization` header; of clients that speak another service's dialect also that of `x-api-key`.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let named = || request.headers().get("x-api-key").filter(|_| request.path().starts_with("/v1/"))?.to_str().ok();
    authorization(request).or_else(named).filter(|token| !token.is_empty())
}

fn authorization(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(actix_web::http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
}

/// The project of the header: none, or a number.
fn named_project(request: &HttpRequest) -> Result<Option<ProjectId>, Problem> {
    let Some(value) = request.headers().get("x-project-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    match id {
        Some(id) => Ok(Some(ProjectId::new(id))),
        None => Err(Problem::malformed("project-required", "X-Project-ID must be the number of a project")),
    }
}
