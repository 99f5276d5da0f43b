//! Stories: what a person does and sees, through the real serenity client, over the sandbox and the lab.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on may say so by a panic")]
#![allow(clippy::print_stdout, reason = "a story that is skipped says so")]

mod administer;
mod afterwards;
mod alarms;
mod at_the_host;
mod away;
mod bad_input;
mod belonging;
mod catalogue;
mod changes;
mod checklist;
mod commands;
mod declare_to_review;
mod destinations;
mod doctor;
mod documents;
mod evidence;
mod expired_certificate;
mod fix_and_prove;
mod following;
mod full_disk;
mod gate_and_supervisor;
mod hijacked;
mod interactions;
mod killed;
mod killed_updates;
mod layout;
mod maillab;
mod night;
mod procedure;
mod proof;
mod recorder;
mod reopening;
mod restart;
mod resting;
mod restore_drill;
mod review;
mod running;
mod servers;
mod start_and_stop;
mod stopped;
mod telling;
mod watching;
mod woken;
