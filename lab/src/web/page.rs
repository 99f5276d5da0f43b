//! The pages: webmail, the health pages of an Exchange server, the MTA-STS policy, autoconfig, autodiscover, and a
//! registry's answer about the domain.

use chrono::{DateTime, SecondsFormat};

use crate::options::{Host, Service};
use crate::site::Site;

/// How long the domain is registered when nothing is wrong, in milliseconds.
const REGISTERED_FOR_MS: i64 = 300 * 86_400_000;

/// An answer: status line, type, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) status: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn new(status: &'static str, content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status, content_type, body: body.into() }
    }

    fn ok(content_type: &'static str, body: impl Into<String>) -> Self {
        Self::new("200 OK", content_type, body)
    }
}

const WEBMAIL: &str = "<!doctype html><html lang=\"en\"><title>Lab webmail</title><h1>Lab webmail</h1>\
    <form><label>Address <input name=\"user\"></label> <label>Password <input type=\"password\" name=\"password\"></label>\
    <button>Log in</button></form></html>\n";

/// What a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageKind {
    /// Made by the application behind the web server.
    Application,
    /// The MTA-STS policy.
    Policy,
    /// Settings for mail programs.
    Settings,
    /// What a registry says.
    Registration,
    /// There is none.
    Missing,
}

/// The page at this host and path, as it is at this moment.
pub(crate) fn page(site: &Site, host: &str, path: &str) -> Page {
    let path = path.split('?').next().unwrap_or_default();
    let kind = kind(site, host, path);
    let mut page = match kind {
        PageKind::Policy => Page::ok("text/plain", policy(site)),
        PageKind::Settings if path.starts_with("/mail/") => Page::ok("text/xml", autoconfig(site)),
        PageKind::Settings => Page::ok("text/xml", autodiscover(site)),
        PageKind::Registration => Page::ok("application/rdap+json", registration(site)),
        PageKind::Application if path == "/" => Page::ok("text/html; charset=utf-8", WEBMAIL),
        PageKind::Application => {
            let name = site.host_name(Host::Mail).to_uppercase();
            Page::ok("text/html", format!("200 OK<br/>{name}"))
        }
        PageKind::Missing => Page::new("404 Not Found", "text/plain", "There is no such page.\n"),
    };
    site.board.edit_page(kind, &mut page);
    page
}

fn kind(site: &Site, host: &str, path: &str) -> PageKind {
    let domain = &site.options.domain;
    let at = |name: &str| host.eq_ignore_ascii_case(&format!("{name}.{domain}"));
    match path {
        "/.well-known/mta-sts.txt" if at("mta-sts") => PageKind::Policy,
        "/mail/config-v1.1.xml" if at("autoconfig") => PageKind::Settings,
        "/autodiscover/autodiscover.xml" if at("autodiscover") => PageKind::Settings,
        _ if at("rdap") && path == format!("/domain/{domain}") => PageKind::Registration,
        "/"
        | "/owa/healthcheck.htm"
        | "/mapi/healthcheck.htm"
        | "/EWS/healthcheck.htm"
        | "/Microsoft-Server-ActiveSync/healthcheck.htm" => PageKind::Application,
        _ => PageKind::Missing,
    }
}

/// The hosts that the MTA-STS policy of this moment names.
pub(crate) fn policy_hosts(site: &Site) -> Vec<String> {
    let backup = site.options.backup.map(|_| Host::Backup);
    let hosts = [Some(Host::Mail), backup].into_iter().flatten();
    let mut names: Vec<_> = hosts.map(|host| site.host_name(host)).collect();
    site.board.edit_policy(&mut names, site);
    names
}

/// The policy file (RFC 8461 §3.2).
fn policy(site: &Site) -> String {
    let lines: String = policy_hosts(site).iter().map(|host| format!("mx: {host}\r\n")).collect();
    format!("version: STSv1\r\nmode: enforce\r\n{lines}max_age: 86400\r\n")
}

fn port(site: &Site, service: Service) -> u16 {
    site.endpoints_of(Host::Mail, service).next().map_or(service.well_known_port(), |at| at.address.port())
}

/// What Thunderbird and others ask for.
fn autoconfig(site: &Site) -> String {
    let (domain, host) = (&site.options.domain, site.host_name(Host::Mail));
    let server = |kind: &str, tag: &str, service| {
        format!(
            "<{tag} type=\"{kind}\"><hostname>{host}</hostname><port>{}</port><socketType>SSL</socketType>\
             <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></{tag}>",
            port(site, service)
        )
    };
    let imap = server("imap", "incomingServer", Service::Imaps);
    let smtp = server("smtp", "outgoingServer", Service::Submissions);
    format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"{domain}\"><domain>{domain}</domain>{imap}{smtp}\
         </emailProvider></clientConfig>\n"
    )
}

/// What Outlook asks for.
fn autodiscover(site: &Site) -> String {
    let host = site.host_name(Host::Mail);
    let protocol = |kind: &str, service| {
        let port = port(site, service);
        format!(
            "<Protocol><Type>{kind}</Type><Server>{host}</Server><Port>{port}</Port><SSL>on</SSL></Protocol>"
        )
    };
    let (imap, smtp) = (protocol("IMAP", Service::Imaps), protocol("SMTP", Service::Submissions));
    format!(
        "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\
         <Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\">\
         <Account><AccountType>email</AccountType><Action>settings</Action>{imap}{smtp}</Account></Response>\
         </Autodiscover>\n"
    )
}

/// A moment as HTTP writes it (RFC 9110 §5.6.7).
pub(crate) fn http_date(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// What a registry says about the domain (RFC 9083 §5.3).
fn registration(site: &Site) -> String {
    let until_ms =
        site.board.registered_until_ms().unwrap_or(site.authority.started_ms() + REGISTERED_FOR_MS);
    let until = DateTime::from_timestamp_millis(until_ms)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let domain = &site.options.domain;
    format!(
        "{{\"rdapConformance\":[\"rdap_level_0\"],\"objectClassName\":\"domain\",\"ldhName\":\"{domain}\",\
         \"status\":[\"active\"],\"events\":[{{\"eventAction\":\"expiration\",\"eventDate\":\"{until}\"}}]}}\n"
    )
}
