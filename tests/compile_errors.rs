//! The usual mistakes are told in the words of this crate, whatever the compiler's are.
//!
//! Each row is compiled alone against what this very test program was built from, so
//! that nothing is built anew and no network is needed. Only texts of this crate are
//! looked for; where the compiler speaks for itself, its error code.
#![allow(clippy::indexing_slicing, reason = "a member that is missing is a failure, and told as one")]
#![cfg(feature = "axum")]

use std::{
    env,
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

/// Where cargo put this crate and Axum, as the arguments by which a compiler finds them.
fn externs() -> &'static [OsString] {
    static EXTERNS: OnceLock<Vec<OsString>> = OnceLock::new();
    EXTERNS.get_or_init(|| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["test", "--offline", "--no-run", "--message-format=json", "--test", "compile_errors"]);
        cargo.args(["--features", if cfg!(feature = "tracing") { "axum,tracing" } else { "axum" }]);
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let output = cargo.output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8(output.stdout).expect("JSON");
        let artifacts: Vec<Value> =
            messages.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        ["tower_precondition", "axum"].into_iter().flat_map(|name| extern_of(name, &artifacts)).collect()
    })
}

fn extern_of(name: &str, artifacts: &[Value]) -> [OsString; 4] {
    let library = artifacts
        .iter()
        .filter(|artifact| artifact["reason"] == "compiler-artifact" && artifact["target"]["name"] == name)
        .filter(|artifact| artifact["target"]["kind"][0] == "lib" && artifact["profile"]["test"] == false)
        .filter_map(|artifact| artifact["filenames"].as_array()?.iter().find_map(Value::as_str))
        .map(PathBuf::from)
        .next()
        .unwrap_or_else(|| panic!("cargo names no library {name}"));
    let directory = library.parent().unwrap_or(Path::new(".")).as_os_str();
    let [mut is, mut dependencies] = [OsString::from(name), OsString::from("dependency=")];
    is.push("=");
    is.push(&library);
    dependencies.push(directory);
    ["--extern".into(), is, "-L".into(), dependencies]
}

