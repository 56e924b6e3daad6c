//! The tests live in `it/` (the application in the test's process) and `blackbox/` (the real binaries); this library is empty on purpose.
