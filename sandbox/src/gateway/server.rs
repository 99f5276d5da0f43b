//! Accepts gateway connections on loopback.

use tokio::net::TcpListener;

use super::connection;
use crate::core::Shared;

/// Runs until it is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Shared) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection::run(stream, shared.clone()));
            }
            // Out of descriptors: the next accept may work.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
