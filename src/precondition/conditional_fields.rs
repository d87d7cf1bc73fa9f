use http::{HeaderMap, HeaderValue, Method};

use super::{
    Condition, MalformedField, TagList,
    fields::{FieldLines, RequestFields},
    method::MethodKind,
};
use crate::{
    header_map::all_lines,
    validator::{HttpDate, InvalidHttpDate, TagRef, parse},
};

/// The conditional fields of one request, every line of them.
///
/// Borrows the request's header map and walks it once. Each field is read when
/// [`evaluate`](crate::evaluate) needs it, and reading allocates nothing.
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{Condition, ConditionalFields};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(header::HOST, HeaderValue::from_static("example.com"));
/// assert!(ConditionalFields::from_headers(&headers).is_empty());
///
/// headers.insert(header::IF_MATCH, HeaderValue::from_static("\"a\""));
/// let fields = ConditionalFields::from_headers(&headers);
/// assert!(fields.contains(Condition::IfMatch));
/// assert!(fields.check(&Method::PUT).is_ok());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ConditionalFields<'a> {
    headers: &'a HeaderMap,
    present: RequestFields,
    now: Option<HttpDate>,
}

impl<'a> ConditionalFields<'a> {
    /// Finds the conditional fields in a request's header map.
    #[must_use]
    pub fn from_headers(headers: &'a HeaderMap) -> Self {
        Self::from_present(headers, RequestFields::of_conditions(headers))
    }

    /// Takes what an earlier pass over the names found.
    pub(crate) fn from_present(headers: &'a HeaderMap, present: RequestFields) -> Self {
        Self { headers, present, now: None }
    }

    /// Finds the conditional fields, with `now` instead of the clock.
    ///
    /// Only the century of a two-digit year depends on the time. Use it in tests, or to evaluate a
    /// recorded request.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{ConditionalFields, HttpDate};
    /// let text = HeaderValue::from_static("Wednesday, 01-Jan-76 00:00:00 GMT");
    /// let headers = HeaderMap::from_iter([(header::IF_MODIFIED_SINCE, text)]);
    ///
    /// let now: HttpDate = "Thu, 01 Jan 2026 00:00:00 GMT".parse()?;
    /// let date = ConditionalFields::from_headers_at(&headers, now).if_modified_since().unwrap()?;
    /// assert_eq!(date.to_string(), "Wed, 01 Jan 2076 00:00:00 GMT");
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    #[must_use]
    pub fn from_headers_at(headers: &'a HeaderMap, now: HttpDate) -> Self {
        Self { now: Some(now), ..Self::from_headers(headers) }
    }

