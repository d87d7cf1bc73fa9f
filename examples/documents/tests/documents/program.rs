//! The program: its arguments, its environment, its log and its end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use crate::support::http::{FIRST, SECOND};

struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut command = Self::command(folder);
        command.arg("127.0.0.1:0");
        Self::spawned(command)
    }

    fn spawned(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect(&line).to_owned();
        Self { child, address }
    }

    /// The program, run in this folder with an empty environment.
    fn command(folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_documents"));
        command.current_dir(folder).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn ask(&self, request: &str) -> String {
        read(self.send(request))
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())).status();
        assert!(kill.unwrap().success());
    }

    /// Waits for the end, and returns the status and the log.
    fn end(mut self) -> (ExitStatus, String) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut log = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
                return (status, log);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the program does not end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn put(condition: &str, content: &str) -> String {
    format!(
        "PUT /documents/plan HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{condition}\
         Content-Length: {}\r\nConnection: close\r\n\r\n{content}",
        content.len()
    )
}

#[test]
fn decision_12_the_log_has_a_line_for_each_412_and_each_428() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    assert!(program.ask(&put("If-None-Match: *\r\n", FIRST)).starts_with("HTTP/1.1 201 "));
    assert!(program.ask(&put("If-Match: \"0\"\r\n", SECOND)).starts_with("HTTP/1.1 412 "));
    assert!(program.ask(&put("", SECOND)).starts_with("HTTP/1.1 428 "));
    program.signal("INT");
    let (status, log) = program.end();
    assert!(status.success(), "{log}");
    for status in ["status=412", "status=428"] {
        let lines = log.lines().filter(|line| line.contains(status) && line.contains("/documents/plan"));
        assert_eq!(lines.count(), 1, "{log}");
    }
}

#[test]
fn the_program_finishes_open_requests_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let request = put("If-None-Match: *\r\n", FIRST);
    let (most, rest) = request.split_at(request.len() - 5);
    let mut stream = program.send(most);
    // By the time this one is answered, the server has read the first part of the other.
    assert!(program.ask(&put("If-Match: *\r\n", "{}")).starts_with("HTTP/1.1 412 "));
    program.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(&program.address).is_err(), "it accepts no more connections");
    stream.write_all(rest.as_bytes()).unwrap();
    assert!(read(stream).starts_with("HTTP/1.1 201 "));
    let (status, log) = program.end();
    assert!(status.success(), "{log}");

    // The next start in the same folder finds the document.
    assert!(folder.path().join("documents.sqlite").exists());
    let again = Program::start(folder.path());
    let read = again.ask("GET /documents/plan HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(read.contains("etag: \"1\"") && read.ends_with(FIRST), "{read}");
}

#[test]
fn an_invalid_setting_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, says) in [
        ("DATABASE_URL", "mysql://localhost", "DATABASE_URL: expected a URL that begins with"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/none", "DATABASE_URL: error communicating with database: "),
        ("DATABASE_URL", "sqlite:none/documents.sqlite", "DATABASE_URL: "),
        ("RUST_LOG", "a=b=c", "RUST_LOG: "),
        ("HEAD_SECONDS", "soon", "HEAD_SECONDS: expected a number of seconds, found `soon`"),
        ("CONTENT_SECONDS", "-1", "CONTENT_SECONDS: expected a number of seconds, found `-1`"),
        ("BEHIND", "squid", "BEHIND: expected `nginx` or `apache`, found `squid`"),
    ] {
        let mut command = Program::command(folder.path());
        let Output { status, stderr, .. } = command.env(variable, value).arg("127.0.0.1:0").output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success() && said.starts_with(says), "{value}: {said}");
    }
}

