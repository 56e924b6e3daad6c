//! Research tasks: what is to be found out, by whom and by when, and the files that belong to it.

mod error;
mod files;
mod input;
mod model;
mod ports;
mod state;

pub use error::ResearchError;
pub use files::{FileError, FileKey, FileReader, FileStore, FileWriter, MAX_FILE, Upload, WrittenFile};
pub use input::{DueWindow, TaskFilter, TaskFilterInput, TaskInput};
pub use model::{Brief, DueTask, NewDocument, Task, TaskDocument, TaskOverview, TaskSort, TaskType};
pub use ports::TaskRepo;
pub use state::{TaskState, TaskStatus};
