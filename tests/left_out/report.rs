//! Prints how many tests were left out, and how to have them. It has no harness, so that cargo shows what it prints.

use std::path::Path;

fn main() {
    let counts =
        what_was_left_out::take(Path::new(env!("CARGO_TARGET_TMPDIR"))).expect("the notes can be read");
    let total: usize = counts.values().sum();
    println!("left out because a program is not installed: {total} tests");
    for (program, count) in counts {
        println!("    {count:4} need {program}");
    }
    println!(
        "not part of this command: databases that fail, a browser, other clients, nginx and Apache; see README.md, \
         \"Tests\""
    );
}
