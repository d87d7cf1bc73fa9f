//! Helpers that the test programs share.
#![allow(dead_code, unused_imports, unused_macros, reason = "each program uses a part of it")]

mod answer;
pub(crate) mod bodies;
pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod curl;
mod handler;
mod poll;
pub(crate) mod proofs;
pub(crate) mod random;
mod representations;
mod requests;

pub(crate) use answer::{Answer, By};
pub(crate) use handler::{Handler, send, send_to, service_fn};
pub(crate) use poll::{at_once, poll_once, run};
pub(crate) use representations::{
    EARLIER, LATER, MODIFIED, current, date, date_in, dated, fails, finds, never_asked, tagged,
};
pub(crate) use requests::{request, response};
