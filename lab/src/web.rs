//! HTTPS: the page of the webmail, and the MTA-STS policy (RFC 8461 §3.3).

use std::sync::Arc;

use crate::dialogue::{Dialogue, Turn, text};
use crate::options::Host;
use crate::site::Site;

/// How much a request's head may hold, in lines.
const MOST_LINES: usize = 100;

/// One HTTP connection: one request, one answer (`Connection: close`).
pub(crate) struct Session {
    site: Arc<Site>,
    lines: Vec<String>,
}

/// An answer: status line, type, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) status: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn new(status: &'static str, content_type: &'static str, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type,
            body: body.into(),
        }
    }
}

impl Session {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self {
            site,
            lines: Vec::new(),
        }
    }

    fn answer(&self) -> Turn {
        let mut request = self
            .lines
            .first()
            .map(String::as_str)
            .unwrap_or_default()
            .split(' ');
        let (method, path) = (
            request.next().unwrap_or_default(),
            request.next().unwrap_or_default(),
        );
        let page = match method {
            "GET" | "HEAD" => self.page(path),
            _ => Page::new(
                "405 Method Not Allowed",
                "text/plain",
                "Only GET is served here.\n",
            ),
        };
        let head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            page.status,
            page.content_type,
            page.body.len()
        );
        Turn::close(if method == "HEAD" { head } else { head + &page.body })
    }

    fn page(&self, path: &str) -> Page {
        let host = self.header("host").unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let policy_host = format!("mta-sts.{}", self.site.options.domain);
        match path {
            "/.well-known/mta-sts.txt" if host.eq_ignore_ascii_case(&policy_host) => {
                Page::new("200 OK", "text/plain", policy(&self.site))
            }
            "/" => {
                let mut page = Page::new("200 OK", "text/html; charset=utf-8", WEBMAIL);
                self.site.board.edit_page(&mut page);
                page
            }
            _ => Page::new("404 Not Found", "text/plain", "There is no such page.\n"),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        let named = |line: &String| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        self.lines.iter().skip(1).find_map(named)
    }
}

const WEBMAIL: &str = "<!doctype html><html lang=\"en\"><title>Lab webmail</title><h1>Lab webmail</h1>\
    <form><label>Address <input name=\"user\"></label> <label>Password <input type=\"password\" name=\"password\"></label>\
    <button>Log in</button></form></html>\n";

/// The hosts that the policy of this moment names.
pub(crate) fn policy_hosts(site: &Site) -> Vec<String> {
    let backup = site.options.backup.map(|_| Host::Backup);
    let hosts = [Some(Host::Mail), backup].into_iter().flatten();
    let mut names: Vec<_> = hosts.map(|host| site.host_name(host)).collect();
    site.board.edit_policy(&mut names, site);
    names
}

fn policy(site: &Site) -> String {
    let lines: String = policy_hosts(site)
        .iter()
        .map(|host| format!("mx: {host}\r\n"))
        .collect();
    format!("version: STSv1\r\nmode: enforce\r\n{lines}max_age: 86400\r\n")
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        Turn::line("")
    }

    fn line(&mut self, line: &[u8]) -> Turn {
        let line = text(line);
        if line.is_empty() {
            return self.answer();
        }
        self.lines.push(line);
        if self.lines.len() > MOST_LINES {
            self.too_long()
        } else {
            Turn::line("")
        }
    }

    fn block(&mut self, _: Vec<u8>) -> Turn {
        // A body is never asked for.
        Turn::close("")
    }

    fn secured(&mut self) -> Turn {
        Turn::line("")
    }

    fn too_long(&mut self) -> Turn {
        Turn::close(
            "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        )
    }
}
