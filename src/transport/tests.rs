//! Connections against small listeners in this process.
