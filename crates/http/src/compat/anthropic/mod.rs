//! Messages, as clients of Anthropic speak them.

mod answer;
mod request;
mod stream;

pub use answer::{write_answer, write_error};
pub use request::parse_request;
pub use stream::StreamWriter;
