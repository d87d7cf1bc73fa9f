//! 500 clients that never end a refused upload, and what they cost the server.

use std::{fs, time::Duration};

use bytes::Bytes;
use http::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{programs::Program, table::ask};

const CLIENTS: usize = 500;
/// `LingeringClose` lets so many connections linger.
const LINGERING: usize = 256;
/// The listener's and the runtime's own files vary by a few.
const OTHER_FILES: usize = 16;
/// More than an idle connection may hold for a refused upload.
const BUFFER: usize = 16 << 10;

const UPLOAD: &str =
    "PUT /documents/plan HTTP/1.1\r\nhost: a\r\nif-match: \"0\"\r\ncontent-length: 1000000000\r\n\r\n";

/// Returns whether the bounds hold.
pub(crate) async fn measure() -> bool {
    let idle = measured("idle, HTTP/1.1", idle_http1).await;
    let http1 = measured("trickling, HTTP/1.1", trickling_http1).await;
    let idle_http2 = measured("idle, HTTP/2", async |address| http2(address, false).await).await;
    let http2 = measured("trickling, HTTP/2", async |address| http2(address, true).await).await;
    let room = CLIENTS * BUFFER;
    let checks = [
        (
            "a lingering connection takes no more memory than an idle one and 16 KiB",
            http1.memory <= idle.memory + room,
        ),
        (
            "no more than 256 connections linger",
            http1.files <= idle.files - CLIENTS + LINGERING + OTHER_FILES,
        ),
        ("no look-up and no guard is held", http1.held == 0 && http2.held == 0),
        (
            "a refused stream takes no more memory than an idle connection and 16 KiB",
            http2.memory <= idle_http2.memory + room,
        ),
    ];
    for (check, holds) in checks {
        println!("{} {check}", if holds { " holds " } else { "BROKEN " });
    }
    let holding = checks.iter().filter(|(_, holds)| *holds).count();
    println!("{holding} passed, {} failed", checks.len() - holding);
    holding == checks.len()
}

/// What the server holds.
struct Cost {
    memory: usize,
    files: usize,
    held: usize,
}

async fn measured<C: Send + 'static>(name: &str, connect: impl AsyncFn(String) -> C) -> Cost {
    let server = Program::bare(false);
    // The first requests make what the server keeps for all.
    for _ in 0..20 {
        ask(&server.address, "/held");
    }
    let begun = memory(server.id());
    let clients = connect(server.address.clone()).await;
    let held = ask(&server.address, "/held").parse().unwrap_or(usize::MAX);
    let memory = memory(server.id()).saturating_sub(begun);
    let files = fs::read_dir(format!("/proc/{}/fd", server.id())).map_or(0, Iterator::count);
    println!("{name}: {} KiB more memory, {files} open files, {held} look-ups and guards", memory >> 10);
    drop(clients);
    Cost { memory, files, held }
}

/// The resident memory of a process, in bytes.
fn memory(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or(0) << 10
}

async fn idle_http1(address: String) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(&address).await.expect("the server accepts");
        stream.write_all(b"GET /held HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("the server reads");
        assert_ne!(stream.read(&mut [0; 1024]).await.expect("an answer"), 0);
        streams.push(stream);
    }
    streams
}

/// The clients send a little now and then, for longer than the idle time.
async fn trickling_http1(address: String) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(&address).await.expect("the server accepts");
        stream.write_all(UPLOAD.as_bytes()).await.expect("the server reads");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 412");
        streams.push(stream);
    }
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        for stream in &mut streams {
            // The oldest ones have given way.
            let _ = stream.write_all(&[b'a'; 100]).await;
        }
        sleep(Duration::from_millis(200)).await;
    }
    streams
}

/// One connection for each client, so that the two protocols compare.
async fn http2(address: String, trickles: bool) -> Vec<impl Send> {
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let stream = TcpStream::connect(&address).await.expect("the server accepts");
        clients.push(tokio::spawn(http2_client(stream, address.clone(), trickles)));
    }
    let mut connected = Vec::new();
    for client in clients {
        connected.push(client.await.expect("no panic"));
    }
    connected
}

async fn http2_client(stream: TcpStream, address: String, trickles: bool) -> impl Send {
    let (streams, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    let task = tokio::spawn(connection);
    let mut streams = streams.ready().await.expect("the connection is open");
    let url = format!("http://{address}/documents/plan");
    let request = Request::put(url).header("if-match", "\"0\"").body(()).expect("a request");
    let (answer, mut content) = streams.send_request(request, !trickles).expect("a stream");
    let answer = answer.await.expect("an answer");
    assert_eq!(answer.status(), 412);
    let begun = Instant::now();
    while trickles && begun.elapsed() < Duration::from_secs(3) {
        // The server may have ended the stream.
        let _ = content.send_data(Bytes::from_static(&[b'a'; 100]), false);
        sleep(Duration::from_millis(200)).await;
    }
    (streams, content, answer, task)
}
