use http::HeaderValue;

/// Puts another text into a line, which stays as secret as it was.
pub(crate) fn replace_line(line: &mut HeaderValue, mut text: HeaderValue) {
    text.set_sensitive(line.is_sensitive());
    *line = text;
}