#[test]
fn a_bad_address_or_an_unknown_argument_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (&["nowhere"][..], "nowhere: expected a host and a port, such as 127.0.0.1:3000\n"),
        (&["127.0.0.1"], "127.0.0.1: expected a host and a port, such as 127.0.0.1:3000\n"),
        (&["127.0.0.1:70000"], "127.0.0.1:70000: expected a host and a port, such as 127.0.0.1:3000\n"),
        (&[":3000"], ":3000: expected a host and a port, such as 127.0.0.1:3000\n"),
        (&["192.0.2.1:0"], "192.0.2.1:0: cannot listen there: "),
        (&["--port"], "unexpected argument `--port`; `documents --help` lists the arguments\n"),
        (&["127.0.0.1:0", "3000"], "unexpected argument `3000`; `documents --help` lists the arguments\n"),
    ] {
        let Output { status, stdout, stderr } =
            Program::command(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success() && said.starts_with(says), "{arguments:?}: {said}");
        assert!(stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_help_names_every_argument_and_variable() {
    let folder = tempfile::tempdir().unwrap();
    for argument in ["--help", "-h"] {
        let mut command = Program::command(folder.path());
        let Output { status, stdout, .. } = command.env("RUST_LOG", "a=b=c").arg(argument).output().unwrap();
        let help = String::from_utf8(stdout).unwrap();
        assert!(status.success(), "{argument}");
        for (name, default) in [
            ("ADDRESS", "127.0.0.1:3000"),
            ("DATABASE_URL", "sqlite:documents.sqlite"),
            ("HEAD_SECONDS", "10"),
            ("CONTENT_SECONDS", "30"),
            ("BEHIND", "none"),
            ("RUST_LOG", "info"),
        ] {
            let default = format!("[default: {default}]");
            let line = help.lines().find(|line| line.starts_with(&format!("  {name} "))).expect(name);
            assert!(line.contains(&default), "{line}");
        }
        assert!(help.lines().all(|line| line.len() <= 110), "{help}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "it opens no store");
}

#[test]
fn the_program_prints_where_it_keeps_documents() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().canonicalize().unwrap().join("documents.sqlite");
    for (url, place) in [
        ("sqlite:documents.sqlite", format!("the file {}", file.display())),
        ("memory:", "memory, and gone when the program ends".to_owned()),
    ] {
        let mut command = Program::command(folder.path());
        let mut child = command.env("DATABASE_URL", url).arg("127.0.0.1:0").spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let second = lines.next().unwrap().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(first.starts_with("listening on http://127.0.0.1:"), "{first}");
        assert_eq!(second, format!("documents are kept in {place}"));
    }
    let url = "postgres://ada:secret@db.example/plans";
    assert_eq!(documents::Store::place(url).unwrap(), "the PostgreSQL database plans on db.example");
}

/// The time that a client gets for a head, and for the content.
const SHORT: [(&str, &str); 2] = [("HEAD_SECONDS", "1"), ("CONTENT_SECONDS", "1")];

#[test]
fn half_sent_requests_do_not_stop_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_documents");
    command.arg("-c").arg(format!("ulimit -n 256 && exec '{program}' 127.0.0.1:0"));
    command.current_dir(folder.path()).env_clear().envs(SHORT).env("RUST_LOG", "error");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let program = Program::spawned(command);
    assert!(program.ask(&put("If-None-Match: *\r\n", FIRST)).starts_with("HTTP/1.1 201 "));

    let half = ["GET /documents/plan HTTP/1.1\r\nHost:", "", "PRI * HTTP/2.0\r\n"];
    let half_sent: Vec<_> = (0..300).map(|number| program.send(half[number % half.len()])).collect();
    let begun = Instant::now();
    let read = program.ask("GET /documents/plan HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(read.starts_with("HTTP/1.1 200 "), "{read}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    drop(half_sent);
}

#[test]
fn a_slow_upload_gets_408_while_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Program::command(folder.path());
    command.arg("127.0.0.1:0").envs(SHORT);
    let program = Program::spawned(command);
    let upload = put("If-None-Match: *\r\n", FIRST).replace("Connection: close\r\n", "");
    // Another document: the layer may look this one up after the other write.
    let upload = upload.replace("/documents/plan", "/documents/slow");
    let slow = program.send(upload.split_at(upload.len() - 5).0);
    assert!(program.ask(&put("If-None-Match: *\r\n", FIRST)).starts_with("HTTP/1.1 201 "));
    let answer = read(slow);
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.contains("\"status\":408"), "{answer}");
}
