//! HTTPS as a server speaks it: one request, one answer (`Connection: close`). The pages are in `web/page.rs`.

pub(crate) mod page;

use std::sync::Arc;

use crate::dialogue::{Dialogue, Turn, text};
use crate::site::Site;
use page::Page;

/// How much a request's head may hold, in lines.
const MOST_LINES: usize = 100;

/// One HTTP connection.
pub(crate) struct Session {
    site: Arc<Site>,
    lines: Vec<String>,
}

impl Session {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self { site, lines: Vec::new() }
    }

    fn answer(&self) -> Turn {
        let mut request = self.lines.first().map(String::as_str).unwrap_or_default().split(' ');
        let (method, path) = (request.next().unwrap_or_default(), request.next().unwrap_or_default());
        let page = match method {
            "GET" | "HEAD" => page::page(&self.site, self.host(), path),
            _ => Page::new("405 Method Not Allowed", "text/plain", "Only GET is served here.\n"),
        };
        let head = format!(
            "HTTP/1.1 {}\r\nDate: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            page.status,
            page::http_date(self.site.now_ms()),
            page.content_type,
            page.body.len()
        );
        Turn::close(if method == "HEAD" { head } else { head + &page.body })
    }

    /// The host that is asked for, without a port.
    fn host(&self) -> &str {
        let value = |line: &'_ String| {
            let (name, _) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then_some(name.len() + 1)
        };
        let found = self.lines.iter().skip(1).find_map(|line| value(line).map(|at| line[at..].trim()));
        found.and_then(|host| host.split(':').next()).unwrap_or_default()
    }
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        Turn::listen()
    }

    fn line(&mut self, line: &[u8]) -> Turn {
        let line = text(line);
        if line.is_empty() {
            return self.answer();
        }
        self.lines.push(line);
        if self.lines.len() > MOST_LINES { self.too_long() } else { Turn::listen() }
    }

    fn block(&mut self, _: Vec<u8>) -> Turn {
        // A body is never asked for.
        Turn::close("")
    }

    fn secured(&mut self) -> Turn {
        Turn::listen()
    }

    fn too_long(&mut self) -> Turn {
        Turn::close(
            "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )
    }
}
