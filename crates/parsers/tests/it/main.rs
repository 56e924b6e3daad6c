//! Files of every kind, made here, as their parsers see them.

mod fixture;
mod office;
mod other;
mod pdf;
mod real;
