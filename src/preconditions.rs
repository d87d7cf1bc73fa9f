use http::{HeaderMap, HeaderValue, header};

use crate::{
    Condition, HttpDate, InvalidHttpDate, MalformedField, TagList,
    entity_tag::{TagRef, scan},
    tag_list::FieldLines,
};

/// The conditional fields of one request, every line of them.
///
/// Borrows the request's header map, which is walked once. The fields are read
/// where [`evaluate`](crate::evaluate) needs them, and nothing is allocated.
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tower_precondition::{Condition, Preconditions};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(header::HOST, HeaderValue::from_static("example.com"));
/// assert!(Preconditions::from_headers(&headers).is_empty());
///
/// headers.insert(header::IF_MATCH, HeaderValue::from_static("\"a\""));
/// let preconditions = Preconditions::from_headers(&headers);
/// assert!(preconditions.contains(Condition::IfMatch));
/// assert!(preconditions.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Preconditions<'a> {
    if_match: Option<FieldLines<'a>>,
    if_none_match: Option<FieldLines<'a>>,
    if_modified_since: Option<FieldLines<'a>>,
    if_unmodified_since: Option<FieldLines<'a>>,
    if_range: Option<FieldLines<'a>>,
    range: bool,
    now: Option<HttpDate>,
}

impl<'a> Preconditions<'a> {
    /// Finds the conditional fields of a request.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, Preconditions};
    /// let headers = HeaderMap::from_iter([(header::IF_RANGE, HeaderValue::from_static("\"a\""))]);
    /// assert!(Preconditions::from_headers(&headers).contains(Condition::IfRange));
    /// ```
    #[must_use]
    pub fn from_headers(headers: &'a HeaderMap) -> Self {
        let mut found = Self {
            if_match: None,
            if_none_match: None,
            if_modified_since: None,
            if_unmodified_since: None,
            if_range: None,
            range: false,
            now: None,
        };
        for (name, line) in headers {
            let field = if *name == header::IF_MATCH {
                &mut found.if_match
            } else if *name == header::IF_NONE_MATCH {
                &mut found.if_none_match
            } else if *name == header::IF_MODIFIED_SINCE {
                &mut found.if_modified_since
            } else if *name == header::IF_UNMODIFIED_SINCE {
                &mut found.if_unmodified_since
            } else if *name == header::IF_RANGE {
                &mut found.if_range
            } else {
                found.range |= *name == header::RANGE;
                continue;
            };
            *field = Some(match field {
                None => FieldLines::one(line),
                Some(lines) => lines.and_more_in(headers),
            });
        }
        found
    }

    /// The same, with `now` deciding the century of a two-digit year instead of the clock.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{HttpDate, Preconditions};
    /// let text = HeaderValue::from_static("Wednesday, 01-Jan-76 00:00:00 GMT");
    /// let headers = HeaderMap::from_iter([(header::IF_MODIFIED_SINCE, text)]);
    ///
    /// let now: HttpDate = "Thu, 01 Jan 2026 00:00:00 GMT".parse()?;
    /// let date = Preconditions::from_headers_at(&headers, now).if_modified_since().unwrap()?;
    /// assert_eq!(date.to_string(), "Wed, 01 Jan 2076 00:00:00 GMT");
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    #[must_use]
    pub fn from_headers_at(headers: &'a HeaderMap, now: HttpDate) -> Self {
        Self { now: Some(now), ..Self::from_headers(headers) }
    }

