//! Technologies on a project's radar.

mod error;
mod filter;
mod import;
mod input;
mod kind;
mod model;
mod ports;

pub use error::TechnologyError;
pub use filter::{TechnologyFilter, TechnologyFilterInput, TechnologySort};
pub use import::{ImportRow, MOST_ROWS, MergeStrategy, Plan, RowOutcome, RowResult};
pub use input::ProfileInput;
pub use kind::{CostTier, IntegrationDifficulty, MaturityLevel, Ring, TechnologyDomain, TechnologyStatus};
pub use model::{Links, Measures, Monitoring, Profile, RepositoryLink, Technology, Title};
pub use ports::{MOST_TITLES, TechnologyRepo};
