//! What is typed in a shell: one file for each verb.

pub mod config;
