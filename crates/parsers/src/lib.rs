//! Files become text here: office documents, PDFs, web pages, tables, notebooks, source code and plain text, each as normalised text with
//! headings, a title, a language and what was lost on the way.
//!
//! Plain text is read in place. Everything else is read by a child process that runs this very program with [`CHILD_ARGUMENT`]: it takes the
//! bytes from its standard input, has no files, little memory and little time, and answers on its standard output. A file that makes a parser
//! hang, swell or crash ends that child and nothing else. [`IsolatedParser`] is the parent's side, [`serve_child`] the child's.

mod code;
mod csv_table;
mod html;
mod isolation;
mod json;
mod kind;
mod natural;
mod normalise;
mod notebook;
mod office;
mod parse;
mod pdf;
mod table;
mod text;

pub use isolation::{CHILD_ARGUMENT, IsolatedParser, ParserLimits, serve_child, serve_child_with};
pub use parse::{InPlaceParser, parse};
