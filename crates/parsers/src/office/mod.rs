//! Office documents: archives of XML, read by own walkers that keep text, headings, lists and tables and nothing else.

mod docx;
mod package;
mod pptx;
mod style;
mod xlsx;
mod xml;

pub(crate) use docx::read as docx;
pub(crate) use pptx::read as pptx;
pub(crate) use xlsx::read as xlsx;
