//! Prints how many tests of this package were left out. It has no harness, so that cargo shows what it prints.

fn main() {
    what_was_left_out::report(
        env!("CARGO_TARGET_TMPDIR"),
        "databases that fail, a browser, nginx and Apache",
    );
}
