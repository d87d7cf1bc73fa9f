//! A client disconnects during a PUT: the document does not stay locked, and is not unlocked while
//! the write still runs.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, mpsc as blocking},
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use documents::{
    Store, app,
    store::{Answer, Change, Entry, Listed, Revision, Storage, Stored},
};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, sqlite::SqliteConnectOptions};
use tokio::{
    io::AsyncWriteExt, net::TcpStream, runtime::Handle, sync::mpsc, task::spawn_blocking, time::timeout,
};
use tower_precondition::Guard;

use crate::{
    blind::Blind,
    client::Client,
    contention::{around_in_turn, in_turn},
    in_time, one_of_two,
    servers::{Addresses, Served},
    support::{
        http::{FIRST, PLAN, SECOND},
        postgres::shared,
        stores,
    },
};

/// More clients than any of the stores has connections.
const CLIENTS: usize = 24;
/// How many writes each store can begin while it is locked.
const WAITING: usize = 10;

/// Shorter than every other time limit.
const SOON: Duration = Duration::from_secs(2);

async fn create(store: &Store) {
    let first = Change::Create(serde_json::from_str(FIRST).unwrap());
    store.write("plan", &first, "creator").await.unwrap().expect("it is new");
}

/// Connects and sends a PUT without its last bytes.
async fn begin(addresses: &Addresses, left_out: usize) -> TcpStream {
    let mut stream = TcpStream::connect(addresses.of_client(0).await).await.unwrap();
    let request = format!(
        "PUT {PLAN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIf-Match: \"1\"\r\n\
         X-User: gone\r\nContent-Length: {}\r\n\r\n{SECOND}",
        SECOND.len()
    );
    stream.write_all(&request.as_bytes()[..request.len() - left_out]).await.unwrap();
    stream
}

/// Asserts that a client can write now, and returns who wrote the document so far.
async fn assert_writable(client: &mut Client) -> Vec<String> {
    let write = async {
        loop {
            let read = client.get(PLAN).await;
            let fields = [("if-match", read.get("etag").unwrap()), ("x-user", "next")];
            // A write of a client that has left may come first.
            match client.put(PLAN, &fields, FIRST.to_owned()).await.unwrap().status.as_u16() {
                204 => return,
                412 => {}
                status => panic!("{status}"),
            }
        }
    };
    timeout(SOON, write).await.expect("the document is not locked");
    let history = client.get(&format!("{PLAN}/history")).await.json();
    history.as_array().unwrap().iter().map(|entry| entry["changed_by"].as_str().unwrap().to_owned()).collect()
}

/// A store that reports its operations.
#[derive(Debug)]
struct Told {
    store: Store,
    reads: mpsc::UnboundedSender<()>,
    writes: mpsc::UnboundedSender<()>,
    ends: mpsc::UnboundedSender<()>,
}

/// One event for each read, each write that begins, and each write whose future completes or is dropped.
struct Events {
    reads: mpsc::UnboundedReceiver<()>,
    writes: mpsc::UnboundedReceiver<()>,
    ends: mpsc::UnboundedReceiver<()>,
}

fn told(store: Store) -> (Store, Events) {
    let (reads, read) = mpsc::unbounded_channel();
    let (writes, written) = mpsc::unbounded_channel();
    let (ends, ended) = mpsc::unbounded_channel();
    (Store::new(Told { store, reads, writes, ends }), Events { reads: read, writes: written, ends: ended })
}

async fn happen(times: usize, events: &mut mpsc::UnboundedReceiver<()>) {
    for _ in 0..times {
        in_time(events.recv()).await.expect("the store lives");
    }
}

struct OnDrop<'a>(&'a mpsc::UnboundedSender<()>);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        // The test may be over; the same holds below.
        let _ = self.0.send(());
    }
}

