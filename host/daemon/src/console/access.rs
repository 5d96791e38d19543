//! Who may see and do what: each route of the console names the role that it takes.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::MethodRouter;
use hookwright_model::AccessRole;
use http::{HeaderValue, StatusCode};

use super::kept::{self, Kept};
use super::login;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::problem::Problem;

/// The routes of a page.
#[derive(Default)]
pub struct Routes(Router<Arc<App>>);

impl Routes {
    /// What whoever may read may see.
    #[must_use]
    pub fn reading(self, path: &str, methods: MethodRouter<Arc<App>>) -> Self {
        self.with(AccessRole::Reader, path, methods)
    }

    /// What operators may do.
    #[must_use]
    pub fn operating(self, path: &str, methods: MethodRouter<Arc<App>>) -> Self {
        self.with(AccessRole::Operator, path, methods)
    }

    /// What admins may do.
    #[must_use]
    pub fn administering(self, path: &str, methods: MethodRouter<Arc<App>>) -> Self {
        self.with(AccessRole::Admin, path, methods)
    }

    fn with(self, role: AccessRole, path: &str, methods: MethodRouter<Arc<App>>) -> Self {
        let check = move |request: Request, next: Next| let_in(role, request, next);
        Self(self.0.route(path, methods.route_layer(from_fn(check))))
    }

    pub(super) fn into_router(self) -> Router<Arc<App>> {
        self.0
    }
}

async fn let_in(role: AccessRole, request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>() else {
        return Refusal::from(Problem::unauthenticated("nobody was seen to come")).into_response();
    };
    match visit.session() {
        // Whatever is sent there would be done.
        Some(_) if visit.is_given_back() && !kept::is_form(visit.path()) => {
            Refusal::from(Problem::bad_request("this form is not given back")).into_response()
        }
        Some(session) if session.role.allows(role) => next.run(request).await,
        Some(session) => {
            let detail = format!("your role is {}; this needs {role}", session.role);
            let problem = Problem::new(StatusCode::FORBIDDEN, "Not allowed", detail);
            Refusal::from(problem).into_response()
        }
        None => to_log_in(&visit.clone(), request).await,
    }
}

async fn to_log_in(visit: &Visit, request: Request) -> Response {
    let login = visit.login_address();
    if visit.is_partial() {
        // What asks is a part of a page; the page as a whole has to go there.
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        if let Ok(login) = HeaderValue::from_str(&login) {
            response.headers_mut().insert("hx-redirect", login);
        }
        return response;
    }
    if request.method().is_safe() {
        return Redirect::to(&login).into_response();
    }
    let headers = request.headers().clone();
    if let Some(kept) = Kept::sent(visit, request).await {
        return login::keeping(visit, &headers, kept).into_response();
    }
    let detail = "your session has ended and nothing was done: log in, and do it again";
    Refusal::from(Problem::unauthenticated(detail)).into_response()
}
