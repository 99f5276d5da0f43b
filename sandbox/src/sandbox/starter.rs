//! How a sandbox is started.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Sandbox;
use crate::control::{self, Panel};
use crate::core::Shared;
use crate::gateway::{self, Outgoing};
use crate::line::{Cut, Lines};
use crate::rest::Edge;
use crate::world::World;

/// Why a sandbox could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// No port on loopback.
    #[error("the sandbox cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Listen {
        /// Where it tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// How a sandbox is started.
pub struct Starter {
    pub(super) world: World,
    pub(super) port: u16,
    pub(super) mounts: Vec<(String, Router)>,
    pub(super) panels: Vec<Panel>,
}

impl Starter {
    /// The port of REST and page on 127.0.0.1; 0, the default, takes any.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Serves something else on the same port below `prefix`, for instance the switches of a mail lab.
    #[must_use]
    pub fn mount(mut self, prefix: &str, router: Router) -> Self {
        self.mounts.push((prefix.to_owned(), router));
        self
    }

    /// Shows something else on the page: a frame with this path.
    #[must_use]
    pub fn panel(mut self, title: &str, path: &str) -> Self {
        self.panels.push(Panel { title: title.to_owned(), path: path.to_owned() });
        self
    }

    /// Starts.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let rest = listen(self.port).await?;
        let ws = listen(0).await?;
        let mut core = self.world.build();
        core.places.files_base = format!("http://{}", rest.1);
        core.gateway_url = format!("ws://{}", ws.1);
        let shared = Shared::new(core);
        let mut router = control::router(Edge { shared: shared.clone() }, self.panels);
        for (prefix, mounted) in self.mounts {
            router = router.nest_service(&prefix, mounted);
        }
        let service = router.into_make_service_with_connect_info::<Cut>();
        let serving = axum::serve(Lines(rest.0), service);
        let listeners = vec![
            tokio::spawn(async move {
                let _ = serving.await;
            }),
            tokio::spawn(gateway::serve(ws.0, shared.clone())),
        ];
        let tasks = Tasks { listeners, shared: shared.clone() };
        Ok(Sandbox { shared, rest: rest.1, ws: ws.1, _tasks: Arc::new(tasks) })
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let wrong = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(wrong)?;
    let bound = listener.local_addr().map_err(wrong)?;
    Ok((listener, bound))
}

/// Ends the listeners and the gateway's connections with the last handle.
pub(super) struct Tasks {
    listeners: Vec<JoinHandle<()>>,
    shared: Shared,
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.listeners {
            task.abort();
        }
        self.shared.lock().hub.send_all(&Outgoing::Drop);
    }
}
