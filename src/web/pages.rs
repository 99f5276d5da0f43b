//! Page, feed and summary from one picture, for whoever serves or writes them.

use crate::clock::UtcMs;
use crate::config::{Config, Organisation};
use crate::desk::Desk;
use crate::ids::ServiceName;
use crate::store::StoreError;

use super::page::Forms;
use super::{atom, page, public, summary};

/// What they are made from beside the incidents.
#[derive(Debug, Clone)]
pub struct Pages {
    organisation: Organisation,
    /// The services with the names that people have for them.
    services: Vec<(ServiceName, String)>,
    /// Where people reach the page; stands in the feed.
    address: String,
}

/// The three, of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The page.
    pub html: String,
    /// The feed.
    pub atom: String,
    /// The summary.
    pub json: String,
}

impl Pages {
    /// As the configuration says.
    pub fn of(config: &Config) -> Self {
        let address = config.web.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        let services = config.services.iter().map(|watched| (watched.name.clone(), watched.label.clone()));
        Pages {
            organisation: config.organisation.clone(),
            services: services.collect(),
            address: address.unwrap_or_default(),
        }
    }

    /// Whose page it is.
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// What is published as of now.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn picture(&self, desk: &Desk) -> Result<public::Picture, StoreError> {
        public::picture(desk, &self.organisation.name, &self.services, desk.clock().now()).await
    }

    /// The page of this picture.
    pub fn html(&self, picture: &public::Picture, now: UtcMs, forms: Option<&Forms>) -> String {
        page::write(picture, self.organisation.time_zone, now, forms)
    }

    /// The feed of this picture.
    pub fn atom(&self, picture: &public::Picture) -> String {
        atom::write(picture, &self.address, self.organisation.time_zone)
    }

    /// The summary of this picture.
    pub fn json(&self, picture: &public::Picture) -> String {
        summary::write(picture, &self.address, self.organisation.time_zone)
    }

    /// All three as of now, without forms: nobody takes what would be sent by them.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn make(&self, desk: &Desk) -> Result<Made, StoreError> {
        let picture = self.picture(desk).await?;
        Ok(Made {
            html: self.html(&picture, desk.clock().now(), None),
            atom: self.atom(&picture),
            json: self.json(&picture),
        })
    }
}