    /// Returns whether the request carries none of the five fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.present.has_condition()
    }

    /// The same request with If-Match and If-None-Match alone.
    pub(crate) fn without_dates(self) -> Self {
        let if_match = RequestFields::condition(Condition::IfMatch);
        let if_none_match = RequestFields::condition(Condition::IfNoneMatch);
        Self { present: self.present.only(if_match.and(if_none_match)), ..self }
    }

    pub(super) fn is_one_at_most(&self) -> bool {
        self.present.has_one_condition_at_most()
    }

    /// Returns whether the request carries WebDAV's If, and the layer judges it.
    pub(crate) fn has_webdav_if(&self) -> bool {
        self.present.has(RequestFields::WEBDAV_IF)
    }

    /// Returns whether the request carries this field, well-formed or not.
    #[must_use]
    pub fn contains(&self, condition: Condition) -> bool {
        self.present.has(RequestFields::condition(condition))
    }

    /// Iterates over the lines of one field, as sent and in the order of the request.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, ConditionalFields};
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// let fields = ConditionalFields::from_headers(&headers);
    /// assert_eq!(fields.provided(Condition::IfMatch).next().unwrap(), "*");
    /// ```
    pub fn provided(&self, condition: Condition) -> impl Iterator<Item = &'a HeaderValue> {
        all_lines(self.headers, condition.field()).into_iter()
    }

    /// Checks that If-Match and If-None-Match are well-formed, on a method that may change state.
    ///
    /// Call it before [`evaluate`](crate::evaluate) and answer an error with 400, as the layer does. A
    /// method that changes nothing always passes: there, a malformed field matches nothing. GET, HEAD,
    /// QUERY, CONNECT, OPTIONS and TRACE change nothing; every other method may, known or not.
    ///
    /// Dates are not checked, because RFC 9110 says to ignore an invalid one.
    ///
    /// # Errors
    ///
    /// If one of the two fields is malformed, such as `If-Match: abc` or `If-None-Match: *, "a"`.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, Method, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("abc"))]);
    /// let fields = ConditionalFields::from_headers(&headers);
    /// assert!(fields.check(&Method::GET).is_ok());
    ///
    /// let error = fields.check(&Method::PUT).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "If-Match: expected an entity tag in double quotes at offset 0, found `a`",
    /// );
    /// ```
    pub fn check(&self, method: &Method) -> Result<(), MalformedField> {
        if MethodKind::of(method) == MethodKind::Changes {
            for list in [self.if_match(), self.if_none_match()].into_iter().flatten() {
                list.is_any()?;
            }
        }
        Ok(())
    }

    /// Returns If-Match, if the request carries it.
    #[inline]
    #[must_use]
    pub fn if_match(&self) -> Option<TagList<'a>> {
        self.list(Condition::IfMatch)
    }

    /// Returns If-None-Match, if the request carries it.
    #[inline]
    #[must_use]
    pub fn if_none_match(&self) -> Option<TagList<'a>> {
        self.list(Condition::IfNoneMatch)
    }

    /// Returns the date of If-Modified-Since, if the request carries the field.
    ///
    /// # Errors
    ///
    /// If the field is not one valid HTTP date. RFC 9110 §13.1.3 says to ignore it then.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_MODIFIED_SINCE, HeaderValue::from_static("?"))]);
    /// assert!(ConditionalFields::from_headers(&headers).if_modified_since().unwrap().is_err());
    /// ```
    #[must_use]
    pub fn if_modified_since(&self) -> Option<Result<HttpDate, InvalidHttpDate>> {
        self.contains(Condition::IfModifiedSince).then(|| self.date(Condition::IfModifiedSince))
    }

    /// Returns the date of If-Unmodified-Since, if the request carries the field.
    ///
    /// # Errors
    ///
    /// If the field is not one valid HTTP date. RFC 9110 §13.1.4 says to ignore it then.
    #[must_use]
    pub fn if_unmodified_since(&self) -> Option<Result<HttpDate, InvalidHttpDate>> {
        self.contains(Condition::IfUnmodifiedSince).then(|| self.date(Condition::IfUnmodifiedSince))
    }

    /// Returns If-Range, if the request carries it.
    pub(crate) fn if_range(&self) -> Option<IfRange<'a>> {
        self.contains(Condition::IfRange).then(|| self.range_validator())
    }

    /// Returns whether the request carries Range.
    #[must_use]
    pub fn has_range(&self) -> bool {
        self.present.has(RequestFields::RANGE)
    }

    // Saves 95 instructions of a write, with the two that call it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn list(&self, condition: Condition) -> Option<TagList<'a>> {
        self.contains(condition).then(|| TagList::new(condition, FieldLines::of(self.headers, condition)))
    }

    /// Returns the lines of one field, whose kind says how many they are.
    // Saves 25 instructions of a 412.
    #[inline]
    pub(crate) fn lines(&self, condition: Condition) -> FieldLines<'a> {
        FieldLines::of(self.headers, condition)
    }

    fn single_line(&self, condition: Condition) -> Option<&'a HeaderValue> {
        FieldLines::of(self.headers, condition).single()
    }

    fn date(&self, condition: Condition) -> Result<HttpDate, InvalidHttpDate> {
        let line = self.single_line(condition).ok_or(InvalidHttpDate::SEVERAL_LINES)?;
        HttpDate::parse(line.as_bytes(), || self.now.unwrap_or_else(HttpDate::now))
    }

    fn range_validator(&self) -> IfRange<'a> {
        let Some(line) = self.single_line(Condition::IfRange) else {
            return IfRange::Unusable;
        };
        let text = line.as_bytes().trim_ascii();
        // A quote among the first three bytes means a tag, otherwise a date (§13.1.5).
        if !text.iter().take(3).any(|octet| *octet == b'"') {
            return self.date(Condition::IfRange).map_or(IfRange::Unusable, IfRange::Date);
        }
        parse(text).map_or(IfRange::Unusable, IfRange::Tag)
    }
}

/// The validator that If-Range carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IfRange<'a> {
    Tag(TagRef<'a>),
    Date(HttpDate),
    /// Neither a tag nor a date, or several lines: a false condition.
    Unusable,
}
