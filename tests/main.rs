//! Stories.

mod documents;
