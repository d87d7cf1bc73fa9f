//! The layer and tower-http's `CompressionLayer`, with all its codings, within the process and over sockets.
//!
//! With a `ContentCodingLayer` outside, each coding has its own strong tag (RFC 9110 §8.8.3.3), and a write
//! can name any of them. Without one, a single strong tag names all codings.

use std::{
    fs::{self, File},
    future::ready,
    path::Path,
    process,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use tower::Layer;
use tower_http::{compression::CompressionLayer, services::ServeDir};
use tower_precondition::{
    ContentCodingLayer, EntityTag, PreconditionLayer, Preconditions, UnevaluatedWrites, Validators,
};

use crate::support::client::{Answer, Client, curl, serve};

const CODINGS: [&str; 5] = ["gzip", "br", "zstd", "deflate", "identity"];

/// How the layer learns what currently exists.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    OwnSource,
    Probing,
    FromResponse,
}

const KINDS: [Kind; 3] = [Kind::OwnSource, Kind::Probing, Kind::FromResponse];

/// Whether its tags are strong or weak.
#[derive(Clone, Copy, Debug)]
enum Strength {
    Strong,
    Weak,
}

/// One document that all clients write.
#[derive(Clone)]
struct Document {
    version: Arc<Mutex<u64>>,
    strength: Strength,
}

impl Document {
    fn new(strength: Strength) -> Self {
        Self { version: Arc::new(Mutex::new(1)), strength }
    }

    fn etag(&self) -> EntityTag {
        let version = self.version.lock().expect("no test panics in here").to_string();
        let tag = match self.strength {
            Strength::Strong => EntityTag::strong(version),
            Strength::Weak => EntityTag::weak(version),
        };
        tag.expect("digits make a tag")
    }

    /// Long enough to be worth compressing.
    fn text(&self) -> String {
        format!("version {} ", self.etag()).repeat(40)
    }

    /// Behind a compression, and the layer outside it.
    fn app(self, kind: Kind) -> Router {
        let document = self.clone();
        let route = get(read).put(write).with_state(self).layer(CompressionLayer::new());
        match kind {
            Kind::OwnSource => {
                let source = move |_: &Parts| ready(document.etag());
                let layer = (ContentCodingLayer::new(), PreconditionLayer::new(source));
                Router::new().route("/", route.layer(layer))
            }
            Kind::Probing => {
                let layer = (ContentCodingLayer::new(), PreconditionLayer::probing().probe_writes());
                Router::new().fallback_service(layer.layer(Router::new().route("/", route)))
            }
            Kind::FromResponse => {
                let layer = PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward);
                Router::new().route("/", route).layer((ContentCodingLayer::new(), layer))
            }
        }
    }
}

async fn read(State(document): State<Document>, fields: HeaderMap) -> Response {
    let text = document.text();
    match fields.get(header::RANGE) {
        Some(range) if range == "bytes=0-3" => {
            let range = [(header::CONTENT_RANGE, format!("bytes 0-3/{}", text.len()))];
            let part: String = text.chars().take(4).collect();
            (StatusCode::PARTIAL_CONTENT, Validators::from(document.etag()), range, part).into_response()
        }
        _ => (Validators::from(document.etag()), text).into_response(),
    }
}

