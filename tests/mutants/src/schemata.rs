//! Puts all mutants of a file into one source text, each behind a check whether it is on.

use std::{collections::BTreeMap, fmt::Write, ops::Range};

use crate::list::Mutant;

/// Stands for the check in a mutated text that replaces its original as it stands.
const QUESTION: &str = "MUTANT";

/// The function behind every check. It is appended to `lib.rs`.
const ANSWER: &str = r#"
pub(crate) fn mutant(number: usize) -> bool {
    static ON: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let read = || std::env::var("MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0);
    *ON.get_or_init(read) == number
}
"#;

/// Rewrites the sources that mutants change. The error names the mutants that do not fit.
pub(crate) fn rewrite(
    mutants: &[Mutant],
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let mut by_file = BTreeMap::<&str, Vec<&Mutant>>::from([("lib.rs", Vec::new())]);
    for mutant in mutants {
        by_file.entry(&mutant.file).or_default().push(mutant);
    }
    let mut files = BTreeMap::new();
    let mut problems = String::new();
    for (file, mutants) in by_file {
        let source = match read(file) {
            Ok(source) => source,
            Err(problem) => {
                let names: Vec<_> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
                let _ = writeln!(problems, "{problem}, for {}", names.join(", "));
                continue;
            }
        };
        match places(&source, &mutants).and_then(|places| render(&source, 0..source.len(), &places)) {
            Ok(mut text) => {
                if file == "lib.rs" {
                    text.push_str(ANSWER);
                }
                files.insert(file.to_owned(), text);
            }
            Err(problem) => problems.push_str(&problem),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// A stretch of the source, and the mutants that change it.
struct Place<'a> {
    range: Range<usize>,
    mutants: Vec<&'a Mutant>,
}

/// Finds the place of each mutant. A place comes before the places inside it.
fn places<'a>(source: &str, mutants: &[&'a Mutant]) -> Result<Vec<Place<'a>>, String> {
    let dense = Dense::of_source(source);
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut problems = String::new();
    for mutant in mutants {
        let found = dense.find(source, &Dense::of(&mutant.original));
        let [range] = found.as_slice() else {
            let (name, file, times) = (&mutant.name, &mutant.file, found.len());
            let _ = writeln!(problems, "{name}: src/{file} has its original text {times} times, not once");
            continue;
        };
        match places.iter_mut().find(|place| place.range == *range) {
            Some(place) => place.mutants.push(mutant),
            None => places.push(Place { range: range.clone(), mutants: vec![mutant] }),
        }
    }
    places.sort_by_key(|place| (place.range.start, usize::MAX - place.range.end));
    if problems.is_empty() { Ok(places) } else { Err(problems) }
}

