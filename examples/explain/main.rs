//! Run with
//!
//! ```text
//! cargo run --example explain -- PUT 'If-Match: "1"' --etag '"2"'
//! ```
//!
//! Explains how RFC 9110 §13.2.2 evaluates a request, step by step. The arguments are the method, the
//! lines of its conditional fields, and the current state: `--etag` and `--last-modified`, or `--absent`
//! if nothing exists. A representation with neither validator still exists. `--other-etag` names another tag of the
//! same state.
//!
//! `--weak-by-protocol`, `--weakened-by-proxy` and `--suffixed-by-proxy -gzip` compare as `TagComparison` does.
//!
//! WebDAV's `If` (RFC 4918 §10.4) is judged first, as by a layer with a source of locks: `--lock` names the token of
//! a lock that covers the resource. A list under a resource tag is about another resource, and nothing exists there.
//!
//! ```text
//! The request is PUT, with
//!   If-Match: "1"
//! The current representation has
//!   ETag: "2"
//!
//! 1. If-Match is false: it does not name the current representation, by strong comparison
//! 2. If-Unmodified-Since is not present
//! 3. If-None-Match is not present
//! 4. If-Modified-Since is not present
//! 5. If-Range is not present
//! 6. The request is not performed
//!
//! 412 Precondition Failed, because of If-Match
//! ```
//!
//! The crate's pure core makes every decision; this program only prints them.

mod explanation;
mod question;
#[cfg(test)]
mod tests;

use std::{env, ffi::OsString, process::ExitCode, time::SystemTime};

use tower_precondition::HttpDate;

use crate::{explanation::explain, question::Question};

const USAGE: &str =
    "usage: explain METHOD ['FIELD: VALUE']... [--etag TAG] [--other-etag TAG] [--last-modified DATE] [--absent]
                [--lock TOKEN]... [--weak-by-protocol] [--weakened-by-proxy] [--suffixed-by-proxy SUFFIX]...";

fn main() -> ExitCode {
    match app(env::args_os().skip(1)) {
        Ok(explanation) => {
            print!("{explanation}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn app(arguments: impl Iterator<Item = OsString>) -> Result<String, String> {
    let arguments: Result<Vec<String>, OsString> = arguments.map(OsString::into_string).collect();
    let arguments = arguments.map_err(|argument| format!("{}: not UTF-8", argument.to_string_lossy()))?;
    let question = Question::from_arguments(arguments.into_iter())?;
    let now = HttpDate::try_from(SystemTime::now()).map_err(|error| format!("the clock: {error}"))?;
    Ok(explain(&question, now))
}
