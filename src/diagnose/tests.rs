//! Diagnosis from tables of findings.
