//! The client against servers that others wrote: Apache with mod_dav, and S3 as moto serves it.
//!
//! The step `foreign-servers` of .ci/run installs them and runs these tests. A plain `cargo test` counts them as
//! ignored.

use std::{
    env, fs,
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower_precondition::client::{Change, Client, Error, Outcome, Seen, Target};

type Http = legacy::Client<HttpConnector, Full<Bytes>>;

fn http() -> Http {
    legacy::Client::builder(TokioExecutor::new()).build_http()
}

/// A server process. It ends with the test.
struct Server {
    process: Child,
    home: PathBuf,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        fs::remove_dir_all(&self.home).unwrap();
    }
}

impl Server {
    /// Starts a program in a new folder, and waits until it listens.
    async fn start(name: &str, command: impl FnOnce(&Path, u16) -> Command) -> Self {
        let home = env::temp_dir().join(format!("precondition-client-{name}-{}", std::process::id()));
        fs::create_dir_all(home.join("files")).unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let log = File::create(home.join("log")).unwrap();
        let mut command = command(&home, port);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let process = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let mut server = Self { process, home, port };
        for _ in 0..300 {
            if tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
                return server;
            }
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none(), "{name} ended: {}", server.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{name} does not listen: {}", server.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home.join("log")).unwrap()
    }

    fn target(&self, path: &str) -> Target {
        format!("http://127.0.0.1:{}{path}", self.port).parse().unwrap()
    }
}

fn increment(seen: &Seen) -> Result<Change, std::convert::Infallible> {
    Ok(match seen.content() {
        Some(count) => {
            let count: u64 = std::str::from_utf8(count).unwrap().parse().unwrap();
            Change::replace((count + 1).to_string())
        }
        None => Change::create("0"),
    })
}

async fn read_count<S>(client: &Client<S, Full<Bytes>>, target: &Target) -> u64
where
    S: tower::Service<Request<Full<Bytes>>, Response = http::Response<hyper::body::Incoming>> + Clone,
    S::Error: std::error::Error + Send + Sync + 'static,
{
    let seen = client.read(target).await.unwrap();
    std::str::from_utf8(seen.content().unwrap()).unwrap().parse().unwrap()
}

// --- Apache ---

async fn apache() -> Server {
    Server::start("apache", |home, port| {
        let shown = home.display();
        let config = format!(
            "ServerRoot /usr/lib/apache2\n\
             LoadModule mpm_event_module modules/mod_mpm_event.so\n\
             LoadModule authz_core_module modules/mod_authz_core.so\n\
             LoadModule dav_module modules/mod_dav.so\n\
             LoadModule dav_fs_module modules/mod_dav_fs.so\n\
             LoadModule dav_lock_module modules/mod_dav_lock.so\n\
             ServerName localhost\n\
             Listen 127.0.0.1:{port}\n\
             # For a start as root.\n\
             User www-data\n\
             Group www-data\n\
             PidFile {shown}/pid\n\
             DefaultRuntimeDir {shown}\n\
             ErrorLog {shown}/log\n\
             DAVLockDB {shown}/files/.locks\n\
             DocumentRoot {shown}/files\n\
             <Directory {shown}/files>\n\
             Dav On\n\
             Require all granted\n\
             </Directory>\n"
        );
        fs::write(home.join("apache.conf"), config).unwrap();
        let files = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o777);
        fs::set_permissions(home.join("files"), files).unwrap();
        let mut command = Command::new("apache2");
        // Debian keeps it out of the PATH of users.
        command.env("PATH", format!("{}:/usr/sbin", env::var("PATH").unwrap()));
        command.arg("-X").arg("-f").arg(home.join("apache.conf"));
        command
    })
    .await
}

/// Apache marks a tag weak as long as the file may change within the same second.
fn make_old(server: &Server, seconds: u64) {
    let time = SystemTime::now() - Duration::from_secs(10 + seconds);
    File::options().write(true).open(server.home.join("files/count")).unwrap().set_modified(time).unwrap();
}

fn make_new(server: &Server) {
    let time = SystemTime::now() + Duration::from_secs(3600);
    File::options().write(true).open(server.home.join("files/count")).unwrap().set_modified(time).unwrap();
}