/// Checks by itself too, because `from_response()` cannot check a write.
async fn write(State(document): State<Document>, preconditions: Preconditions) -> Response {
    match preconditions.check(document.etag()) {
        Err(rejection) => rejection.into_response(),
        Ok(_) => {
            *document.version.lock().expect("no test panics in here") += 1;
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

/// Runs a test for each kind of layer, each coding, and each way to the application.
macro_rules! for_each_coding {
    ($($name:ident;)+) => { $(
        #[tokio::test]
        async fn $name() {
            for kind in KINDS {
                for coding in CODINGS {
                    for over_socket in [false, true] {
                        let app = Document::new(Strength::Strong).app(kind);
                        let client = match over_socket {
                            true => Client::Socket(serve(app).await),
                            false => Client::InProcess(app),
                        };
                        let case = Case { client, coding, kind };
                        cases::$name(case).await;
                    }
                }
            }
        }
    )+ };
}

for_each_coding! {
    rule_49_each_coding_has_a_tag_of_its_own;
    rule_13_a_client_writes_with_the_tag_of_a_coding;
    rule_13_a_stale_tag_is_412;
    rules_23_61_a_client_revalidates_with_the_tag_of_a_coding;
    rules_40_41_a_range_is_of_the_unencoded_content;
    decision_23_a_range_under_if_match_is_not_joined_to_another_coding;
    rule_61_star_gets_the_tag_of_the_200_or_none;
}

struct Case {
    client: Client,
    coding: &'static str,
    kind: Kind,
}

impl Case {
    async fn read(&self, fields: &[(&str, &str)]) -> Answer {
        let fields = [&[("accept-encoding", self.coding)], fields].concat();
        self.client.ask("GET", "/", &fields).await
    }

    async fn write(&self, etag: &str) -> Answer {
        self.client.ask("PUT", "/", &[("accept-encoding", self.coding), ("if-match", etag)]).await
    }

    fn content_encoding(&self) -> Option<&str> {
        Some(self.coding).filter(|coding| *coding != "identity")
    }
}

mod cases {
    use super::*;

    pub(super) async fn rule_49_each_coding_has_a_tag_of_its_own(case: Case) {
        let answer = case.read(&[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.get("content-encoding"), case.content_encoding());
        let plain = Document::new(Strength::Strong).text();
        assert_eq!(answer.content == plain.as_bytes(), case.coding == "identity");
        let expected = match case.coding {
            "identity" => "\"1\"".to_owned(),
            coding => format!("\"1~{coding}\""),
        };
        assert_eq!(answer.etag(), expected);
    }

    pub(super) async fn rule_13_a_client_writes_with_the_tag_of_a_coding(case: Case) {
        let etag = case.read(&[]).await.etag().to_owned();
        assert_eq!(case.write(&etag).await.status, 204);
    }

    pub(super) async fn rule_13_a_stale_tag_is_412(case: Case) {
        let etag = case.read(&[]).await.etag().to_owned();
        assert_eq!(case.write(&etag).await.status, 204);
        let late = case.write(&etag).await;
        assert_eq!((late.status.as_u16(), late.get("etag")), (412, Some("\"2\"")));
        assert_eq!(late.get("content-encoding"), None);
        assert!(late.text().contains(r#""current_etag":"\"2\"""#), "{}", late.text());
        // With the tag of the 412 the write succeeds.
        assert_eq!(case.write(late.etag()).await.status, 204);
    }

    pub(super) async fn rules_23_61_a_client_revalidates_with_the_tag_of_a_coding(case: Case) {
        let fresh = case.read(&[]).await;
        let unchanged = case.read(&[("if-none-match", fresh.etag())]).await;
        assert_eq!((unchanged.status.as_u16(), unchanged.text()), (304, ""));
        assert_eq!(unchanged.etag(), fresh.etag());
        assert_eq!(unchanged.get("vary"), Some("accept-encoding"));
        assert_eq!(unchanged.get("content-encoding"), None);

        assert_eq!(case.write("*").await.status, 204);
        let changed = case.read(&[("if-none-match", fresh.etag())]).await;
        assert_eq!(changed.status, 200);
        assert_ne!(changed.etag(), fresh.etag());
    }

    /// The compression does not encode ranges, so they are of the unencoded content.
    pub(super) async fn rules_40_41_a_range_is_of_the_unencoded_content(case: Case) {
        let etag = case.read(&[]).await.etag().to_owned();
        let range = ("range", "bytes=0-3");
        let resumed = case.read(&[range, ("if-range", &etag)]).await;
        // A response alone cannot show whether If-Range is true, so the client gets the whole content.
        let resumes = case.coding == "identity" && case.kind != Kind::FromResponse;
        assert_eq!(
            resumed.status.as_u16(),
            if resumes { 206 } else { 200 },
            "{:?} {}",
            case.kind,
            case.coding
        );
        assert_eq!(resumed.etag(), etag);
        let other = case.read(&[range, ("if-range", "\"0\"")]).await;
        assert_eq!((other.status.as_u16(), other.etag()), (200, &*etag));
    }

    /// The client holds a part of what `etag` names, and asks for the rest of that.
    pub(super) async fn decision_23_a_range_under_if_match_is_not_joined_to_another_coding(case: Case) {
        let fresh = case.read(&[]).await;
        let range = ("range", "bytes=0-3");
        let rest = case.read(&[range, ("if-match", fresh.etag())]).await;
        if case.coding == "identity" {
            assert_eq!((rest.status.as_u16(), rest.text(), rest.etag()), (206, "vers", fresh.etag()));
        } else {
            assert_eq!((rest.status.as_u16(), &rest.content), (200, &fresh.content));
        }
        for not_one_plain_tag in ["*", "\"0\", \"1\"", "\"1~gzip\", \"1\""] {
            let rest = case.read(&[range, ("if-match", not_one_plain_tag)]).await;
            assert_eq!((rest.status.as_u16(), &rest.content), (200, &fresh.content), "{not_one_plain_tag}");
        }
        assert_eq!(case.read(&[range, ("if-match", "\"0~gzip\"")]).await.status, 412);
        // A range that no condition protects is that of the plain content, and its tag says so.
        let part = case.read(&[range]).await;
        assert_eq!((part.status.as_u16(), part.etag()), (206, "\"1\""));
    }

    /// The layer cannot know which of several accepted codings the 200 would have.
    pub(super) async fn rule_61_star_gets_the_tag_of_the_200_or_none(case: Case) {
        let fresh = case.read(&[]).await;
        let unchanged = case.read(&[("if-none-match", "*")]).await;
        let known = case.coding == "identity";
        assert_eq!((unchanged.status.as_u16(), unchanged.get("etag")), (304, known.then(|| fresh.etag())));
        let both = format!("\"1\", {}", fresh.etag());
        let unchanged = case.read(&[("if-none-match", &both)]).await;
        assert_eq!((unchanged.status.as_u16(), unchanged.get("etag")), (304, known.then(|| fresh.etag())));
    }
}

const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Ranges of a text; its validators are those of the layer around it.
async fn ranged(fields: HeaderMap) -> Response {
    let text = "0123456789".repeat(40);
    match fields.get(header::RANGE) {
        Some(range) if range == "bytes=2-4" => {
            let range = [(header::CONTENT_RANGE, format!("bytes 2-4/{}", text.len()))];
            (StatusCode::PARTIAL_CONTENT, range, "234").into_response()
        }
        _ => text.into_response(),
    }
}

/// The same three kinds of layers, for a text with these validators.
fn described(validators: &Validators) -> [Router; 3] {
    let with = |validators: Validators| {
        let read = move |fields| async move { (validators, ranged(fields).await) };
        Router::new().route("/", get(read)).layer(CompressionLayer::new())
    };
    let source = {
        let validators = validators.clone();
        PreconditionLayer::new(move |_: &Parts| ready(validators.clone()))
    };
    [
        Router::new().route(
            "/",
            get(ranged).route_layer(CompressionLayer::new()).route_layer((ContentCodingLayer::new(), source)),
        ),
        with(validators.clone()).layer((ContentCodingLayer::new(), PreconditionLayer::from_response())),
        Router::new().fallback_service(
            (ContentCodingLayer::new(), PreconditionLayer::probing()).layer(with(validators.clone())),
        ),
    ]
}

fn dated() -> Validators {
    Validators::new().with_last_modified(MODIFIED.parse().expect("a date"))
}

/// A date is the same for every coding of one state.
#[tokio::test]
async fn decision_23_a_range_under_a_date_is_not_joined_to_another_coding() {
    for validators in [dated(), dated().with_etag(EntityTag::from_version(1))] {
        for app in described(&validators) {
            for client in Client::both(app).await {
                for field in ["if-range", "if-unmodified-since"] {
                    let accepted = ("accept-encoding", "gzip");
                    let whole = client.ask("GET", "/", &[accepted]).await;
                    let rest =
                        client.ask("GET", "/", &[accepted, ("range", "bytes=2-4"), (field, MODIFIED)]).await;
                    assert_eq!((rest.status.as_u16(), rest.content), (200, whole.content), "{field}");
                }
            }
        }
    }
}

/// A client that takes over the tag of a 304 by date, and resumes with it, must not join two codings.
#[tokio::test]
async fn rule_61_a_304_by_date_has_the_tag_of_the_200_or_the_date_alone() {
    for app in described(&dated().with_etag(EntityTag::from_version(1))) {
        for client in Client::both(app).await {
            for (coding, etag, date) in
                [("gzip", None, Some(MODIFIED)), ("identity", Some("\"1\""), None), ("", Some("\"1\""), None)]
            {
                for condition in [("if-modified-since", MODIFIED), ("if-none-match", "*")] {
                    let unchanged = client.ask("GET", "/", &[("accept-encoding", coding), condition]).await;
                    assert_eq!(unchanged.status, 304);
                    let told = (unchanged.get("etag"), unchanged.get("last-modified"));
                    assert_eq!(told, (etag, date), "{coding} {condition:?}");
                }
                let sent = [("accept-encoding", coding), ("if-none-match", "\"1\"")];
                let unchanged = client.ask("GET", "/", &sent).await;
                let told = (unchanged.status.as_u16(), unchanged.get("etag"), unchanged.get("last-modified"));
                assert_eq!(told, (304, Some("\"1\""), None), "one tag that was sent stays");
            }
        }
    }
}

/// A handler that checks by itself makes its 304 inside the layer too.
#[tokio::test]
async fn rule_61_a_304_of_a_handler_has_the_date_alone() {
    let read = |preconditions: Preconditions| async move {
        let current = dated().with_etag(EntityTag::from_version(1));
        preconditions.check(current.clone())?;
        Ok::<_, tower_precondition::Rejection>((current, "text"))
    };
    let app = Router::new().route("/", get(read)).layer(ContentCodingLayer::new());
    for client in Client::both(app).await {
        let fields = [("accept-encoding", "gzip"), ("if-modified-since", MODIFIED)];
        let unchanged = client.ask("GET", "/", &fields).await;
        let told = (unchanged.status.as_u16(), unchanged.get("etag"), unchanged.get("last-modified"));
        assert_eq!(told, (304, None, Some(MODIFIED)));
    }
}

#[tokio::test]
async fn rule_49_the_tags_of_two_codings_differ() {
    for kind in KINDS {
        let client = Client::InProcess(Document::new(Strength::Strong).app(kind));
        let mut tags = Vec::new();
        for coding in CODINGS {
            tags.push(client.ask("GET", "/", &[("accept-encoding", coding)]).await.etag().to_owned());
        }
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), CODINGS.len(), "{kind:?}: {tags:?}");
    }
}

/// A client may hold one coding and accept another.
#[tokio::test]
async fn a_client_switches_codings() {
    for kind in KINDS {
        for client in Client::both(Document::new(Strength::Strong).app(kind)).await {
            for (accepted, held, status, etag) in [
                ("gzip, br", "\"1~gzip\"", 304, "\"1~gzip\""),
                ("gzip", "\"1~br\", \"1~gzip\"", 304, "\"1~gzip\""),
                ("gzip", "\"1\"", 304, "\"1\""),
                // After a 304, a cache would serve content that this client cannot read.
                ("gzip", "\"1~br\"", 200, "\"1~gzip\""),
                ("identity", "\"1~br\"", 200, "\"1\""),
            ] {
                let fields = [("accept-encoding", accepted), ("if-none-match", held)];
                let answer = client.ask("GET", "/", &fields).await;
                assert_eq!((answer.status.as_u16(), answer.etag()), (status, etag), "{kind:?} {held}");
            }
        }
        for client in Client::both(Document::new(Strength::Strong).app(kind)).await.into_iter().take(1) {
            // It reads with one coding and writes with another.
            let fields = [("accept-encoding", "gzip"), ("if-match", "\"1~br\"")];
            assert_eq!(client.ask("PUT", "/", &fields).await.status, 204, "{kind:?}");
        }
    }
}

/// One weak tag may name all codings, and no write can name it.
#[tokio::test]
async fn rules_13_20_weak_tags_stay_unchanged() {
    for kind in KINDS {
        for client in Client::both(Document::new(Strength::Weak).app(kind)).await {
            for coding in CODINGS {
                let accepted = ("accept-encoding", coding);
                let fresh = client.ask("GET", "/", &[accepted]).await;
                assert_eq!(fresh.etag(), "W/\"1\"");
                let unchanged = client.ask("GET", "/", &[accepted, ("if-none-match", "W/\"1\"")]).await;
                assert_eq!((unchanged.status.as_u16(), unchanged.etag()), (304, "W/\"1\""));
                assert_eq!(client.ask("PUT", "/", &[accepted, ("if-match", "W/\"1\"")]).await.status, 412);
            }
        }
    }
}

/// The case that `docs/layer-order.md` warns of: no `ContentCodingLayer`, inside or outside the compression.
#[tokio::test]
async fn without_content_coding_layer_one_strong_tag_names_every_coding() {
    let document = Document::new(Strength::Strong);
    let found = document.clone();
    let layer = PreconditionLayer::new(move |_: &Parts| ready(found.etag()));
    let route: MethodRouter = get(read).put(write).with_state(document);
    let layered: MethodRouter = route.clone().layer(layer.clone());
    let compressed: MethodRouter = route.layer(CompressionLayer::new());
    for app in [
        Router::new().route("/", layered.layer(CompressionLayer::new())),
        Router::new().route("/", compressed.layer(layer)),
    ] {
        for client in Client::both(app).await {
            let mut contents = Vec::new();
            for coding in CODINGS {
                let answer = client.ask("GET", "/", &[("accept-encoding", coding)]).await;
                assert_eq!(answer.etag(), "\"1\"");
                contents.push(answer.content);
            }
            contents.sort_unstable();
            contents.dedup();
            assert_eq!(contents.len(), CODINGS.len());

            // A client that holds the beginning of encoded content gets the rest of the unencoded content.
            let fields = [("accept-encoding", "gzip"), ("range", "bytes=0-3"), ("if-range", "\"1\"")];
            let spliced = client.ask("GET", "/", &fields).await;
            assert_eq!((spliced.status.as_u16(), spliced.text()), (206, "vers"));
        }
    }
}

/// Precompressed files have their own tags and ranges. A `ContentCodingLayer` still adds the coding.
#[tokio::test]
async fn precompressed_files_of_serve_dir_have_ranges() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("precompressed-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    // The server sends the files as they are, whatever they contain.
    for (name, content) in
        [("page.txt", "0123456789"), ("page.txt.gz", "abcdefg"), ("page.txt.br", "ABCDEFG")]
    {
        fs::write(folder.join(name), content).expect("a file can be written");
        let file = File::options().write(true).open(folder.join(name)).expect("it was written");
        file.set_modified(UNIX_EPOCH + Duration::from_secs(784_111_777)).expect("its time can be set");
    }
    let files = || ServeDir::new(&folder).precompressed_gzip().precompressed_br();

    let app = Router::new()
        .fallback_service((ContentCodingLayer::new(), PreconditionLayer::probing()).layer(files()));
    for client in Client::both(app).await {
        for (coding, content) in [("gzip", "abcdefg"), ("br", "ABCDEFG"), ("identity", "0123456789")] {
            let accepted = ("accept-encoding", coding);
            let fresh = client.ask("GET", "/page.txt", &[accepted]).await;
            assert_eq!((fresh.status.as_u16(), fresh.text()), (200, content));
            let head = client.ask("HEAD", "/page.txt", &[accepted]).await;
            assert_eq!(head.etag(), fresh.etag());
            let unchanged =
                client.ask("GET", "/page.txt", &[accepted, ("if-none-match", fresh.etag())]).await;
            assert_eq!((unchanged.status.as_u16(), unchanged.etag()), (304, fresh.etag()));
            assert_eq!(unchanged.get("vary"), Some("accept-encoding"));
            let range = [accepted, ("range", "bytes=2-4"), ("if-range", fresh.etag())];
            let resumed = client.ask("GET", "/page.txt", &range).await;
            assert_eq!(resumed.status.as_u16(), if coding == "identity" { 206 } else { 200 });
            // Without the coding, two files would share a tag, because their length and time are equal.
            let suffix = format!("~{coding}\"");
            assert_eq!(fresh.etag().ends_with(&suffix), coding != "identity", "{}", fresh.etag());
        }
    }

    // Without a `ContentCodingLayer`, each file has ranges. `ServeDir` gives files different tags unless
    // their length and time are equal.
    let client =
        Client::InProcess(Router::new().fallback_service(PreconditionLayer::probing().layer(files())));
    let accepted = ("accept-encoding", "gzip");
    let fresh = client.ask("GET", "/page.txt", &[accepted]).await;
    let range = [accepted, ("range", "bytes=2-4"), ("if-range", fresh.etag())];
    let resumed = client.ask("GET", "/page.txt", &range).await;
    assert_eq!((resumed.status.as_u16(), resumed.text()), (206, "cde"));
    let same = client.ask("GET", "/page.txt", &[("accept-encoding", "br")]).await;
    assert_eq!(same.etag(), fresh.etag());
    fs::remove_dir_all(folder).expect("it was made");
}

#[tokio::test]
async fn curl_reads_compressed_and_writes_with_the_tag_of_its_coding() {
    for kind in KINDS {
        let document = Document::new(Strength::Strong);
        let text = document.text();
        let address = serve(document.app(kind)).await;
        let Some(read) = curl(address, "/", &["--compressed", "--include"]).await else { return };
        let (head, content) = read.split_once("\r\n\r\n").expect("a head");
        assert_eq!(content, text, "curl undoes the coding");
        let field = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_else(|| panic!("{name} in {head}"))
        };
        let etag = field("etag: ").to_owned();
        assert_eq!(etag, format!("\"1~{}\"", field("content-encoding: ")));

        let status = ["--compressed", "--output", "/dev/null", "--write-out", "%{http_code} %header{etag}"];
        let with = |field: &str| format!("{field}: {etag}");
        for (arguments, expected) in [
            (&["--header", &with("If-None-Match")][..], format!("304 {etag}")),
            (&["--range", "0-3", "--header", &with("If-Range")], format!("200 {etag}")),
            (&["--request", "PUT", "--header", &with("If-Match")], "204 ".to_owned()),
            (&["--request", "PUT", "--header", &with("If-Match")], "412 \"2\"".to_owned()),
        ] {
            let Some(printed) = curl(address, "/", &[&status, arguments].concat()).await else { return };
            assert_eq!(printed, expected, "{kind:?} {arguments:?}");
        }
    }
}
