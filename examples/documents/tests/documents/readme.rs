//! Plays the curl session of the README against this program.

use std::{
    env, fs,
    io::ErrorKind,
    path::Path,
    process::{Command, Stdio},
};

use tokio::{net::TcpListener, task::spawn_blocking};

use documents::app;

use crate::support::stores;

#[tokio::test]
async fn the_curl_session_of_the_readme_prints_what_it_shows() {
    match Command::new("curl").arg("--version").stdout(Stdio::null()).status() {
        Err(error) if error.kind() == ErrorKind::NotFound && env::var_os("CI").is_none() => {
            eprintln!("skipped: curl is not installed");
            return;
        }
        found => assert!(found.expect("curl runs").success()),
    }
    let opened = stores::sqlite().await.unwrap();
    let store = opened.store.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    let server = tokio::spawn(async move { axum::serve(listener, app(store)).await });

    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let session = session(&fs::read_to_string(readme).expect("README is text"));
    assert!(session.contains("\n412 "), "the session shows a collision");
    let expected = session.clone();
    let played = spawn_blocking(move || play(&session, &address)).await.expect("the session is played");
    server.abort();
    assert_eq!(played, expected);
}

/// Returns the lines of the `console` block.
fn session(readme: &str) -> String {
    let lines = readme.lines().skip_while(|line| *line != "```console").skip(1);
    lines.take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect()
}

/// Runs each command of the session, and returns the commands with their output.
fn play(session: &str, address: &str) -> String {
    let mut before = String::from("set -e\n");
    let mut played = String::new();
    for command in session.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let script = format!("{before}{command}\n").replace("127.0.0.1:3000", address);
        let output = Command::new("sh").arg("-c").arg(script).output().expect("sh runs");
        played += &format!("$ {command}\n{}", String::from_utf8_lossy(&output.stdout));
        // An assignment: the shell of the next command needs it.
        if !command.contains(' ') {
            before += &format!("{command}\n");
        }
    }
    played
}
