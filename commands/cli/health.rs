//! `watchpost health`: does the Watchpost of this configuration answer? For a container's health check and for scripts.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use watchpost::config::{Config, Environment};
use watchpost_texts::say;

use super::config::MISCONFIGURED;

/// How long it may take to answer; a health check that hangs is worse than one that fails.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the process that runs by the configuration at `path`.
///
/// # Errors
/// Only when `out` or `problems` cannot be written.
pub fn run(
    path: &Path,
    environment: &Environment,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    let config = match Config::load(path, environment) {
        Ok(config) => config,
        Err(error) => {
            writeln!(problems, "{error}")?;
            return Ok(ExitCode::from(MISCONFIGURED));
        }
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(answer(&config, out, problems))
}

async fn answer(config: &Config, out: &mut dyn Write, problems: &mut dyn Write) -> io::Result<ExitCode> {
    let Some(listen) = config.web.listen else {
        let file = config.file.display();
        writeln!(
            problems,
            "{}",
            say!(
                "{file} has no listen under [web], so there is nothing to ask. Add listen = \"127.0.0.1:8080\"."
            )
        )?;
        return Ok(ExitCode::from(MISCONFIGURED));
    };
    let address = reachable(listen);
    match ask(address).await {
        Ok(()) => {
            writeln!(out, "{}", say!("alive at {address}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(reason) => {
            writeln!(
                problems,
                "{}",
                say!(
                    "no good answer from {address}: {reason}. Is `watchpost run` running? Its log says why."
                )
            )?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The address at which this machine reaches a listener on `listen`: "any" is no destination.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(address: SocketAddr) -> Result<(), String> {
    // A proxy of the environment must not answer in place of the process.
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build();
    let client = client.map_err(|_| say!("the client cannot be built").to_owned())?;
    let answer = client.get(format!("http://{address}/livez")).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(say!("it answers {}", answer.status())),
        Err(error) if error.is_timeout() => Err(say!("nothing within {} s", PATIENCE.as_secs())),
        Err(error) if error.is_connect() => Err(say!("nothing listens there").to_owned()),
        Err(_) => Err(say!("it does not speak HTTP").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    /// What is printed, and the status, for a configuration with this line under `[web]`.
    async fn printed(line: &str) -> (String, ExitCode) {
        let text = format!("[organisation]\nname = \"Example\"\n[web]\n{line}\n");
        let config = Config::parse(Path::new("watchpost.toml"), &text, &Environment::default()).unwrap();
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        let code = answer(&config, &mut out, &mut problems).await.unwrap();
        out.extend(problems);
        (String::from_utf8(out).unwrap(), code)
    }

    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[tokio::test]
    async fn a_process_that_answers_is_alive() {
        let (listener, port) = listener().await;
        let router = Router::new().route("/livez", get(async || "alive\n"));
        tokio::spawn(axum::serve(listener, router).into_future());
        let (text, code) = printed(&format!("listen = \"0.0.0.0:{port}\"")).await;
        assert_eq!((text, code), (format!("alive at 127.0.0.1:{port}\n"), ExitCode::SUCCESS));
    }

    #[tokio::test]
    async fn everything_else_is_said() {
        let (listener, port) = listener().await;
        let router = Router::new().route("/livez", get(async || StatusCode::SERVICE_UNAVAILABLE));
        let server = tokio::spawn(axum::serve(listener, router).into_future());
        let (text, code) = printed(&format!("listen = \"127.0.0.1:{port}\"")).await;
        assert!(text.contains("it answers 503"), "{text}");
        assert_eq!(code, ExitCode::FAILURE);
        server.abort();
        assert!(server.await.unwrap_err().is_cancelled());
        let (text, code) = printed(&format!("listen = \"127.0.0.1:{port}\"")).await;
        assert!(text.contains("nothing listens there"), "{text}");
        assert_eq!(code, ExitCode::FAILURE);
        let (text, code) = printed("").await;
        assert!(text.contains("no listen under [web]"), "{text}");
        assert_eq!(code, ExitCode::from(MISCONFIGURED));
    }
}