/// Returns the source within `range`, with the places inside it rewritten.
fn render(source: &str, range: Range<usize>, mut places: &[Place<'_>]) -> Result<String, String> {
    let mut text = String::new();
    let mut at = range.start;
    while let [place, rest @ ..] = places {
        let inside = rest.iter().take_while(|inner| inner.range.start < place.range.end).count();
        let (inner, rest) = rest.split_at(inside);
        let straddles = inner.iter().any(|inner| inner.range.end > place.range.end);
        let replaces = place.mutants.iter().any(|mutant| mutant.mutated.contains(QUESTION));
        if straddles || replaces && (place.mutants.len() > 1 || !inner.is_empty()) {
            let names = [place].into_iter().chain(inner).flat_map(|place| &place.mutants);
            let names: Vec<_> = names.map(|mutant| mutant.name.as_str()).collect();
            return Err(format!("these mutants overlap: {}\n", names.join(", ")));
        }
        text.push_str(between(source, at..place.range.start));
        let original = render(source, place.range.clone(), inner)?;
        text.push_str(&choice(&place.mutants, &original));
        at = place.range.end;
        places = rest;
    }
    text.push_str(between(source, at..range.end));
    Ok(text)
}

fn between(source: &str, range: Range<usize>) -> &str {
    source.get(range).unwrap_or_default()
}

/// Returns a text that chooses between the mutated texts and the original.
fn choice(mutants: &[&Mutant], original: &str) -> String {
    let mut text = String::new();
    for mutant in mutants {
        let question = format!("crate::mutant({})", mutant.number);
        if mutant.mutated.contains(QUESTION) {
            return mutant.mutated.replace(QUESTION, &question);
        }
        let _ = write!(text, "if {question} {{ {} }} else ", mutant.mutated);
    }
    let is_statement = original.ends_with(';') || mutants.iter().any(|mutant| mutant.mutated.is_empty());
    if is_statement { format!("{text}{{ {original} }}") } else { format!("({text}{{ {original} }})") }
}

/// A text without white space and without commas before a closing bracket: a formatter may change both.
struct Dense {
    bytes: Vec<u8>,
    /// The place of each byte in the text.
    places: Vec<usize>,
}

impl Dense {
    fn of(text: &str) -> Self {
        let mut dense = Self { bytes: Vec::new(), places: Vec::new() };
        for (place, byte) in text.bytes().enumerate() {
            dense.push(place, byte);
        }
        dense
    }

    /// Leaves out comment lines and unit tests too.
    fn of_source(source: &str) -> Self {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let mut dense = Self { bytes: Vec::new(), places: Vec::new() };
        let mut start = 0;
        for line in code.split_inclusive('\n') {
            if !line.trim_start().starts_with("//") {
                for (place, byte) in (start..).zip(line.bytes()) {
                    dense.push(place, byte);
                }
            }
            start += line.len();
        }
        dense
    }

    fn push(&mut self, place: usize, byte: u8) {
        if byte.is_ascii_whitespace() {
            return;
        }
        if matches!(byte, b')' | b']' | b'}') && self.bytes.last() == Some(&b',') {
            self.bytes.pop();
            self.places.pop();
        }
        self.bytes.push(byte);
        self.places.push(place);
    }

    /// Returns where `needle` stands in the source that `self` was made of.
    fn find(&self, source: &str, needle: &Self) -> Vec<Range<usize>> {
        let length = needle.bytes.len();
        if length == 0 {
            return Vec::new();
        }
        let windows = self.bytes.windows(length).zip(self.places.windows(length));
        let hits = windows.filter(|(bytes, _)| *bytes == needle.bytes.as_slice());
        let ranges = hits.filter_map(|(_, places)| Some(*places.first()?..*places.last()? + 1));
        ranges.filter(|range| !cuts_a_word(source, range)).collect()
    }
}

/// Returns whether the range begins or ends in the middle of a name.
fn cuts_a_word(source: &str, range: &Range<usize>) -> bool {
    let bytes = source.as_bytes();
    let is_word = |place: Option<usize>| {
        place
            .and_then(|place| bytes.get(place))
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let begins = is_word(range.start.checked_sub(1)) && is_word(Some(range.start));
    let ends = is_word(range.end.checked_sub(1)) && is_word(Some(range.end));
    begins || ends
}

#[cfg(test)]
mod tests {
    use super::rewrite;
    use crate::list::parse;

    /// Returns the source `a.rs` with these mutants in it.
    fn rewritten(source: &str, list: &str) -> Result<String, String> {
        let mutants = parse(&format!("file a.rs\n{list}")).expect("a list");
        let read = |file: &str| Ok(if file == "a.rs" { source.to_owned() } else { String::new() });
        rewrite(&mutants, read).map(|mut files| files.remove("a.rs").expect("the file has mutants"))
    }

    macro_rules! rewrites {
        ($($name:ident: $source:literal, $list:literal => $text:literal;)*) => {$(
            #[test]
            fn $name() {
                assert_eq!(rewritten($source, $list).as_deref(), Ok($text));
            }
        )*};
    }

    rewrites! {
        an_expression_is_wrapped: "f(a <= b)", "mutant m, rule 1\n- a <= b\n+ a < b\n"
            => "f((if crate::mutant(1) { a < b } else { a <= b }))";
        a_statement_is_a_block: "a(); b();", "mutant m, rule 1\n- b();\n+\n"
            => "a(); if crate::mutant(1) {  } else { b(); }";
        a_block_is_removed: "if a { b() }\nc();", "mutant m, rule 1\n- if a { b() }\n+\n"
            => "if crate::mutant(1) {  } else { if a { b() } }\nc();";
        two_of_one_text_are_a_chain: "a", "mutant m, rule 1\n- a\n+ b\nmutant n, rule 1\n- a\n+ c\n"
            => "(if crate::mutant(1) { b } else if crate::mutant(2) { c } else { a })";
        one_within_another: "f(a)", "mutant m, rule 1\n- a\n+ b\nmutant n, rule 1\n- f(a)\n+ c\n"
            => "(if crate::mutant(2) { c } else { f((if crate::mutant(1) { b } else { a })) })";
        an_arm_is_replaced: "A => b,", "mutant m, rule 1\n- A =>\n+ A if !MUTANT =>\n"
            => "A if !crate::mutant(1) => b,";
        the_form_does_not_matter: "f(\n    a,\n    // why\n    b,\n)", "mutant m, rule 1\n- f(a, b)\n+ c\n"
            => "(if crate::mutant(1) { c } else { f(\n    a,\n    // why\n    b,\n) })";
        a_name_is_not_cut: "ab b", "mutant m, rule 1\n- b\n+ c\n"
            => "ab (if crate::mutant(1) { c } else { b })";
        comments_and_tests_are_not_searched: "// a\na\n#[cfg(test)] a", "mutant m, rule 1\n- a\n+ b\n"
            => "// a\n(if crate::mutant(1) { b } else { a })\n#[cfg(test)] a";
    }

    #[test]
    fn a_text_that_is_not_there_once_is_named() {
        let error = rewritten("a a", "mutant m, rule 1\n- a\n+ b\nmutant n, rule 1\n- c\n+ d\n");
        let m = "m: src/a.rs has its original text 2 times, not once\n";
        let n = "n: src/a.rs has its original text 0 times, not once\n";
        assert_eq!(error, Err(format!("{m}{n}")));
    }

    #[test]
    fn texts_that_overlap_are_named() {
        let error =
            rewritten("a + b + c", "mutant m, rule 1\n- a + b\n+ a\nmutant n, rule 1\n- b + c\n+ c\n");
        assert_eq!(error, Err("these mutants overlap: m, n\n".to_owned()));
    }
}