impl Storage for Told {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        self.store.list()
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        let _ = self.reads.send(());
        self.store.get(id)
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        Box::pin(async move {
            let _end = OnDrop(&self.ends);
            let _ = self.writes.send(());
            self.store.write(id, change, by).await
        })
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        self.store.history(id)
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.store.close()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_client_that_leaves_during_its_upload_leaves_nothing_locked() {
    let _place = one_of_two().await;
    for around in [app, in_turn] {
        let opened = [stores::memory().await, stores::sqlite().await, stores::postgres().await];
        for opened in opened.into_iter().flatten() {
            create(&opened.store).await;
            let (store, mut events) = told(opened.store.clone());
            let served = Served::app(around(store)).await;
            let mut uploads = Vec::new();
            for _ in 0..CLIENTS {
                uploads.push(begin(&served.addresses, 5).await);
            }
            // At least one request has passed its look-up, and its handler waits for the rest of the body.
            happen(1, &mut events.reads).await;
            drop(uploads);
            let wrote = assert_writable(&mut Client::new(0, &served.addresses)).await;
            assert_eq!(wrote, ["creator", "next"]);
        }
    }
}

/// The clients leave while their writes wait in the database for a lock.
async fn assert_free_after_a_wait(store: Store, unlock: impl AsyncFnOnce()) {
    let (store, mut events) = told(store);
    let served = Served::stores([store]).await;
    let mut uploads = Vec::new();
    for _ in 0..CLIENTS {
        uploads.push(begin(&served.addresses, 0).await);
    }
    happen(WAITING, &mut events.writes).await;
    drop(uploads);
    happen(WAITING, &mut events.ends).await;
    unlock().await;
    let wrote = assert_writable(&mut Client::new(0, &served.addresses)).await;
    assert!(wrote.iter().filter(|by| *by == "gone").count() <= 1, "{wrote:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_client_that_leaves_while_a_file_is_locked_leaves_nothing_locked() {
    let _place = one_of_two().await;
    let opened = stores::sqlite().await.unwrap();
    create(&opened.store).await;
    let file = opened.folder.as_ref().unwrap().path().join("documents.sqlite");
    let mut other = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert_free_after_a_wait(opened.store, async || {
        other.execute("ROLLBACK").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_client_that_leaves_while_a_row_is_locked_leaves_nothing_locked() {
    let Some(server) = shared().await else { return };
    let _place = one_of_two().await;
    let url = server.database().await;
    let store = stores::open(&url).await;
    create(&store).await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute("SELECT * FROM documents FOR UPDATE").await.unwrap();
    assert_free_after_a_wait(store, async || {
        other.execute("ROLLBACK").await.unwrap();
    })
    .await;
}

/// A store whose writes cannot be cancelled. A write by `gone` waits until the test lets it go on.
#[derive(Debug)]
struct Blocking {
    store: Store,
    begun: mpsc::UnboundedSender<()>,
    go_on: Arc<Mutex<blocking::Receiver<()>>>,
    over: mpsc::UnboundedSender<()>,
}

tokio::task_local! {
    /// A share of the request's turn, for work that outlives the request.
    static SHARE: Guard;
}

/// Hands a share of the turn to the store, which does not see the request.
async fn share_the_turn(request: Request, next: Next) -> Response {
    match Guard::from_extensions(request.extensions()) {
        Some(share) => SHARE.scope(share, next.run(request)).await,
        None => next.run(request).await,
    }
}

impl Storage for Blocking {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        self.store.list()
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        self.store.get(id)
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        let share = SHARE.try_with(Guard::clone).ok();
        let (store, begun, over) = (self.store.clone(), self.begun.clone(), self.over.clone());
        let go_on = Arc::clone(&self.go_on);
        let (id, change, by) = (id.to_owned(), change.clone(), by.to_owned());
        Box::pin(async move {
            let runtime = Handle::current();
            let write = spawn_blocking(move || {
                if by == "gone" {
                    begun.send(()).expect("the test runs");
                    go_on.lock().unwrap().recv().expect("the test goes on");
                }
                let written = runtime.block_on(store.write(&id, &change, &by));
                let _ = over.send(());
                drop(share);
                written
            });
            write.await?
        })
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        self.store.history(id)
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.store.close()
    }
}

/// A write is running, and its client has left.
struct LeftAlone {
    served: Served,
    store: Store,
    events: Events,
    go_on: blocking::Sender<()>,
    over: mpsc::UnboundedReceiver<()>,
}

impl LeftAlone {
    async fn among(layers: impl FnOnce(Store) -> Router) -> Self {
        let store = Blind::over(stores::memory().await.unwrap().store);
        create(&store).await;
        let (begun, mut begins) = mpsc::unbounded_channel();
        let (over, is_over) = mpsc::unbounded_channel();
        let (go_on, told_to) = blocking::channel();
        let slow = Blocking { store: store.clone(), begun, over, go_on: Arc::new(Mutex::new(told_to)) };
        let (slow, mut events) = told(Store::new(slow));
        let served = Served::app(layers(slow)).await;
        let upload = begin(&served.addresses, 0).await;
        happen(1, &mut begins).await;
        drop(upload);
        happen(1, &mut events.ends).await;
        while events.reads.try_recv().is_ok() {}
        Self { served, store, events, go_on, over: is_over }
    }

    async fn text(&self) -> String {
        self.store.get("plan").await.unwrap().expect("it is there").document.text
    }
}

const NEXT: [(&str, &str); 2] = [("if-match", "\"1\""), ("x-user", "next")];
const THIRD: &str = r#"{"title":"Plan","text":"third"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_a_turn_lasts_until_the_write_ends_even_if_the_client_leaves() {
    let layers = |store| around_in_turn(app(store).layer(from_fn(share_the_turn)));
    let mut left = LeftAlone::among(layers).await;
    let mut next = Client::new(1, &left.served.addresses);
    let waiting = tokio::spawn(async move { next.put(PLAN, &NEXT, THIRD.to_owned()).await.unwrap() });
    // Reads do not wait for a turn, and cause one look-up each. A further one would be that of the waiting write.
    let mut reader = Client::new(2, &left.served.addresses);
    const READS: usize = 50;
    for _ in 0..READS {
        assert_eq!(reader.get(PLAN).await.get("etag"), Some("\"1\""));
    }
    happen(READS, &mut left.events.reads).await;
    assert!(left.events.reads.try_recv().is_err(), "the next write began while the first still ran");

    left.go_on.send(()).unwrap();
    let late = in_time(waiting).await.unwrap();
    assert_eq!((late.status.as_u16(), late.get("etag")), (412, Some("\"2\"")), "{late:?}");
    assert_eq!(left.text().await, "second");
    assert_eq!(assert_writable(&mut reader).await, ["creator", "gone", "next"]);
}

/// If the store holds no share, the next write begins too early, and the first overwrites it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decision_17_without_a_share_of_the_turn_the_next_write_is_lost() {
    let mut left = LeftAlone::among(in_turn).await;
    let mut next = Client::new(1, &left.served.addresses);
    let written = in_time(next.put(PLAN, &NEXT, THIRD.to_owned())).await.unwrap();
    assert_eq!(written.status, 204, "{written:?}");
    happen(1, &mut left.over).await;
    assert_eq!(left.text().await, "third");
    left.go_on.send(()).unwrap();
    happen(1, &mut left.over).await;
    assert_eq!(left.text().await, "second");
}
