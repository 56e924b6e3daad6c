//! The domain's storage ports on SQLite and PostgreSQL: pool factory, unit of work, entities and repositories.
//!
//! Every repository is written once, over any connection, for the pool and for a transaction. Where the two databases need different SQL, the
//! difference sits in one file per concern.

mod connect;
mod entity;
mod error;
mod ledger;
mod paging;
mod pool;
mod repo;
mod rows;
mod search;
mod store;
mod text_search;

pub use connect::{ConnectError, DatabaseUrl, PoolOptions, Purpose, connect};
pub use error::is_away;
pub use search::SeaPassageIndex;
pub use store::{PoolFigures, SeaStore};
