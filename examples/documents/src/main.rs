//! Runs the server; the library's documentation describes it.

mod arguments;

use std::{
    env,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use documents::{Patience, Proxy, Store};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::arguments::{Command, HELP};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Command::from_arguments() {
        Ok(Command::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Ok(Command::Serve { address }) => run(address).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: String) -> Result<(), String> {
    log_to_standard_error()?;
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:documents.sqlite".to_owned());

    let patience = patience()?;
    let behind = env::var("BEHIND").unwrap_or_default();
    let proxy: Proxy = behind.parse().map_err(|error| format!("BEHIND: {error}"))?;

    let stop = asked_to_stop().map_err(|error| format!("signals: {error}"))?;
    let store = Store::open(&url).await.map_err(|error| format!("DATABASE_URL: {error}"))?;
    let place = Store::place(&url).map_err(|error| format!("DATABASE_URL: {error}"))?;
    let failed = |error: io::Error| format!("{address}: cannot listen there: {error}");
    let listener = TcpListener::bind(&address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    // In one write: whoever starts the program may close the pipe after the first line.
    let said = format!("listening on http://{bound}\ndocuments are kept in {place}\n");
    io::stdout().write_all(said.as_bytes()).map_err(|error| format!("standard output: {error}"))?;
    documents::serve(listener, proxy, store, patience, stop).await;
    Ok(())
}

fn patience() -> Result<Patience, String> {
    let Patience { head, content } = Patience::default();
    Ok(Patience { head: seconds("HEAD_SECONDS", head)?, content: seconds("CONTENT_SECONDS", content)? })
}

fn seconds(variable: &str, default: Duration) -> Result<Duration, String> {
    let Ok(value) = env::var(variable) else { return Ok(default) };
    let seconds = value.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| format!("{variable}: expected a number of seconds, found `{value}`"))
}

/// At the default level, the log has a line for each 412 and each 428.
fn log_to_standard_error() -> Result<(), String> {
    let wanted = env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    let targets: Targets = wanted.parse().map_err(|error| format!("RUST_LOG: {error}"))?;
    let lines =
        tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry().with(lines).with(targets).init();
    Ok(())
}

fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
