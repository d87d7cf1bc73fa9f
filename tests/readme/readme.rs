//! Does what README.md says, word by word, in an empty folder: makes the program, runs it, and plays the session.

use std::{
    env, fs,
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// The address in README.md.
const ADDRESS: &str = "127.0.0.1:3000";
const MAX_LINES: usize = 45;

#[test]
fn the_program_is_short() {
    let program = block("rust,no_run");
    assert!(program.lines().count() <= MAX_LINES, "{} lines", program.lines().count());
}

#[test]
#[ignore = "it builds the dependencies once more; `.ci/run readme` runs it"]
fn a_stranger_gets_what_the_session_shows_and_again() {
    if !has("curl") {
        what_was_left_out::note(env!("CARGO_TARGET_TMPDIR"), "curl");
        return;
    }
    // Outside the repository: `cargo new` would add the package to this workspace.
    let folder = env::temp_dir().join(format!("readme-{}", std::process::id()));
    fs::create_dir(&folder).expect("an empty folder can be made");
    for line in block("sh").lines().filter(|line| !line.starts_with("cd ")) {
        make(&folder, line);
    }

    let package = folder.join("notes");
    // The versions of this workspace, which are there already.
    fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).expect("the workspace is locked");
    let address = free_address();
    let program = block("rust,no_run").replace(ADDRESS, &address);
    fs::write(package.join("src/main.rs"), program).expect("the program can be written");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    run(Command::new(cargo())
        .args(["build", "--quiet"])
        .env("CARGO_TARGET_DIR", &built)
        .current_dir(package));
    fs::remove_dir_all(&folder).expect("the folder can be removed");

    let server = Server::start(&built.join("debug/notes"), &address);
    let session = block("console");
    for status in ["304", "412", "428"] {
        assert!(session.contains(&format!("\n{status}")), "the session shows {status}");
    }
    for _ in 0..2 {
        assert_eq!(play(&session, &address), session);
    }
    drop(server);
}

/// Links must work where README.md is shown without the repository beside it.
#[test]
fn every_link_is_absolute_and_every_guide_exists() {
    const DOCS: &str = "https://docs.rs/tower-precondition/latest/tower_precondition/";
    let readme = readme();
    let guides = fs::read_to_string(root().join("src/guide.rs")).expect("it is text");
    let targets = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let named = readme.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split_once("]: "));
    let pictures = readme.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut guided = 0;
    for link in targets.chain(pictures).chain(named.map(|(_, target)| target)) {
        assert!(link.starts_with("https://") || link.starts_with('#'), "{link} is relative");
        if let Some(page) = link.strip_prefix(DOCS).and_then(|path| path.strip_prefix("guide/")) {
            let name = page.split('/').next().unwrap_or_default();
            let stands = [format!("pub mod {name} {{}}"), format!("pub mod {name};")];
            assert!(stands.iter().any(|module| guides.contains(module)), "{link}: no guide");
            guided += 1;
        }
    }
    assert!(guided > 3, "README.md links to the guides");
}

/// Runs a line that makes the package. This crate comes from its folder, and nothing is fetched.
fn make(folder: &Path, line: &str) {
    let line =
        line.replace("cargo add tower-precondition", &format!("cargo add --path '{}'", root().display()));
    let folder = if line.starts_with("cargo new") { folder.to_owned() } else { folder.join("notes") };
    let mut shell = Command::new("sh");
    run(shell.args(["-ec", &line]).current_dir(folder).env("CARGO_NET_OFFLINE", "true"));
}

/// Plays each command of the session, and returns the commands with what they printed.
fn play(session: &str, address: &str) -> String {
    let mut before = String::from("set -e\n");
    let mut played = String::new();
    for command in session.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let script = format!("{before}{command}\n").replace(ADDRESS, address);
        let output = Command::new("sh").args(["-c", &script]).output().expect("sh runs");
        played += &format!("$ {command}\n{}", String::from_utf8_lossy(&output.stdout));
        // An assignment stays for the commands that follow; the value of a command is the one it had.
        if let Some((name, _)) = command.split_once('=').filter(|(name, _)| !name.contains(' ')) {
            let script = format!("{before}{command}\nprintf %s \"${name}\"").replace(ADDRESS, address);
            let output = Command::new("sh").args(["-c", &script]).output().expect("sh runs");
            before += &format!("{name}='{}'\n", String::from_utf8_lossy(&output.stdout));
        }
    }
    played
}

/// The program of README.md while it runs.
struct Server(Child);

impl Server {
    fn start(program: &Path, address: &str) -> Self {
        let mut server =
            Self(Command::new(program).stdin(Stdio::null()).spawn().expect("the program starts"));
        let limit = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).is_err() {
            let ended = server.0.try_wait().expect("its state is known");
            assert!(ended.is_none() && Instant::now() < limit, "it does not listen on {address}: {ended:?}");
            sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
}

fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

fn has(program: &str) -> bool {
    match Command::new(program).arg("--version").stdout(Stdio::null()).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        found => found.expect("it runs").success(),
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("bound").to_string()
}

/// Returns the first block of README.md in this language.
fn block(language: &str) -> String {
    let readme = readme();
    let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("README.md has such a block");
    rest.split_once("```").expect("the block ends").0.to_owned()
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("README.md is text")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace has a folder")
}
