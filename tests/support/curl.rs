//! Runs curl, an independent client.
//!
//! If curl is not installed, the tests note it and pass. In CI (`CI=true`) they fail.

use std::{
    io::ErrorKind,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::process::Command;

/// Returns curl's output and exit status, or `None` if curl is not installed.
pub(crate) async fn run_curl(arguments: &[&str], input: Stdio) -> Option<Output> {
    let mut command = Command::new("curl");
    // Ignores the user's settings; curl accepts this only as the first argument.
    command.args(["--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"]);
    command.args(arguments).stdin(input).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(90), command.output()).await;
    match output.expect("curl ends in time") {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            what_was_left_out::note(env!("CARGO_TARGET_TMPDIR"), "curl");
            None
        }
        Err(error) => panic!("curl does not run: {error}"),
    }
}
