//! Servers that share a store: in this process, or each in its own.

use std::{future::pending, net::SocketAddr, process::Stdio, sync::Arc};

use axum::Router;
use documents::{Patience, Store};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
};

/// The addresses of the servers; `None` for one that is down.
#[derive(Clone)]
pub(crate) struct Addresses(Arc<watch::Sender<Vec<Option<SocketAddr>>>>);

impl Addresses {
    fn new(addresses: Vec<Option<SocketAddr>>) -> Self {
        Self(Arc::new(watch::Sender::new(addresses)))
    }

    pub(crate) fn of_one(address: SocketAddr) -> Self {
        Self::new(vec![Some(address)])
    }

    fn set(&self, number: usize, address: Option<SocketAddr>) {
        self.0.send_modify(|addresses| addresses[number] = address);
    }

    /// Returns the server of this client, or the next one that is up. Waits until one is.
    pub(crate) async fn of_client(&self, number: usize) -> SocketAddr {
        let in_turn = |addresses: &Vec<Option<SocketAddr>>| {
            let first = number % addresses.len();
            addresses[first..].iter().chain(&addresses[..first]).flatten().next().copied()
        };
        let mut changes = self.0.subscribe();
        let addresses = changes.wait_for(|addresses| in_turn(addresses).is_some()).await;
        in_turn(&addresses.expect("its sender lives in here")).expect("waited for")
    }
}

/// Servers in this process, which end when this is dropped.
pub(crate) struct Served {
    pub(crate) addresses: Addresses,
    tasks: Vec<JoinHandle<()>>,
}

impl Served {
    /// Starts one server for each of these stores.
    pub(crate) async fn stores(stores: impl IntoIterator<Item = Store>) -> Self {
        let mut served = Self { addresses: Addresses::new(Vec::new()), tasks: Vec::new() };
        for store in stores {
            let listener = served.listen().await;
            let server =
                documents::serve(listener, documents::Proxy::None, store, Patience::default(), pending());
            served.tasks.push(tokio::spawn(server));
        }
        served
    }

    pub(crate) async fn app(app: Router) -> Self {
        let mut served = Self { addresses: Addresses::new(Vec::new()), tasks: Vec::new() };
        let listener = served.listen().await;
        served.tasks.push(tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves until it is ended");
        }));
        served
    }

    async fn listen(&self) -> TcpListener {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        self.addresses.0.send_modify(|addresses| addresses.push(Some(address)));
        listener
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Processes of the program that share one database, and end when this is dropped.
pub(crate) struct Replicas {
    pub(crate) addresses: Addresses,
    url: String,
    running: Vec<Option<Child>>,
}

impl Replicas {
    pub(crate) async fn start(url: &str, count: usize) -> Self {
        let addresses = Addresses::new(vec![None; count]);
        let running = (0..count).map(|_| None).collect();
        let mut replicas = Self { addresses, url: url.to_owned(), running };
        for number in 0..count {
            replicas.start_again(number).await;
        }
        replicas
    }

    /// Starts a process on a new port: another program might have taken the old one.
    pub(crate) async fn start_again(&mut self, number: usize) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_documents"));
        program.arg("127.0.0.1:0").env_clear().env("DATABASE_URL", &self.url).env("RUST_LOG", "off");
        program.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = program.spawn().expect("it was built");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = lines.next_line().await.expect("it speaks").expect("it says where it listens");
        let address = line.strip_prefix("listening on http://").expect(&line);
        self.addresses.set(number, Some(address.parse().expect(&line)));
        self.running[number] = Some(child);
    }

    /// Kills a process with SIGKILL.
    pub(crate) async fn kill(&mut self, number: usize) {
        self.addresses.set(number, None);
        let mut child = self.running[number].take().expect("it runs");
        child.kill().await.expect("it is killed");
    }
}
