//! The table: every client, every size, in front of every server.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    clients::{CURL, Client, HTTP1, WANTED, must_be_complete},
    programs::Program,
    sizes::{SIZES, Size},
};

/// A way from a client to a server.
struct Way<'a> {
    name: &'static str,
    base: String,
    clients: &'a [Client],
    /// Whether the server takes content above 1 MiB.
    takes_large: bool,
    /// Whether the connection lives on if the answer says so.
    keeps_its_word: bool,
}

/// Plays all cells, and returns whether every answer arrived.
pub(crate) fn play(small: usize, large: usize) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let (bare, tls, documents) = (Program::bare(false), Program::bare(true), Program::documents());
    seed(&documents.address);
    let quiet = Command::new("nginx").arg("-v").stderr(Stdio::null()).status();
    let has_nginx = quiet.is_ok_and(|status| status.success());
    let fronts = has_nginx.then(|| {
        [(&bare, true), (&bare, false), (&documents, true)]
            .map(|(server, buffers)| Program::nginx(&server.address, buffers))
    });
    let way = |name, address: &str, takes_large| Way {
        name,
        base: format!("http://{address}"),
        clients: &HTTP1,
        takes_large,
        keeps_its_word: true,
    };
    let mut ways =
        vec![way("directly", &bare.address, true), way("documents, directly", &documents.address, false)];
    if let Some([buffered, unbuffered, before_documents]) = &fronts {
        ways.push(way("nginx", &buffered.address, true));
        // If an answer comes before the content, this nginx says keep-alive and closes all the same, whatever the
        // origin says. So the client may lose its next request, but not the 412.
        let unbuffered = way("nginx, proxy_request_buffering off", &unbuffered.address, true);
        ways.push(Way { keeps_its_word: false, ..unbuffered });
        ways.push(way("nginx before documents", &before_documents.address, false));
    }
    ways.push(Way { clients: &[Client::Curl2], ..way("directly, HTTP/2", &bare.address, true) });
    ways.push(Way { clients: &[Client::Curl2], ..way("documents, HTTP/2", &documents.address, false) });
    let base = format!("https://localhost:{}", port(&tls.address));
    ways.push(Way { name: "directly, TLS", base, clients: &CURL, takes_large: true, keeps_its_word: true });

    let mut tally = Tally { skipped: usize::from(!has_nginx) * 3, ..Tally::default() };
    println!("| the way | client | {} |", SIZES.map(|size| size.name).join(" | "));
    println!("|---|---|{}", "--:|".repeat(SIZES.len()));
    for way in &ways {
        for client in way.clients {
            if !client.is_there() {
                tally.skipped += 1;
                continue;
            }
            let cells = SIZES.map(|size| tally.cell(way, *client, size, small, large, folder.path()));
            println!("| {} | {} | {} |", way.name, client.name(), cells.join(" | "));
        }
    }
    tally.report(ask(&bare.address, "/writes").parse().unwrap_or(0))
}

/// curl 7.88 shows the status, and fails all the same. Over HTTP/2, a 4xx makes it end its upload before the length
/// that it announced. That is malformed (RFC 9113 §8.1.1), so the server resets the stream with `PROTOCOL_ERROR`. Once
/// in a thousand large uploads, this overtakes the answer's content.
const SHOWN: &str = "412 exit 92 201";

impl Way<'_> {
    fn arrived(&self, outcome: &str) -> bool {
        outcome == WANTED
            || outcome == SHOWN
            || !self.keeps_its_word && outcome.starts_with("412 ") && !outcome.ends_with(" 412")
    }
}

#[derive(Default)]
struct Tally {
    played: usize,
    lost: usize,
    skipped: usize,
    /// The next requests that nginx lost by its own close.
    cut_off: usize,
    /// The 412s that curl showed before it failed.
    shown: usize,
    /// The writes that were made by the bare server without TLS.
    made: usize,
    surprises: Vec<String>,
}

impl Tally {
    fn cell(
        &mut self,
        way: &Way<'_>,
        client: Client,
        size: Size,
        small: usize,
        large: usize,
        folder: &Path,
    ) -> String {
        if size.pause > 0 && !client.can_pause() || size.is_large() && !way.takes_large {
            return "".to_owned();
        }
        let count = if size.is_large() { large } else { small };
        let outcomes = client.play(&way.base, size, count, folder);
        let arrived: usize =
            outcomes.iter().filter(|(outcome, _)| way.arrived(outcome)).map(|(_, number)| number).sum();
        self.played += count;
        self.lost += count - arrived;
        let is_counted = way.base.starts_with("http:") && !way.name.contains("documents");
        for (outcome, number) in outcomes {
            if is_counted && outcome.contains(" 201") {
                self.made += number;
            }
            if outcome == SHOWN {
                self.shown += number;
            } else if way.arrived(&outcome) && outcome != WANTED {
                self.cut_off += number;
            }
            if !way.arrived(&outcome) {
                let name = client.name();
                self.surprises.push(format!("{}, {name}, {}: {number} × {outcome}", way.name, size.name));
            }
        }
        format!("{} of {count}", count - arrived)
    }

    fn report(self, written: usize) -> bool {
        let Self { played, lost, skipped, cut_off, shown, made, surprises } = self;
        for surprise in &surprises {
            println!("lost: {surprise}");
        }
        println!("{played} refused uploads, {lost} lost; {made} writes after them, made {written} times");
        if cut_off > 0 {
            println!("after {cut_off} of the 412s, nginx closed a connection that it had said to keep");
        }
        if shown > 0 {
            println!("after {shown} of the 412s, curl failed over a reset that it had caused itself");
        }
        if skipped > 0 {
            println!("skipped {skipped} rows, because a program is not installed");
        }
        println!("{} passed, {lost} failed", played - lost);
        lost == 0 && made == written && (skipped == 0 || !must_be_complete())
    }
}

/// Makes `plan`, which the bare server has from the start.
fn seed(address: &str) {
    let content = r#"{"title":"Plan","text":"first"}"#;
    let fields =
        format!("content-type: application/json\r\nif-none-match: *\r\ncontent-length: {}", content.len());
    let answer = exchange(address, &format!("PUT /documents/plan HTTP/1.1\r\n{fields}"), content);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

pub(crate) fn ask(address: &str, path: &str) -> String {
    let answer = exchange(address, &format!("GET {path} HTTP/1.1"), "");
    answer.rsplit("\r\n\r\n").next().unwrap_or_default().to_owned()
}

fn exchange(address: &str, head: &str, content: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = format!("{head}\r\nhost: a\r\nconnection: close\r\n\r\n{content}");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}
