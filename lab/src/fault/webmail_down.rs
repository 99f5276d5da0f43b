//! The application behind the web server does not run.

use crate::personality::{HEALTHY, Personality};
use crate::web::page::{Page, PageKind};

pub(super) const PERSONALITY: Personality = Personality {
    name: "webmail-down",
    seen: "The webmail and the health pages answer 502 Bad Gateway; IMAP works.",
    page: |kind, page| {
        if kind == PageKind::Application {
            *page = Page::new("502 Bad Gateway", "text/html", "<h1>502 Bad Gateway</h1>\n");
        }
    },
    ..HEALTHY
};
