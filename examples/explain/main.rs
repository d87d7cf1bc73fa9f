//! Run with
//!
//! ```text
//! cargo run --example explain -- PUT 'If-Match: "1"' --etag '"2"'
//! ```
//!
//! Tells step by step what RFC 9110 §13.2.2 makes of a request. The arguments are the
//! method, the lines of its conditional fields, and what describes the current
//! representation: `--etag`, `--last-modified`, or `--absent` where there is none.
//! A representation that has neither validator exists all the same.
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
//! Everything it says is read off the crate's pure core, and decided nowhere else.

mod explanation;
mod question;
#[cfg(test)]
mod tests;

use std::{env, ffi::OsString, process::ExitCode, time::SystemTime};

use tower_precondition::HttpDate;

use crate::{explanation::explain, question::Question};

const USAGE: &str =
    "usage: explain METHOD ['FIELD: VALUE']... [--etag TAG] [--last-modified DATE] [--absent]";

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
