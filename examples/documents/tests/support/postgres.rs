//! Starts a PostgreSQL server for the tests, from the installed programs, in a temporary folder.

use std::{
    env, fs,
    io::Write,
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
use tokio::net::TcpSocket;

/// Runs the server, and stops it on a line of input or at the end of input: also if the tests crash.
///
/// Repeats the signal, because a server that is just starting ignores it: a shell starts what runs in the
/// background so.
const KEEPER: &str = r#"
    folder=$1; shift
    "$@" >"$folder/log" 2>&1 &
    read -r word
    while kill -QUIT $! 2>/dev/null; do sleep 0.05; done
    if [ "$word" != keep ]; then rm -rf "$folder"; fi
"#;

const START_LIMIT: Duration = Duration::from_secs(30);
const USER: &str = "postgres";

pub(crate) struct Postgres {
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    folder: PathBuf,
    port: u16,
    /// Keeps the port from others while the server is stopped. It does not listen, so clients are refused.
    reserved: Option<TcpSocket>,
    keeper: Option<Child>,
}

/// Returns the server that all tests of a program share. It ends with the program.
///
/// `None` if PostgreSQL is not installed. In CI that is a failure.
pub(crate) async fn shared() -> Option<&'static Postgres> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    // On a thread that may block: the second caller waits for the first.
    let shared = tokio::task::spawn_blocking(|| SHARED.get_or_init(Postgres::start).as_ref());
    let shared = shared.await.expect("it starts");
    if shared.is_none() {
        leave_out();
    }
    shared
}

/// Notes that the calling test does not run. In CI that is a failure.
pub(crate) fn leave_out() {
    what_was_left_out::note(env!("CARGO_TARGET_TMPDIR"), "PostgreSQL");
}

impl Postgres {
    /// Creates a database cluster and starts its server. `None` if PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir().expect("a folder").keep();
        let mut server =
            Self { programs, owner: owner(&folder), folder, port: 0, reserved: None, keeper: None };
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

    /// Starts the server on a free port; after a stop, on the same port.
    fn serve(&mut self) {
        for _ in 0..5 {
            if self.port == 0 {
                let free = bind(0).expect("a free port");
                self.port = free.local_addr().expect("bound").port();
            }
            self.reserved = None;
            self.spawn();
            if self.is_ready() {
                return;
            }
            // Another program may have taken the port.
            self.end(b"keep\n");
            self.port = 0;
        }
        panic!(
            "PostgreSQL does not start: {}",
            fs::read_to_string(self.folder.join("log")).unwrap_or_default()
        );
    }

    fn spawn(&mut self) {
        // `has_failed` must not read the log of an earlier attempt.
        let log = self.folder.join("log");
        assert!(fs::remove_file(&log).is_ok() || !log.exists(), "the log can be removed");
        let mut keeper = self.command_at(Path::new("sh"));
        keeper.args(["-c", KEEPER, "sh"]).arg(&self.folder).arg(self.programs.join("postgres"));
        keeper.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-p", &self.port.to_string()]);
        // No data outlives the tests, so the server need not wait for the disk.
        for setting in
            ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=200"]
        {
            keeper.args(["-c", setting]);
        }
        self.keeper = Some(keeper.stdin(Stdio::piped()).spawn().expect("sh runs"));
    }

    /// Asks through the socket in the server's folder: another program might answer on the port.
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

    /// Makes room for the tables of one test, and returns its URL. The room is a schema, because a new database takes
    /// PostgreSQL a tenth of a second.
    pub(crate) async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("documents_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url()).await.expect("it is ready");
        let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        connection.execute(create).await.expect("a schema is created");
        connection.close().await.expect("the connection is closed");
        format!("{}?options[search_path]={name}", self.url())
    }

    fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server at once, as a crash would, and keeps the cluster.
    pub(crate) fn stop(&mut self) {
        self.end(b"keep\n");
        self.reserved = bind(self.port).ok();
    }

    pub(crate) fn start_again(&mut self) {
        let port = self.port;
        self.serve();
        assert_eq!(self.port, port, "another program took its port");
    }

    fn end(&mut self, word: &[u8]) {
        if let Some(mut keeper) = self.keeper.take() {
            // The keeper may have ended already.
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

    /// Runs a program as the server's user: PostgreSQL refuses to run as root.
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
        // The keeper removes the folder, unless the server was stopped before.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Binds a socket that may listen later. Port 0 stands for a free one.
fn bind(port: u16) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // The last server's closed connections do not hold the port.
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    Ok(socket)
}

/// Returns the folder of the newest installed version that has all needed programs.
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

/// Returns the user and group to run the server as, if root runs the tests.
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
