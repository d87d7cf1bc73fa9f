//! RFC 4918 §10.4 read a second time: words first, then lists of words, then truth.

use crate::Tag;

/// A list, with the resource tag above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfList {
    /// The resource tag. Without one, the list is about the request's target.
    pub resource: Option<String>,
    /// Each condition, and whether `Not` stands in front of it.
    pub conditions: Vec<(bool, Named)>,
}

/// What a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A state token, without its brackets.
    Token(String),
    /// An entity tag as it was sent, without its brackets.
    Tag(Vec<u8>),
}

/// The state of a resource.
#[derive(Clone, Debug, Default)]
pub struct DavState {
    /// The tokens of the locks in whose scope it is.
    pub tokens: Vec<String>,
    /// Its entity tag.
    pub tag: Option<Tag>,
}

#[derive(Debug, PartialEq)]
enum Word {
    Open,
    Close,
    Not,
    Angle(Vec<u8>),
    Square(Vec<u8>),
}

/// Reads the lines of the field, or returns `None` if it is malformed.
pub fn read_if(lines: &[Vec<u8>]) -> Option<Vec<IfList>> {
    let [line] = lines else { return None };
    let words = words(line)?;
    let mut lists: Vec<IfList> = Vec::new();
    let mut resource = None;
    let mut used = true;
    let mut open: Option<(Vec<(bool, Named)>, bool)> = None;
    for word in words {
        open = match (open, word) {
            (None, Word::Open) => Some((Vec::new(), false)),
            (None, Word::Angle(text)) => {
                // A tag comes first of all, or behind a list that has one; and it needs a list.
                let mixed = lists.iter().any(|list| list.resource.is_none());
                if mixed || !used || !is_reference(&text) {
                    return None;
                }
                resource = Some(String::from_utf8(text).ok()?);
                used = false;
                None
            }
            (Some((conditions, negated)), Word::Not) if !negated => Some((conditions, true)),
            (Some((mut conditions, negated)), Word::Angle(text)) => {
                if !is_absolute_uri(&text) {
                    return None;
                }
                conditions.push((negated, Named::Token(String::from_utf8(text).ok()?)));
                Some((conditions, false))
            }
            (Some((mut conditions, negated)), Word::Square(tag)) => {
                conditions.push((negated, Named::Tag(tag)));
                Some((conditions, false))
            }
            (Some((conditions, false)), Word::Close) if !conditions.is_empty() => {
                lists.push(IfList { resource: resource.clone(), conditions });
                used = true;
                None
            }
            _ => return None,
        };
    }
    (open.is_none() && used && !lists.is_empty()).then_some(lists)
}

fn words(line: &[u8]) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = line.to_vec();
    while !rest.is_empty() {
        let length = match rest[0] {
            b' ' | b'\t' => {
                rest.remove(0);
                continue;
            }
            b'(' => {
                words.push(Word::Open);
                1
            }
            b')' => {
                words.push(Word::Close);
                1
            }
            b'<' => {
                let end = rest.iter().position(|&byte| byte == b'>')?;
                words.push(Word::Angle(rest[1..end].to_vec()));
                end + 1
            }
            b'[' => {
                let tag = &rest[1..];
                let quoted = tag.strip_prefix(b"W/").unwrap_or(tag).strip_prefix(b"\"")?;
                let inner = quoted.iter().position(|&byte| byte == b'"')?;
                let end = tag.len() - quoted.len() + inner + 1;
                if tag.get(end) != Some(&b']') {
                    return None;
                }
                words.push(Word::Square(tag[..end].to_vec()));
                end + 2
            }
            _ => {
                if !rest.get(..3)?.eq_ignore_ascii_case(b"not") {
                    return None;
                }
                words.push(Word::Not);
                3
            }
        };
        rest.drain(..length);
    }
    Some(words)
}

fn is_absolute_uri(text: &[u8]) -> bool {
    let Some(colon) = text.iter().position(|&byte| byte == b':') else { return false };
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let is_scheme = !scheme.is_empty()
        && scheme[0].is_ascii_alphabetic()
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    let path = match rest.strip_prefix(b"//") {
        None => rest.to_vec(),
        // Brackets around an address are of the authority alone.
        Some(hier) => {
            let end = hier.iter().position(|&byte| byte == b'/' || byte == b'?').unwrap_or(hier.len());
            let (authority, path) = hier.split_at(end);
            let dotted = authority.iter().map(|byte| if b"[]".contains(byte) { b'.' } else { *byte });
            dotted.chain(path.iter().copied()).collect()
        }
    };
    is_scheme && is_path(&path)
}

fn is_reference(text: &[u8]) -> bool {
    match text.first() {
        Some(b'/') => text.get(1) != Some(&b'/') && is_path(text),
        _ => is_absolute_uri(text),
    }
}

fn is_path(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'%' {
            let digits = text.get(at + 1..at + 3);
            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                return false;
            }
        } else if !text[at].is_ascii_alphanumeric() && !b"-._~!$&'()*+,;=:@/?".contains(&text[at]) {
            return false;
        }
        at += 1;
    }
    true
}

/// Writes the lists as a client could send them.
pub fn print_if(lists: &[IfList]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut above = None;
    for list in lists {
        if let Some(resource) = list.resource.as_ref().filter(|resource| above != Some(*resource)) {
            text.extend_from_slice(format!("<{resource}>").as_bytes());
        }
        above = list.resource.as_ref();
        text.push(b'(');
        for (negated, named) in &list.conditions {
            if *negated {
                text.extend_from_slice(b"Not ");
            }
            match named {
                Named::Token(token) => text.extend_from_slice(format!("<{token}>").as_bytes()),
                Named::Tag(tag) => {
                    text.push(b'[');
                    text.extend_from_slice(tag);
                    text.push(b']');
                }
            }
        }
        text.push(b')');
    }
    text
}

/// The truth of the field, and whether a list that holds names a state. Rules 70, 72 and 73.
pub fn evaluate_if(lists: &[IfList], state_of: &dyn Fn(Option<&str>) -> Option<DavState>) -> (bool, bool) {
    let mut truth = (false, false);
    for list in lists {
        let state = state_of(list.resource.as_deref()).unwrap_or_default();
        let holds = list.conditions.iter().all(|(negated, named)| {
            let has = match named {
                Named::Token(token) => token != "DAV:no-lock" && state.tokens.contains(token),
                Named::Tag(tag) => match (Tag::parse(tag), &state.tag) {
                    (Some(named), Some(current)) => named.weak_match(current),
                    _ => false,
                },
            };
            has != *negated
        });
        if holds {
            truth.0 = true;
            truth.1 |= list.conditions.iter().any(|(negated, _)| !negated);
        }
    }
    truth
}
