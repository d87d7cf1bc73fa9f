use std::str::FromStr;

use http::{
    HeaderMap, HeaderValue, Uri,
    header::{self, HeaderName},
    uri::InvalidUri,
};

/// The resource to read and write, and the header fields of every request to it.
///
/// ```
/// use http::{HeaderValue, header};
/// use tower_precondition::client::Target;
///
/// let plan: Target = "https://example.org/documents/plan".parse()?;
/// let plan = plan.with_header(header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
/// assert!(!format!("{plan:?}").contains("secret"));
/// # Ok::<(), http::uri::InvalidUri>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Target {
    uri: Uri,
    headers: HeaderMap,
}

impl Target {
    /// Names a resource by its URI.
    pub fn new(uri: Uri) -> Self {
        Self { uri, headers: HeaderMap::new() }
    }

    /// Sets a header field of every request, such as Authorization or Accept.
    ///
    /// The client drops the fields that it sets itself: conditional fields, Range, Content-Digest and the field of
    /// the write id.
    pub fn with_header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        if [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION].contains(&name) {
            value.set_sensitive(true);
        }
        self.headers.insert(name, value);
        self
    }

    /// Returns the URI.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl From<Uri> for Target {
    fn from(uri: Uri) -> Self {
        Self::new(uri)
    }
}

impl FromStr for Target {
    type Err = InvalidUri;

    fn from_str(uri: &str) -> Result<Self, Self::Err> {
        uri.parse().map(Self::new)
    }
}
