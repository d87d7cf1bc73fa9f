//! The programs that run beside this one: the servers, and nginx in front of them.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

/// A program that is ended when this is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: String,
    /// Removed after the program has ended.
    _folder: TempDir,
}

impl Program {
    /// Starts a server that prints its address at the end of its first line.
    fn server(mut command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = command
            .current_dir(&folder)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("it is piped")).read_line(&mut line).expect("a line");
        let address = line.trim_end().rsplit([' ', '/']).next().expect("an address").to_owned();
        Self { child, address, _folder: folder }
    }

    /// The layer and nothing else.
    pub(crate) fn bare(tls: bool) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.arg(if tls { "serve-tls" } else { "serve" });
        Self::server(command)
    }

    pub(crate) fn documents() -> Self {
        let mut command =
            Command::new(env::var_os("DOCUMENTS").expect("DOCUMENTS is the path of the program"));
        command.arg("127.0.0.1:0");
        Self::server(command)
    }

    /// Debian's nginx with its defaults, in front of a server.
    pub(crate) fn nginx(server: &str, buffers: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let configuration = folder.path().join("nginx.conf");
        fs::write(&configuration, configured(folder.path(), &port.to_string(), server, buffers))
            .expect("a file");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).arg("-c").arg(&configuration).args(["-g", "daemon off;"]);
        let child = command.stderr(Stdio::null()).spawn().expect("nginx starts");
        let address = port.to_string();
        while TcpStream::connect(&address).is_err() {
            sleep(Duration::from_millis(20));
        }
        Self { child, address, _folder: folder }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGTERM, so that nginx ends its workers.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

fn configured(folder: &Path, address: &str, server: &str, buffers: bool) -> String {
    let folder = folder.display();
    let unbuffered = if buffers { "" } else { "proxy_request_buffering off; proxy_http_version 1.1;" };
    // Without a user, the workers of root could not write into the folder.
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "user root;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 256; }}\n\
         http {{\n    access_log off;\n    client_max_body_size 64m;\n{temporary}    \
         server {{\n        listen {address};\n        location / {{ {unbuffered} proxy_pass http://{server}; }}\n    }}\n}}\n"
    )
}
