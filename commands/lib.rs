//! The mouth of Watchpost.
