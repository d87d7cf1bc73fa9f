//! The rooms of `src/` have one way down: a room imports only rooms below it, and by the room's name.

use std::{fs, path::Path};

/// The rooms from the top down. Rooms on one line do not import each other.
const ROOMS: [&[&str]; 10] = [
    &["lib"],
    &["openapi", "testing"],
    &["layer", "axum", "client"],
    &["response", "source"],
    &["decision"],
    &["representation", "coding"],
    &["precondition", "content_tag", "webdav"],
    &["validator"],
    &["error", "lists", "close_unread", "lingering_close"],
    &["guide", "header_map"],
];

#[test]
fn every_import_goes_down_and_names_a_room() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (room, file, text) in files(&source) {
        let from = level(&room).unwrap_or_else(|| panic!("ROOMS does not list `{room}`, the room of {file}"));
        for name in rooms_named_in(&text) {
            match level(&name) {
                _ if name == room => {}
                Some(to) if to > from => {}
                Some(_) => wrong.push(format!("{file}: `{room}` imports `{name}`, which is not below it")),
                None => wrong.push(format!("{file}: `crate::{name}` is no room")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// Every file below `folder` with its room. The face of the crate, lib.rs, imports nothing.
fn files(folder: &Path) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder can be listed") {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.strip_prefix(folder).expect("it is below").to_str().expect("a name").to_owned();
            let room = file.split('/').next().expect("a first part").trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(path).expect("a source file is readable text");
            found.push((room, file, text));
        }
    }
    assert!(found.len() > ROOMS.len(), "the rooms were not found");
    found
}

/// The names behind `crate::` in code, those of `use crate::{..}` included. Comments do not count: docs link to
/// public names.
fn rooms_named_in(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for (start, found) in code.match_indices("crate::") {
        let rest = &code[start + found.len()..];
        match rest.strip_prefix('{') {
            Some(tree) => names.extend(first_names(tree)),
            None => names.push(name(rest)),
        }
    }
    names
}

/// The first name of each member of an import tree, up to its closing brace.
fn first_names(tree: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut at_start = true;
    for (index, letter) in tree.char_indices() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if at_start && !letter.is_whitespace() => {
                names.push(name(&tree[index..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn imports_are_read_as_they_are_written() {
    let text =
        "use crate::{\n    a::{B, c::D},\n    e::F,\n};\n// crate::g\nlet x = crate::h::i();\nuse crate::J;";
    assert_eq!(rooms_named_in(text), ["a", "e", "h", "J"]);
}
