//! What every context shares: ids, time, faults, pages, partial updates and text rules.

mod address;
mod clock;
mod enums;
mod fault;
mod id;
mod moment;
mod page;
mod patch;
mod precondition;
mod text;

pub use address::is_public;
pub use clock::{Clock, SystemClock, Timestamp};
pub use fault::{Classified, Fault, FieldError, Invalid, StoreError};
pub use id::*;
pub use page::{Direction, Page, PageRequest, Sort};
pub use patch::Patch;
pub use precondition::Precondition;
pub use text::{Checker, Limits};
