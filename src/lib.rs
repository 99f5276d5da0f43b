//! What Watchpost knows and decides.
