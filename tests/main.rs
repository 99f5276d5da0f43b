//! Stories: what a person does and sees, through the real serenity client, over the sandbox and the lab.

mod declare_to_review;
mod documents;
mod gate_and_supervisor;
mod maillab;
mod night;
mod restart;
