use axum::http::{StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The decoded path of a resource: each segment behind a slash, and no slash at the end. The root is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(String);

impl Path {
    /// Decodes the path of a URI. Two spellings of one path are one resource.
    pub(crate) fn of(uri: &Uri) -> Result<Self, StatusCode> {
        let mut path = String::new();
        for segment in uri.path().split('/').filter(|segment| !segment.is_empty()) {
            let segment = percent_decode_str(segment).decode_utf8().map_err(|_| StatusCode::BAD_REQUEST)?;
            if matches!(&*segment, "." | "..") || segment.contains('/') || segment.contains(char::is_control)
            {
                return Err(StatusCode::BAD_REQUEST);
            }
            path.push('/');
            path.push_str(&segment);
        }
        Ok(Self(path))
    }

    /// The collection that it is a member of. The root has none.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// Returns whether the other one lies below this one, at any depth.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Puts what lies at or below `from` at the same place at or below `to`.
    pub(crate) fn moved(&self, from: &Self, to: &Self) -> Self {
        Self(format!("{}{}", to.0, self.0.strip_prefix(&from.0).unwrap_or_default()))
    }

    /// The path as a client may send it. Collections end with a slash (RFC 4918 §5.2).
    pub(crate) fn href(&self, is_collection: bool) -> String {
        const ESCAPED: &AsciiSet = &CONTROLS
            .add(b' ')
            .add(b'"')
            .add(b'#')
            .add(b'%')
            .add(b'<')
            .add(b'>')
            .add(b'?')
            .add(b'[')
            .add(b']')
            .add(b'\\')
            .add(b'^')
            .add(b'`')
            .add(b'{')
            .add(b'|')
            .add(b'}')
            .add(b'&');
        let slash = if is_collection { "/" } else { "" };
        format!("{}{slash}", utf8_percent_encode(&self.0, ESCAPED))
    }
}
