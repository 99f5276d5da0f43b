//! Discord at its worst, and what the gate and the supervisor make of it: a real serenity client against the sandbox.
//!
//! What is asked of Watchpost under each trouble, and what shows it; the names are those of tests.
//!
//! | trouble | must hold | shown by |
//! |---|---|---|
//! | T06 5xx | at most one request for each step of the pauses; everything arrives afterwards, the overtaken only by name | `requests::t06_a_storm_of_503_is_sat_out`, `away::t06_…`, `gate::tests::a_storm_of_503_is_not_answered_by_a_storm_of_tries` |
//! | T07 429 of every kind | at most ten an hour that are not shared; at most 200 invalid in ten minutes; other routes go on | `requests::t07_…`, `gate::queue::tests::an_hour_of_429_on_every_channel_costs_ten_requests`, `gate::tests::an_absurd_pause_is_given_back_and_costs_one_request` |
//! | T08 401, 403, 404 | the first 401 stops every request and is told elsewhere, the rest goes on; what is gone is named once | `requests::t08_…`, `away::t08_…` |
//! | T09 hang, drip, endless, truncated, HTML | each call ends within its bound, a message is never sent twice, what may be asked twice is | `requests::t09_…`, `gate::tests::a_post_without_a_usable_answer_goes_out_once_and_is_unknown` |
//! | T10 the connection | back in 15 s after a drop, two heartbeats + 15 s after a zombie, 90 s after a stall; few sessions; a fatal code ends it; the processor rests meanwhile | `connection::t10_…`, `supervisor::tests` (the figures of operation), `resting::t10_…` |
//! | T11 deaf | found out by an edit that does not come back, within ten minutes by the figures of operation | `connection::t11_…`, `supervisor::tests` |
//! | T12 three seconds | the acknowledgement waits for no store; late answers are told all the same | `interactions` (two stories), `benches/load.rs` (a thousand at once) |
//! | T13 twice | one effect, one entry | `interactions` (2 to 5 times, at once, afterwards, after a lost line) |

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it inside a test, not in what a test calls")]

mod connection;
mod night;
mod requests;
mod secrets;
