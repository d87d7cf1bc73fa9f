//! Counts refused uploads whose 412 does not arrive, over real clients and proxies. None may be lost.
//!
//! ```text
//! uploads table SMALL LARGE   plays each cell so often: content up to 1 MB, and above
//! uploads trickle             measures 500 clients that never end a refused upload
//! ```
//!
//! The variable `DOCUMENTS` is the path of the program `documents`. A client that is not installed is skipped and
//! counted; if `CI` is set, that is a failure.

mod clients;
mod programs;
mod server;
mod sizes;
mod table;
mod trickle;

use std::{env, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let holds = match *arguments {
        ["serve"] => {
            server::serve(false).await;
            true
        }
        ["serve-tls"] => {
            server::serve(true).await;
            true
        }
        ["table", small, large] => match (small.parse(), large.parse()) {
            (Ok(small), Ok(large)) => table::play(small, large),
            _ => return usage(),
        },
        ["trickle"] => trickle::measure().await,
        _ => return usage(),
    };
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("expected: table SMALL LARGE, or trickle");
    ExitCode::from(2)
}
