//! The allocator of every program of ours.
//!
//! Most memory is asked for in bursts (the start, one large document, one page of vectors) by one thread and let go of by another. The C library keeps such
//! pages for the arena they came from; jemalloc hands them back after a second, from a thread of its own, so that a process at rest weighs what it holds.
//! How it decays is set in `.cargo/config.toml`; `_RJEM_MALLOC_CONF` in the environment overrides it for one process.

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
