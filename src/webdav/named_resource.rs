use http::{Uri, header, request::Parts};

/// The resource that a list of `If` is about, as this server sees it.
///
/// ```
/// use http::Request;
/// use tower_precondition::webdav::NamedResource;
///
/// let head = Request::put("/a").header("host", "example.com").body(()).unwrap().into_parts().0;
/// assert_eq!(NamedResource::of(None, &head), NamedResource::Target);
/// assert_eq!(NamedResource::of(Some("https://example.com/a"), &head), NamedResource::Target);
/// assert_eq!(NamedResource::of(Some("/b?c"), &head), NamedResource::Path("/b?c"));
/// assert_eq!(NamedResource::of(Some("http://other.example/b"), &head), NamedResource::Elsewhere);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamedResource<'a> {
    /// The request's target.
    Target,
    /// Another path of this server, with its query, as it was sent.
    Path(&'a str),
    /// A URL of another server, or none of HTTP. It counts as unmapped, and is never looked up.
    Elsewhere,
}

impl<'a> NamedResource<'a> {
    /// Resolves a resource tag against a request's head.
    ///
    /// Host and port are compared with the request's own. The scheme is not, because a proxy in front may end TLS.
    /// Paths are compared as they are sent.
    #[must_use]
    pub fn of(tag: Option<&'a str>, head: &Parts) -> Self {
        let Some(tag) = tag else { return Self::Target };
        let path = match tag.starts_with('/') {
            true => tag,
            false => match path_here(tag, head) {
                Some(path) => path,
                None => return Self::Elsewhere,
            },
        };
        match path == target(&head.uri) {
            true => Self::Target,
            false => Self::Path(path),
        }
    }
}

fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |target| target.as_str())
}

/// Returns the path of an absolute URI, if it is one of this server.
fn path_here<'a>(tag: &'a str, head: &Parts) -> Option<&'a str> {
    let (scheme, rest) = tag.split_once("://")?;
    let default_port = match scheme {
        _ if scheme.eq_ignore_ascii_case("http") => "80",
        _ if scheme.eq_ignore_ascii_case("https") => "443",
        _ => return None,
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (host, port) = host_and_port(authority);
    let (own_host, own_port) = host_and_port(own_authority(head)?);
    let named_port = port.unwrap_or(default_port);
    // Without a port in Host, it is the default of the client's scheme, which only the client knows.
    let same_port = own_port.unwrap_or(default_port) == named_port;
    match host.eq_ignore_ascii_case(own_host) && same_port {
        false => None,
        // A query without a path has a target that starts with `/`; no server gives it a state of its own.
        true if path.starts_with('?') => None,
        true if path.is_empty() => Some("/"),
        true => Some(path),
    }
}

/// The authority of an HTTP/2 request or of an absolute target comes before Host (RFC 9112 §3.2.2).
fn own_authority(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => head.headers.get(header::HOST)?.to_str().ok().map(str::trim),
    }
}

/// Splits a port off. An empty port is none (RFC 3986 §3.2.3).
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand inside brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port).filter(|port| !port.is_empty())),
        _ => (authority, None),
    }
}
