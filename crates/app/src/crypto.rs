//! The one TLS provider of the process.

/// Installs the TLS provider that every client uses. Called first thing in every `main`; calling it again changes nothing.
pub fn install_crypto() {
    // The error is the provider that is already there.
    drop(rustls::crypto::ring::default_provider().install_default());
}
