/// One change to the library that a test must notice.
pub(crate) struct Mutant {
    /// From 1, in the order of the list.
    pub(crate) number: usize,
    pub(crate) name: String,
    /// The rule or decision that the change breaks, such as `rule 13`.
    pub(crate) breaks: String,
    /// The path below `src`.
    pub(crate) file: String,
    pub(crate) original: String,
    pub(crate) mutated: String,
    /// The reason why no test can notice the change, if none can.
    pub(crate) survives: Option<String>,
}

/// Reads the list; `main.rs` describes its form.
pub(crate) fn parse(list: &str) -> Result<Vec<Mutant>, String> {
    let mut mutants: Vec<Mutant> = Vec::new();
    let mut file = None;
    for (number, line) in (1..).zip(list.lines()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let problem = |problem: &str| format!("list.txt, line {number}: {problem}");
        match (word, mutants.last_mut()) {
            ("", _) | ("#", _) => {}
            ("file", _) => file = Some(rest.to_owned()),
            ("mutant", _) => {
                let (name, breaks) = rest.split_once(", ").ok_or_else(|| problem("expected NAME, RULE"))?;
                if mutants.iter().any(|mutant| mutant.name == name) {
                    return Err(problem(&format!("{name} stands here twice")));
                }
                mutants.push(Mutant {
                    number: mutants.len() + 1,
                    name: name.to_owned(),
                    breaks: breaks.to_owned(),
                    file: file.clone().ok_or_else(|| problem("expected a file before the first mutant"))?,
                    original: String::new(),
                    mutated: String::new(),
                    survives: None,
                });
            }
            ("-", Some(mutant)) => push_line(&mut mutant.original, rest),
            ("+", Some(mutant)) => push_line(&mut mutant.mutated, rest),
            ("survives", Some(mutant)) => mutant.survives = Some(rest.to_owned()),
            _ => return Err(problem("expected file, mutant, `-`, `+` or survives")),
        }
    }
    Ok(mutants)
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_mutant_has_the_file_above_it_and_all_its_lines() {
        let list = "# a comment\nfile a.rs\n\nmutant b, rule 1\n- c\n- d\n+ e\nsurvives f g\n";
        let mutants = parse(list).expect("a list");
        let [mutant] = mutants.as_slice() else { panic!("one mutant") };
        assert_eq!((mutant.number, mutant.name.as_str(), mutant.breaks.as_str()), (1, "b", "rule 1"));
        assert_eq!((mutant.file.as_str(), mutant.original.as_str()), ("a.rs", "c\nd"));
        assert_eq!((mutant.mutated.as_str(), mutant.survives.as_deref()), ("e", Some("f g")));
    }

    #[test]
    fn an_error_names_its_line() {
        let error = parse("file a.rs\nmutant b, rule 1\nmutant b, rule 2\n").err();
        assert_eq!(error.as_deref(), Some("list.txt, line 3: b stands here twice"));
        let error = parse("file a.rs\nnonsense\n").err();
        assert_eq!(error.as_deref(), Some("list.txt, line 2: expected file, mutant, `-`, `+` or survives"));
    }
}
