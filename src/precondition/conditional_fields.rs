use http::{HeaderMap, HeaderValue};

use super::condition::Condition;
use super::field_lines::FieldLines;
use super::fields::RequestFields;
use super::malformed::MalformedField;
use super::tag_list::TagList;
use crate::validator::{HttpDate, InvalidHttpDate, TagRef, parse};

/// The conditional fields of one request, every line of them.
///
/// Borrows the request's header map, which is walked once. The fields are read
/// where [`evaluate`](crate::evaluate) needs them, and nothing is allocated.
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tower_precondition::{Condition, ConditionalFields};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(header::HOST, HeaderValue::from_static("example.com"));
/// assert!(ConditionalFields::from_headers(&headers).is_empty());
///
/// headers.insert(header::IF_MATCH, HeaderValue::from_static("\"a\""));
/// let preconditions = ConditionalFields::from_headers(&headers);
/// assert!(preconditions.contains(Condition::IfMatch));
/// assert!(preconditions.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ConditionalFields<'a> {
    headers: &'a HeaderMap,
    fields: RequestFields,
    now: Option<HttpDate>,
}

impl<'a> ConditionalFields<'a> {
    /// Finds the conditional fields of a request.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, ConditionalFields};
    /// let headers = HeaderMap::from_iter([(header::IF_RANGE, HeaderValue::from_static("\"a\""))]);
    /// assert!(ConditionalFields::from_headers(&headers).contains(Condition::IfRange));
    /// ```
    #[must_use]
    pub fn from_headers(headers: &'a HeaderMap) -> Self {
        Self::from_fields(headers, RequestFields::of(headers))
    }

    /// The same, where it is known already which fields there are.
    pub(crate) fn from_fields(headers: &'a HeaderMap, fields: RequestFields) -> Self {
        Self { headers, fields, now: None }
    }

    /// The same, with `now` deciding the century of a two-digit year instead of the clock.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{HttpDate, ConditionalFields};
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

    /// Whether the request carries none of the five fields.
    ///
    /// ```
    /// # use http::HeaderMap;
    /// # use tower_precondition::ConditionalFields;
    /// assert!(ConditionalFields::from_headers(&HeaderMap::new()).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.fields.has_condition()
    }

    pub(crate) fn is_one_at_most(&self) -> bool {
        self.fields.has_one_condition_at_most()
    }

    /// Whether the request carries the field of this condition, well-formed or not.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, ConditionalFields};
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// let preconditions = ConditionalFields::from_headers(&headers);
    /// assert!(preconditions.contains(Condition::IfMatch));
    /// assert!(!preconditions.contains(Condition::IfNoneMatch));
    /// ```
    #[must_use]
    pub fn contains(&self, condition: Condition) -> bool {
        self.fields.has(RequestFields::condition(condition))
    }

    /// The lines of one field, as they were sent and in their order.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::{Condition, ConditionalFields};
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// let preconditions = ConditionalFields::from_headers(&headers);
    /// assert_eq!(preconditions.provided(Condition::IfMatch).next().unwrap(), "*");
    /// ```
    pub fn provided(&self, condition: Condition) -> impl Iterator<Item = &'a HeaderValue> {
        self.headers.get_all(condition.field()).into_iter()
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
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("abc"))]);
    /// let error = ConditionalFields::from_headers(&headers).check().unwrap_err();
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
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("*"))]);
    /// assert_eq!(ConditionalFields::from_headers(&headers).if_match().unwrap().is_any(), Ok(true));
    /// ```
    #[must_use]
    #[inline]
    pub fn if_match(&self) -> Option<TagList<'a>> {
        self.list(Condition::IfMatch)
    }

    /// If-None-Match, if the request carries it.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("*"))]);
    /// assert_eq!(ConditionalFields::from_headers(&headers).if_none_match().unwrap().is_any(), Ok(true));
    /// ```
    #[must_use]
    #[inline]
    pub fn if_none_match(&self) -> Option<TagList<'a>> {
        self.list(Condition::IfNoneMatch)
    }

    /// If-Modified-Since, if the request carries it; an unusable one is an error.
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

    /// If-Unmodified-Since, if the request carries it; an unusable one is an error.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::IF_UNMODIFIED_SINCE, HeaderValue::from_static("?"))]);
    /// assert!(ConditionalFields::from_headers(&headers).if_unmodified_since().unwrap().is_err());
    /// ```
    #[must_use]
    pub fn if_unmodified_since(&self) -> Option<Result<HttpDate, InvalidHttpDate>> {
        self.contains(Condition::IfUnmodifiedSince).then(|| self.date(Condition::IfUnmodifiedSince))
    }

    /// If-Range, if the request carries it.
    pub(crate) fn if_range(&self) -> Option<IfRange<'a>> {
        self.contains(Condition::IfRange).then(|| self.range_validator())
    }

    /// Whether the request carries Range.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::ConditionalFields;
    /// let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-9"))]);
    /// assert!(ConditionalFields::from_headers(&headers).has_range());
    /// ```
    #[must_use]
    pub fn has_range(&self) -> bool {
        self.fields.has(RequestFields::RANGE)
    }

    #[inline(always)]
    fn list(&self, condition: Condition) -> Option<TagList<'a>> {
        self.contains(condition).then(|| TagList::new(condition, FieldLines::of(self.headers, condition)))
    }

    /// The line of a field that is no list, if it is the only one.
    fn single_line(&self, condition: Condition) -> Option<&'a HeaderValue> {
        FieldLines::of(self.headers, condition).single()
    }

    fn date(&self, condition: Condition) -> Result<HttpDate, InvalidHttpDate> {
        let line = self.single_line(condition).ok_or(InvalidHttpDate::SeveralLines)?;
        HttpDate::parse(line.as_bytes(), || self.now.unwrap_or_else(HttpDate::now))
    }

    fn range_validator(&self) -> IfRange<'a> {
        let Some(line) = self.single_line(Condition::IfRange) else {
            return IfRange::Unusable;
        };
        let text = line.as_bytes().trim_ascii();
        // A quote among the first three octets tells a tag from a date (RFC 9110 §13.1.5).
        if !text.iter().take(3).any(|octet| *octet == b'"') {
            return self.date(Condition::IfRange).map_or(IfRange::Unusable, IfRange::Date);
        }
        parse(text).map_or(IfRange::Unusable, IfRange::Tag)
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
