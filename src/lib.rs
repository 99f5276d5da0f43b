//! What Watchpost knows and decides about e-mail outages. No chat crate among its dependencies.
//!
//! The map, in reading order, is also the way of one request: the [`desk`] takes it, [`incident::decide`] says what
//! follows, the [`store`] makes it durable, the [`outbox`] brings it to people.

pub mod clock;
pub mod ids;
pub mod person;

pub mod config;
pub mod policy;
pub mod service;

pub mod cause;
pub mod check;
pub mod diagnose;
pub mod explain;
pub mod protocol;
pub mod resolve;
pub mod transport;

pub mod book;
pub mod broadcast;
pub mod button;
pub mod capability;
pub mod card;
pub mod desk;
pub mod doctor;
pub mod due;
pub mod evidence;
pub mod incident;
pub mod keeper;
pub mod lookback;
pub mod monitor;
pub mod outbox;
pub mod picture;
pub mod proof;
pub mod refusal;
pub mod report;
pub mod review;
pub mod setup;
pub mod sop;
pub mod store;
pub mod storing;
pub mod timeline;
pub mod update;
pub mod web;
pub mod when;
