//! The client of the REST API: whom it speaks to, as whom, and in which project.

mod answer;
mod credentials;
mod events;
mod follow;
mod request;
mod session;

pub(crate) use follow::{Frame, follow};
pub(crate) use request::{Body, Request};
pub(crate) use session::Client;
