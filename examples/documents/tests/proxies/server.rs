//! The program and the proxies, as processes that end with the test.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// The program, told that this proxy stands in front.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: String,
    _folder: TempDir,
}

impl Program {
    pub(crate) fn start(behind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_documents"))
            .current_dir(folder.path())
            .env_clear()
            .env("BEHIND", behind)
            .env("DATABASE_URL", "memory:")
            .arg("127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect(&line).to_owned();
        Self { child, address, _folder: folder }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A proxy in the foreground, in a folder of its own.
pub(crate) struct Proxy {
    pub(crate) name: &'static str,
    child: Child,
    pub(crate) address: String,
    folder: TempDir,
}

impl Proxy {
    fn start(name: &'static str, arguments: &[&str], configuration: impl Fn(&str, u16) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().expect("a path of UTF-8").to_owned();
        let port = free_port();
        let file = format!("{path}/proxy.conf");
        fs::write(&file, configuration(&path, port)).unwrap();
        let arguments = arguments.iter().map(|argument| argument.replace("{file}", &file));
        let mut command = Command::new(name);
        let child = command.args(arguments).stdin(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{name}: {error}; .ci/run proxies installs it"));
        let mut proxy = Self { name, child, address: format!("127.0.0.1:{port}"), folder };
        proxy.wait();
        proxy
    }

    /// Waits until the proxy accepts connections.
    fn wait(&mut self) {
        let begun = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < Duration::from_secs(20),
                "{} {:?}",
                self.name,
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // By TERM, so that it ends its workers too.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// nginx as Debian configures it, with gzip for JSON.
pub(crate) fn nginx(program: &str) -> Proxy {
    let configuration = |folder: &str, port: u16| {
        format!(
            "daemon off;
            worker_processes 1;
            pid {folder}/nginx.pid;
            error_log {folder}/error.log;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path {folder}/body;
                proxy_temp_path {folder}/proxy;
                fastcgi_temp_path {folder}/fastcgi;
                uwsgi_temp_path {folder}/uwsgi;
                scgi_temp_path {folder}/scgi;
                gzip on;
                gzip_proxied any;
                gzip_types application/json;
                server {{
                    listen 127.0.0.1:{port};
                    location / {{
                        proxy_pass http://{program};
                        proxy_http_version 1.1;
                    }}
                }}
            }}"
        )
    };
    Proxy::start("nginx", &["-c", "{file}", "-e", "stderr"], configuration)
}

/// Apache with mod_deflate, whose `DeflateAlterETag` is `AddSuffix` by default.
pub(crate) fn apache(program: &str) -> Proxy {
    let configuration = |folder: &str, port: u16| {
        let modules = "/usr/lib/apache2/modules";
        let loaded = ["mpm_event", "authz_core", "proxy", "proxy_http", "filter", "deflate"]
            .map(|module| format!("LoadModule {module}_module {modules}/mod_{module}.so\n"))
            .concat();
        format!(
            "{loaded}
            ServerName localhost
            Listen 127.0.0.1:{port}
            ServerRoot {folder}
            DocumentRoot {folder}
            PidFile {folder}/apache.pid
            DefaultRuntimeDir {folder}
            ErrorLog {folder}/error.log
            SetOutputFilter DEFLATE
            ProxyPass / http://{program}/
            "
        )
    };
    Proxy::start("apache2", &["-DFOREGROUND", "-f", "{file}"], configuration)
}
