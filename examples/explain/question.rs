use std::fmt::Display;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_precondition::{Condition, EntityTag, TagComparison, Validators};

/// A request and the current state.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) current: Option<Validators>,
    /// The tokens of the locks that cover the resource, for WebDAV's `If`.
    pub(crate) locks: Vec<String>,
    pub(crate) comparison: TagComparison,
}

impl Question {
    /// Reads the arguments. An error names the wrong one.
    pub(crate) fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let method = arguments.next().ok_or("expected a method, such as PUT")?;
        let method =
            method.parse().map_err(|_| format!("expected a method, such as PUT, found `{method}`"))?;

        let mut headers = HeaderMap::new();
        let mut validators = Validators::new();
        let mut absent = false;
        let mut locks = Vec::new();
        let mut comparison = TagComparison::new();
        let mut suffixes = Vec::new();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("expected a value after {argument}"));
            match argument.as_str() {
                "--etag" => {
                    let etag = value()?;
                    validators = validators.with_etag(etag.parse().map_err(|error| wrong(&etag, error))?);
                }
                "--last-modified" => {
                    let date = value()?;
                    let date = date.parse().map_err(|error| wrong(&date, error))?;
                    validators = validators.with_last_modified(date);
                }
                "--other-etag" => {
                    let etag = value()?;
                    validators =
                        validators.with_other_etags([etag.parse().map_err(|error| wrong(&etag, error))?]);
                }
                "--absent" => absent = true,
                "--lock" => locks.push(value()?),
                "--weak-by-protocol" => comparison = comparison.weak_by_protocol(),
                "--weakened-by-proxy" => comparison = comparison.weakened_by_proxy(),
                "--suffixed-by-proxy" => suffixes.push(suffix(value()?)?),
                option if option.starts_with('-') => return Err(format!("no such option: {option}")),
                line => {
                    let (name, value) = field(line)?;
                    headers.append(name, value);
                }
            }
        }
        let comparison = comparison.suffixed_by_proxy(suffixes);
        if !absent {
            return Ok(Self { method, headers, current: Some(validators), locks, comparison });
        }
        match (validators.etag(), validators.last_modified()) {
            (None, None) => Ok(Self { method, headers, current: None, locks, comparison }),
            _ => Err("--absent: what does not exist has neither tag nor date".to_owned()),
        }
    }
}

/// Checks what `TagComparison::suffixed_by_proxy` would panic about.
fn suffix(text: String) -> Result<String, String> {
    let begins_well = text.bytes().next().is_some_and(|first| !first.is_ascii_alphanumeric());
    match begins_well && !text.contains("identity") && EntityTag::strong(&text).is_ok() {
        true => Ok(text),
        false => Err(wrong(&text, "expected a suffix such as -gzip")),
    }
}

/// Reads a line of a conditional field, of WebDAV's `If` or of Range. Any other field is an error, because it is likely a typo.
fn field(line: &str) -> Result<(HeaderName, HeaderValue), String> {
    let expected = || format!("expected a line such as `If-Match: \"1\"`, found `{line}`");
    let (name, value) = line.split_once(':').ok_or_else(expected)?;
    let parsed: HeaderName = name.parse().map_err(|_| expected())?;
    let conditional = Condition::ALL.iter().any(|condition| condition.field() == parsed);
    if !conditional && parsed != header::RANGE && parsed != "if" {
        let names = Condition::ALL.map(|condition| condition.to_string()).join(", ");
        return Err(format!("expected one of {names}, If and Range, found `{name}`"));
    }
    let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|error| wrong(line, error))?;
    Ok((parsed, value))
}

fn wrong(argument: &str, error: impl Display) -> String {
    format!("`{argument}`: {error}")
}
