//! The way through a second place: a SOCKS proxy (RFC 1928) on another machine. It is given the pinned address, never a
//! name, so it looks up nothing for us.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use watchpost_texts::say;

/// Section 3: version 5, one method, "no authentication required".
const GREETING: [u8; 3] = [5, 1, 0];
/// Section 6, the field REP.
const UNREACHABLE: [u8; 3] = [3, 4, 6];
const REFUSED: u8 = 5;

/// A connection to `target`, made by the proxy.
pub(super) async fn connect(proxy: SocketAddr, target: SocketAddr) -> Result<TcpStream> {
    let mut tcp = TcpStream::connect(proxy).await?;
    tcp.write_all(&GREETING).await?;
    let mut chosen = [0; 2];
    tcp.read_exact(&mut chosen).await?;
    if chosen != [5, 0] {
        return Err(Error::other(say!("the second place wants a login, or speaks no SOCKS 5")));
    }
    tcp.write_all(&request(target)).await?;
    let mut head = [0; 4];
    tcp.read_exact(&mut head).await?;
    match head[1] {
        0 => {}
        REFUSED => return Err(ErrorKind::ConnectionRefused.into()),
        code if UNREACHABLE.contains(&code) => return Err(ErrorKind::HostUnreachable.into()),
        _ => return Err(Error::other(say!("the second place could not connect"))),
    }
    pass_over_bound_address(&mut tcp, head[3]).await?;
    Ok(tcp)
}

/// Section 4: CONNECT to an address and port.
fn request(target: SocketAddr) -> Vec<u8> {
    let mut request = vec![5, 1, 0];
    match target {
        SocketAddr::V4(v4) => {
            request.push(1);
            request.extend(v4.ip().octets());
        }
        SocketAddr::V6(v6) => {
            request.push(4);
            request.extend(v6.ip().octets());
        }
    }
    request.extend(target.port().to_be_bytes());
    request
}

/// The answer ends with the address that the proxy connects from; its kind says how long that is.
async fn pass_over_bound_address(tcp: &mut TcpStream, kind: u8) -> Result<()> {
    let length = match kind {
        1 => 4,
        3 => usize::from(tcp.read_u8().await?),
        4 => 16,
        _ => return Err(Error::other(say!("the second place speaks no SOCKS 5"))),
    };
    let mut bound = [0; 257];
    tcp.read_exact(&mut bound[..length + 2]).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_not_a_name() {
        let v4 = "192.0.2.1:25".parse().expect("an address");
        assert_eq!(request(v4), [5, 1, 0, 1, 192, 0, 2, 1, 0, 25]);
        let v6 = "[2001:db8::1]:993".parse().expect("an address");
        let asked = request(v6);
        assert_eq!((asked.len(), asked[3], &asked[20..]), (22, 4, &[0x03, 0xe1][..]));
    }
}
