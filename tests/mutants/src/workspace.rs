//! The workspace, and the copy of it that holds the mutants.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::programs::Program;

const LIBRARY: &str = "tower-precondition";

/// Files and folders, at any depth, that no test of the library reads.
const LEFT_OUT: [&str; 3] = ["fuzz", "node_modules", "target"];

pub(crate) struct Workspace {
    root: PathBuf,
    /// Holds the copy and its build.
    work: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self, String> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.ancestors().nth(2).ok_or("the package is not where it was built")?.to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let work = std::path::absolute(target.join("mutants")).map_err(|error| error.to_string())?;
        Ok(Self { root, work })
    }

    pub(crate) fn read_list(&self) -> Result<String, String> {
        read(&self.root.join("tests/mutants/list.txt"))
    }

    pub(crate) fn read_source(&self, file: &str) -> Result<String, String> {
        read(&self.root.join("src").join(file))
    }

    fn copied(&self) -> PathBuf {
        self.work.join("workspace")
    }

    /// Copies the workspace with these sources in place of its own. It does not touch a file that has not
    /// changed, so that cargo does not build it again.
    pub(crate) fn copy(&self, sources: &BTreeMap<String, String>) -> Result<(), String> {
        let copied = self.copied();
        let sources: BTreeMap<PathBuf, &String> =
            sources.iter().map(|(file, text)| (copied.join("src").join(file), text)).collect();
        copy_folder(&self.root, &copied, &self.work, &sources)
            .map_err(|error| format!("the workspace cannot be copied to {}: {error}", copied.display()))
    }

    /// Builds the unit tests and the programs under `tests`, without debug information to save time.
    pub(crate) fn build_tests(&self) -> Result<Vec<Program>, String> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["test", "--no-run", "--message-format=json-render-diagnostics"]);
        cargo.args(["--package", LIBRARY, "--all-features", "--lib", "--test", "*"]);
        cargo.current_dir(self.copied()).stderr(Stdio::inherit());
        cargo.env("CARGO_TARGET_DIR", self.work.join("target"));
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("RUSTFLAGS", "-Awarnings");
        let output = cargo.output().map_err(|error| format!("cargo does not run: {error}"))?;
        if !output.status.success() {
            return Err("the mutants do not compile; list.txt numbers them from 1, in its order".to_owned());
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        Ok(messages.filter_map(|message| self.program(&message)).collect())
    }

    fn program(&self, message: &Value) -> Option<Program> {
        let executable = message.get("executable")?.as_str()?;
        let is_test = message.pointer("/profile/test")?.as_bool()?;
        let kind = message.pointer("/target/kind/0")?.as_str()?;
        let name = match kind {
            "lib" => "unit tests",
            _ => message.pointer("/target/name")?.as_str()?,
        };
        is_test.then(|| Program::new(name, PathBuf::from(executable), self.copied()))
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn copy_folder(from: &Path, to: &Path, work: &Path, sources: &BTreeMap<PathBuf, &String>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(from)? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let is_left_out =
            |name: &str| name.starts_with('.') || LEFT_OUT.contains(&name) || work.starts_with(&entry);
        if name.to_str().is_none_or(is_left_out) {
            continue;
        }
        let copy = to.join(&name);
        match (entry.is_dir(), sources.get(&copy)) {
            (true, _) => copy_folder(&entry, &copy, work, sources)?,
            (false, Some(source)) => write(&copy, source.as_bytes())?,
            (false, None) => write(&copy, &fs::read(&entry)?)?,
        }
        names.push(name);
    }
    // A file that the workspace no longer has must not run as a test of the copy.
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        match names.contains(&entry.file_name()) {
            true => {}
            false if entry.path().is_dir() => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == content) {
        return Ok(());
    }
    fs::write(path, content)
}