    /// Whether the request carries none of the five fields.
    ///
    /// ```
    /// # use http::HeaderMap;
    /// # use tower_precondition::Preconditions;
    /// assert!(Preconditions::from_headers(&HeaderMap::new()).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Condition::ALL.iter().all(|condition| !self.contains(*condition))
    }

    /// Whether the request carries the field of this condition, well-formed or not.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, Preconditions};
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// let preconditions = Preconditions::from_headers(&headers);
    /// assert!(preconditions.contains(Condition::IfMatch));
    /// assert!(!preconditions.contains(Condition::IfNoneMatch));
    /// ```
    #[must_use]
    pub fn contains(&self, condition: Condition) -> bool {
        self.lines(condition).is_some()
    }

    /// The lines of one field, as they were sent and in their order.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, Preconditions};
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// let preconditions = Preconditions::from_headers(&headers);
    /// assert_eq!(preconditions.provided(Condition::IfMatch).next().unwrap(), "*");
    /// ```
    pub fn provided(&self, condition: Condition) -> impl Iterator<Item = &'a HeaderValue> {
        self.lines(condition).into_iter().flat_map(move |lines| lines.iter(condition))
    }

    /// Reads If-Match and If-None-Match to their ends.
    ///
    /// The layer answers 400 when this fails on a method that may change state.
    /// Dates are not checked: RFC 9110 has an invalid one ignored.
    ///
    /// # Errors
    ///
    /// If one of the two is malformed, such as `If-Match: abc` or `If-None-Match: *, "a"`.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Preconditions;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("abc"))]);
    /// let error = Preconditions::from_headers(&headers).check().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "If-Match: expected an entity tag in double quotes at offset 0, found `a`",
    /// );
    /// ```
    pub fn check(&self) -> Result<(), MalformedField> {
        for list in [self.if_match(), self.if_none_match()].into_iter().flatten() {
            list.is_any()?;
        }
        Ok(())
    }

    /// If-Match, if the request carries it.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Preconditions;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// assert_eq!(Preconditions::from_headers(&headers).if_match().unwrap().is_any(), Ok(true));
    /// ```
    #[must_use]
    pub fn if_match(&self) -> Option<TagList<'a>> {
        self.if_match.map(|lines| TagList::new(Condition::IfMatch, lines))
    }

    /// If-None-Match, if the request carries it.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Preconditions;
    /// let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("*"))]);
    /// assert_eq!(Preconditions::from_headers(&headers).if_none_match().unwrap().is_any(), Ok(true));
    /// ```
    #[must_use]
    pub fn if_none_match(&self) -> Option<TagList<'a>> {
        self.if_none_match.map(|lines| TagList::new(Condition::IfNoneMatch, lines))
    }

    /// If-Modified-Since, if the request carries it; an unusable one is an error.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Preconditions;
    /// let headers = HeaderMap::from_iter([(header::IF_MODIFIED_SINCE, HeaderValue::from_static("?"))]);
    /// assert!(Preconditions::from_headers(&headers).if_modified_since().unwrap().is_err());
    /// ```
    #[must_use]
    pub fn if_modified_since(&self) -> Option<Result<HttpDate, InvalidHttpDate>> {
        self.if_modified_since.map(|lines| self.date(lines))
    }

    /// If-Unmodified-Since, if the request carries it; an unusable one is an error.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Preconditions;
    /// let headers = HeaderMap::from_iter([(header::IF_UNMODIFIED_SINCE, HeaderValue::from_static("?"))]);
    /// assert!(Preconditions::from_headers(&headers).if_unmodified_since().unwrap().is_err());
    /// ```
    #[must_use]
    pub fn if_unmodified_since(&self) -> Option<Result<HttpDate, InvalidHttpDate>> {
        self.if_unmodified_since.map(|lines| self.date(lines))
    }

    /// If-Range, if the request carries it.
    pub(crate) fn if_range(&self) -> Option<IfRange<'a>> {
        self.if_range.map(|lines| self.range_validator(lines))
    }

    /// Whether the request carries Range.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Preconditions;
    /// let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-9"))]);
    /// assert!(Preconditions::from_headers(&headers).has_range());
    /// ```
    #[must_use]
    pub fn has_range(&self) -> bool {
        self.range
    }

    fn lines(&self, condition: Condition) -> Option<FieldLines<'a>> {
        match condition {
            Condition::IfMatch => self.if_match,
            Condition::IfNoneMatch => self.if_none_match,
            Condition::IfModifiedSince => self.if_modified_since,
            Condition::IfUnmodifiedSince => self.if_unmodified_since,
            Condition::IfRange => self.if_range,
        }
    }

    fn date(&self, lines: FieldLines<'_>) -> Result<HttpDate, InvalidHttpDate> {
        let line = lines.single().ok_or(InvalidHttpDate::SeveralLines)?;
        HttpDate::parse(line.as_bytes(), || self.now.unwrap_or_else(HttpDate::now))
    }

    fn range_validator(&self, lines: FieldLines<'a>) -> IfRange<'a> {
        let Some(line) = lines.single() else {
            return IfRange::Unusable;
        };
        let text = line.as_bytes().trim_ascii();
        // A quote among the first three octets tells a tag from a date (RFC 9110 §13.1.5).
        if !text.iter().take(3).any(|octet| *octet == b'"') {
            return self.date(lines).map_or(IfRange::Unusable, IfRange::Date);
        }
        match scan(text, 0) {
            Ok(tag) if tag.end == text.len() => IfRange::Tag(tag.of(text)),
            _ => IfRange::Unusable,
        }
    }
}

/// The one validator that If-Range carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IfRange<'a> {
    Tag(TagRef<'a>),
    Date(HttpDate),
    /// Neither a tag nor a date, or more than one line: a false condition.
    Unusable,
}
