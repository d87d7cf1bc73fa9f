//! Runs curl, a client that nobody here wrote.
//!
//! If it is not installed the tests say so and pass, except in CI (`CI=true`), where they fail.

use std::{
    env,
    io::ErrorKind,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::process::Command;

/// What curl printed, and how it ended; `None` without curl.
pub(crate) async fn run_curl(arguments: &[&str], input: Stdio) -> Option<Output> {
    let mut command = Command::new("curl");
    // Comes first: ignores the settings of the user.
    command.args(["--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"]);
    command.args(arguments).stdin(input).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(90), command.output()).await;
    match output.expect("curl ends in time") {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound && !is_ci() => {
            eprintln!("skipped: curl is not installed");
            None
        }
        Err(error) => panic!("curl does not run: {error}"),
    }
}

fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true")
}
