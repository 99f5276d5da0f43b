//! A mail service on your own machine.
