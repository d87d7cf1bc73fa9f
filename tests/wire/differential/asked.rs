//! A request, and the answer to one.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::Full;

/// A request in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: &'static str,
    pub(super) fields: Vec<(&'static str, String)>,
}

/// An answer as a client gets it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) content: Bytes,
    /// Whether the body says that its length is exactly zero; Axum then adds `Content-Length: 0`.
    pub(super) says_empty: bool,
}

impl Asked {
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(field, _)| *field == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| *field == name)
    }

    pub(super) fn reads(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "QUERY")
    }

    /// Neither selects nor changes a representation (rule 4).
    pub(super) fn is_unconditional_by_method(&self) -> bool {
        matches!(self.method, "OPTIONS" | "TRACE")
    }

    pub(super) fn may_change_state(&self) -> bool {
        !self.reads() && !self.is_unconditional_by_method()
    }

    /// The same request with another method.
    pub(super) fn by(&self, method: &'static str) -> Self {
        Self { method, fields: self.fields.clone() }
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.fields {
            let value = HeaderValue::from_str(value).expect("the generator writes visible ASCII");
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    pub(super) fn to_request(&self) -> Request<Full<Bytes>> {
        let content = if self.may_change_state() { "new" } else { "" };
        let mut request = Request::new(Full::from(content));
        *request.method_mut() = self.method.parse().expect("a token");
        *request.uri_mut() = http::Uri::from_static("/document");
        *request.headers_mut() = self.headers();
        request
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} /document", self.method)?;
        self.fields.iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}

impl Told {
    /// All lines of a field, joined as §5.3 says.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        joined(&self.headers, name)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        let shown = &self.content[..self.content.len().min(60)];
        writeln!(f, "({} bytes) {:?}", self.content.len(), String::from_utf8_lossy(shown))
    }
}

/// All lines of a field, joined as §5.3 says.
pub(super) fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// The members of a list field in small letters, sorted, each of them once. `*` stands alone.
pub(super) fn members(list: Option<&str>) -> Vec<String> {
    let members = list.unwrap_or_default().split(',').map(|member| member.trim().to_ascii_lowercase());
    let mut members: Vec<_> = members.filter(|member| !member.is_empty()).collect();
    members.sort();
    members.dedup();
    if members.iter().any(|member| member == "*") { vec![String::from("*")] } else { members }
}
