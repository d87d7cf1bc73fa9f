//! A PostgreSQL of the tests' own, from the installed programs, in a temporary folder.

use std::{
    env, fs,
    io::Write,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// Looks after the server: stops it when a line comes, or when the tests are gone in whatever way.
const KEEPER: &str = r#"
    folder=$1; shift
    "$@" >>"$folder/log" 2>&1 &
    read -r word
    kill -QUIT $! 2>/dev/null
    wait $!
    if [ "$word" != keep ]; then rm -rf "$folder"; fi
"#;

const START_LIMIT: Duration = Duration::from_secs(30);
const USER: &str = "postgres";

pub(crate) struct Postgres {
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    folder: PathBuf,
    port: u16,
    keeper: Option<Child>,
}

/// One server for all tests of a program. It ends with the program.
///
/// `None` where PostgreSQL is not installed; in CI that is a failure.
pub(crate) async fn shared() -> Option<&'static Postgres> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    // Whoever comes second waits, on a thread that may.
    tokio::task::spawn_blocking(|| SHARED.get_or_init(Postgres::start).as_ref()).await.expect("it starts")
}

impl Postgres {
    /// Makes a database cluster and serves it. `None` as for [`shared`].
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(env::var_os("CI").is_none(), "PostgreSQL is not installed");
            eprintln!("skipped: PostgreSQL is not installed");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir().expect("a folder").keep();
        let mut server = Self { programs, owner: owner(&folder), folder, port: 0, keeper: None };
        if let Some((user, group)) = server.owner {
            chown(&server.folder, Some(user), Some(group)).expect("the folder is given to the server");
        }
        server.make_cluster();
        server.serve();
        Some(server)
    }

    fn make_cluster(&self) {
        let mut initdb = self.command("initdb");
        initdb.args(["--username", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]);
        let made = initdb.arg(self.data()).output().expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// Serves on a port that is free; on the same one when it comes back.
    fn serve(&mut self) {
        for _ in 0..5 {
            if self.port == 0 {
                let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
                self.port = free.local_addr().expect("bound").port();
            }
            self.spawn();
            if self.is_ready() {
                return;
            }
            // Someone else may have taken the port.
            self.end(b"keep\n");
            self.port = 0;
        }
        panic!(
            "PostgreSQL does not start: {}",
            fs::read_to_string(self.folder.join("log")).unwrap_or_default()
        );
    }

    fn spawn(&mut self) {
        let mut keeper = self.command_at(Path::new("sh"));
        keeper.args(["-c", KEEPER, "sh"]).arg(&self.folder).arg(self.programs.join("postgres"));
        keeper.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-p", &self.port.to_string()]);
        // Nothing here is to outlive the tests, so that no disk need be waited for.
        for setting in
            ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=200"]
        {
            keeper.args(["-c", setting]);
        }
        self.keeper = Some(keeper.stdin(Stdio::piped()).spawn().expect("sh runs"));
    }

    /// Asked through the socket in its own folder: on the port someone else might answer.
    fn is_ready(&self) -> bool {
        let begun = Instant::now();
        let mut ready = self.command("pg_isready");
        ready.arg("-q").arg("-h").arg(&self.folder).args(["-p", &self.port.to_string()]);
        while begun.elapsed() < START_LIMIT && !self.has_failed() {
            if ready.status().expect("pg_isready runs").success() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    fn has_failed(&self) -> bool {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        log.contains("could not create any TCP/IP sockets")
    }

    /// The URL of a database that is new and empty.
    pub(crate) async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("documents_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("it is ready");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        connection.execute(create).await.expect("a database is created");
        connection.close().await.expect("the connection is closed");
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Ends the server as a crash would; the cluster stays.
    pub(crate) fn stop(&mut self) {
        self.end(b"keep\n");
    }

    pub(crate) fn start_again(&mut self) {
        let port = self.port;
        self.serve();
        assert_eq!(self.port, port, "its port was taken meanwhile");
    }

    fn end(&mut self, word: &[u8]) {
        if let Some(mut keeper) = self.keeper.take() {
            // It may be gone already.
            let _ = keeper.stdin.take().map(|mut stdin| stdin.write_all(word));
            let _ = keeper.wait();
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        self.command_at(&self.programs.join(program))
    }

    /// PostgreSQL refuses to run as root.
    fn command_at(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end(b"\n");
        // Nothing is left of it, but for a cluster that was stopped.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder that has all that is needed: the newest, where there are several.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    folders.sort_by_key(|folder| {
        let version = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    });
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let needed = ["initdb", "postgres", "pg_isready"];
    folders.into_iter().rev().find(|folder| needed.iter().all(|program| folder.join(program).is_file()))
}

/// As whom the server runs, where it cannot run as who runs the tests.
fn owner(folder: &Path) -> Option<(u32, u32)> {
    if fs::metadata(folder).expect("the folder is there").uid() != 0 {
        return None;
    }
    let number = |what: &str| {
        let output = Command::new("id").args([what, USER]).output().expect("id runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("there is a user of that name")
    };
    Some((number("-u"), number("-g")))
}