#[tokio::test]
#[ignore = "needs Apache; .ci/run foreign-servers"]
async fn decision_24_apache_with_mod_dav() {
    let server = apache().await;
    let target = server.target("/count");
    let client = Client::new(http());

    // Apache creates, and says no tag.
    let Ok(Outcome::Made(made)) = client.change(&target, increment).await else { panic!("{}", server.log()) };
    assert_eq!(made.answer().status(), 201);
    assert!(made.into_current().is_none());

    // A second create is a conflict.
    let nothing =
        Seen::from_response(&target, http::Response::builder().status(404).body(Bytes::new()).unwrap());
    let error = client.save(&target, nothing.unwrap(), Change::create("9")).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");

    // A file that is new has a weak tag, and Apache compares strongly.
    make_new(&server);
    let error = client.change(&target, increment).await.unwrap_err();
    assert!(matches!(error, Error::WeakTag { .. }), "{error:?}");
    let error = client.clone().accept_weak_tags().change(&target, increment).await.unwrap_err();
    assert!(matches!(error, Error::SameState { .. }), "{error:?}");
    assert_eq!(read_count(&client, &target).await, 0);

    // A file that is old has a strong tag.
    for count in 1..=8 {
        make_old(&server, count);
        let outcome = client.change(&target, increment).await.unwrap();
        assert_eq!(outcome.made().unwrap().answer().status(), 204);
        assert_eq!(read_count(&client, &target).await, count);
    }

    make_old(&server, 100);
    let seen = client.read(&target).await.unwrap();
    make_old(&server, 200);
    let error = client.save(&target, seen, Change::replace("100")).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(read_count(&client, &target).await, 8);

    let outcome =
        client.change(&target, |_| Ok::<_, std::convert::Infallible>(Change::delete())).await.unwrap();
    assert_eq!(outcome.made().unwrap().answer().status(), 204);
    assert!(!client.read(&target).await.unwrap().exists());
}

/// Apache's check and its write are two steps, and what it just wrote has a weak tag. So 64 increments at once are
/// not 64 on this server, and every client that did not write is told why.
#[tokio::test]
#[ignore = "needs Apache; .ci/run foreign-servers"]
async fn decision_24_64_clients_of_apache_get_an_honest_error() {
    let server = apache().await;
    let target = server.target("/count");
    let client = Client::new(http());
    client.change(&target, increment).await.unwrap();
    make_old(&server, 0);
    let calls = (0..64).map(|_| tokio::spawn(client.change(&target, increment)));
    let (mut told, mut unknown) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(_) => told += 1,
            // Under this load it closes some connections without an answer.
            Err(Error::OutcomeUnknown { .. }) => unknown += 1,
            Err(Error::WeakTag { .. } | Error::SameState { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    let count = read_count(&client, &target).await;
    println!("64 clients of Apache: {told} wrote, {unknown} do not know; the counter is {count}");
    assert!((1..=told + unknown).contains(&count), "{count} of {told} and {unknown}");
}

// --- S3 ---

/// One request at a time, because moto's check and its write are two steps.
const MOTO: &str = "
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
run_simple('127.0.0.1', int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
";

async fn moto() -> (Server, Target) {
    let python = env::var_os("MOTO_PYTHON").expect("MOTO_PYTHON names a Python that has moto");
    let server = Server::start("moto", |_, port| {
        let mut command = Command::new(python);
        command.arg("-c").arg(MOTO).arg(port.to_string());
        command
    })
    .await;
    // moto reads the region and the key, and checks no signature.
    let credential = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, \
                      SignedHeaders=host, Signature=0";
    let bucket = Request::put(server.target("/bucket").uri()).header(header::AUTHORIZATION, credential);
    let response = http().request(bucket.body(Full::default()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200, "{}", server.log());
    let target = server.target("/bucket/count");
    let target = target.with_header(header::AUTHORIZATION, HeaderValue::from_static(credential));
    (server, target)
}

#[tokio::test]
#[ignore = "needs moto; .ci/run foreign-servers"]
async fn decision_24_s3_as_moto_serves_it() {
    let (server, target) = moto().await;
    let client = Client::new(http());
    let Ok(Outcome::Made(made)) = client.change(&target, increment).await else { panic!("{}", server.log()) };
    // S3 answers with the tag of what it stored.
    let seen = made.into_current().unwrap();
    client.save(&target, seen, Change::replace("5")).await.unwrap();

    let nothing =
        Seen::from_response(&target, http::Response::builder().status(404).body(Bytes::new()).unwrap());
    let error = client.save(&target, nothing.unwrap(), Change::create("9")).await.unwrap_err();
    let Error::Conflict { conflict, .. } = error else { panic!("{error:?}") };
    assert_eq!(conflict.member_names().next(), None, "S3 says it in XML");

    let old = client.read(&target).await.unwrap();
    client.change(&target, increment).await.unwrap();
    let error = client.save(&target, old, Change::replace("100")).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(read_count(&client, &target).await, 6);
}

#[tokio::test]
#[ignore = "needs moto; .ci/run foreign-servers"]
async fn decision_24_64_clients_of_s3_lose_no_increment() {
    let (_server, target) = moto().await;
    let client = Client::new(http());
    client.change(&target, increment).await.unwrap();
    let calls = (0..64).map(|_| {
        let (client, target) = (client.clone(), target.clone());
        tokio::spawn(async move {
            let mut writes = 0;
            for _ in 0..2 {
                writes += client.change(&target, increment).await.unwrap().tried().writes();
            }
            writes
        })
    });
    let mut writes = 0;
    for call in calls.collect::<Vec<_>>() {
        writes += call.await.unwrap();
    }
    println!("64 clients of S3: 128 increments took {writes} writes");
    assert_eq!(read_count(&client, &target).await, 128);
}
