//! Prints how many tests were left out, and how to have them. It has no harness, so that cargo shows what it prints.

fn main() {
    what_was_left_out::report(
        env!("CARGO_TARGET_TMPDIR"),
        "the application documents, other clients, nginx and Apache",
    );
}