/// What the compiler says of these lines; nothing where they are sound.
fn compile(name: &str, lines: &str) -> String {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args([
        "--edition=2024",
        "--crate-type=lib",
        "--emit=metadata",
        "--color=never",
        "--cap-lints=allow",
    ]);
    rustc.args(["--crate-name", name, "--out-dir", env!("CARGO_TARGET_TMPDIR"), "-"]).args(externs());
    let mut rustc =
        rustc.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("rustc runs");
    let header = "#![allow(unused)] use tower_precondition::*; use axum::http::{Response, request::Parts};";
    let mut input = rustc.stdin.take().expect("it is piped");
    write!(input, "{header}\n{lines}").expect("rustc reads");
    drop(input);
    let output = rustc.wait_with_output().expect("rustc ends");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

macro_rules! told {
    ($($name:ident: $lines:literal => [$($text:literal),+];)*) => {$(
        #[test]
        fn $name() {
            let said = compile(stringify!($name), $lines);
            $(assert!(said.contains($text), "{:?} is not said; this is:\n{said}", $text);)+
        }
    )*};
}

#[test]
fn what_is_sound_compiles() {
    let lines = r#"
        use axum::extract::{Path, State};
        async fn stateless(_: Path<u64>) -> Result<Option<Validators>, axum::http::StatusCode> { Ok(None) }
        async fn stateful(_: State<u8>, _: Path<u64>) -> Option<Validators> { None }
        fn sound() {
            let _ = PreconditionLayer::new(validators_from_fn(stateless));
            let _ = PreconditionLayer::new(validators_from_fn_with_state(7_u8, stateful));
            let _ = PreconditionLayer::new(|_: &Parts| async { Validators::new() })
                .require(|_: &Parts| Requirement::none())
                .with_rejection_response(|_: &Rejection, _: &Parts| Response::new("no"))
                .serialize_writes(SerializedWrites::by(|head| head.uri.path().to_owned()));
        }
    "#;
    assert_eq!(compile("what_is_sound_compiles", lines), "");
}

told! {
    an_extractor_that_reads_the_body: "
        async fn lookup(_: axum::Json<u64>) -> Option<Validators> { None }
        fn mistake() { validators_from_fn(lookup); }
    " => [
        "is not a look-up over extractors",
        "not an async function that `validators_from_fn` can take",
        "one that reads the body, such as `Json` or `String`, does not"
    ];
    state_without_a_state: "
        async fn lookup(_: axum::extract::State<u64>) -> Option<Validators> { None }
        fn mistake() { validators_from_fn(lookup); }
    " => ["for `State<..>` use `validators_from_fn_with_state`"];
    a_function_over_extractors_that_is_not_async: "
        fn lookup(_: axum::extract::Path<u64>) -> Option<Validators> { None }
        fn mistake() { validators_from_fn(lookup); }
    " => ["is not a look-up over extractors", "not an async function"];
    a_function_over_extractors_that_returns_text: "
        async fn lookup(_: axum::extract::Path<u64>) -> String { String::new() }
        fn mistake() { validators_from_fn(lookup); }
    " => ["it must return `impl Into<Representation>`, such as `Option<Validators>`"];
    an_error_that_is_no_response: "
        struct NoResponse;
        async fn lookup(_: axum::extract::Path<u64>) -> Result<Validators, NoResponse> { Err(NoResponse) }
        fn mistake() { validators_from_fn(lookup); }
    " => ["or a `Result` of that whose error is `IntoResponse`"];
    a_closure_that_returns_text: "
        fn mistake() { PreconditionLayer::new(|_: &Parts| async { String::new() }); }
    " => [
        "a look-up cannot give `String`",
        "give a `Validators`, an `Option<Validators>` or a `Representation`, or a `Result` of one of them"
    ];
    a_closure_that_is_not_async: "
        fn mistake() { PreconditionLayer::new(|_: &Parts| Validators::new()); }
    " => ["is not a future", "ValidatorSource"];
    a_closure_whose_argument_has_no_type: "
        fn mistake() {
            PreconditionLayer::new(|head| { let at = head.uri.clone(); async move { Validators::new() } });
        }
    " => ["E0282", "|head"];
    validators_in_place_of_a_source: "
        fn mistake() { PreconditionLayer::new(Validators::new()); }
    " => [
        "cannot look validators up",
        "a closure must write its argument's type, `|head: &http::request::Parts|`",
        "becomes a source through `validators_from_fn`"
    ];
    a_policy_that_is_none: "
        fn mistake() { PreconditionLayer::new(|_: &Parts| async { Validators::new() }).require(true); }
    " => [
        "`bool` does not say what a request must carry",
        "neither a `Requirement` nor a closure that gives one"
    ];
    a_responder_that_is_none: "
        fn mistake() {
            PreconditionLayer::new(|_: &Parts| async { Validators::new() }).with_rejection_response(\"no\");
        }
    " => ["cannot render a rejection", "return an `http::Response` whose body is `Into<Bytes>`"];
    an_attachment_that_is_not_clone: "
        struct Row;
        fn mistake() { Representation::absent().with_attached(Row); }
    " => ["E0277", "the trait bound `Row: Clone` is not satisfied", "Representation::with_attached"];
    a_guard_that_is_not_send: "
        fn mistake() { Representation::absent().with_guard(std::rc::Rc::new(1)); }
    " => ["E0277", "cannot be sent between threads safely", "Representation::with_guard"];
    a_key_that_borrows_from_the_head: "
        fn mistake() { SerializedWrites::by(|head: &Parts| head.uri.path()); }
    " => ["lifetime may not live long enough"];
    a_key_that_cannot_be_compared: "
        fn mistake() { SerializedWrites::by(|_: &Parts| 1.5_f64); }
    " => ["E0277", "the trait bound `f64: Eq` is not satisfied", "SerializedWrites::by"];
}
