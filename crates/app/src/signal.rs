//! The operator's wish to stop.

/// Resolves on SIGTERM or Ctrl-C.
///
/// # Panics
/// Never: where the handler cannot be installed, only the other signal stops the process.
pub async fn shutdown_requested() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(err) => {
                tracing::warn!(%err, "SIGTERM cannot be handled");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
