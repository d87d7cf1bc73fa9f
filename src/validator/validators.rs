use http::{
    HeaderMap, HeaderValue,
    header::{self, HeaderName},
};

use super::{EntityTag, HttpDate, fields::ResponseFields, vary::complete_vary};
use crate::header_map::{all_lines, first_line, set_field};

/// Describes a current representation: entity tag, modification date and other fields.
///
/// The other fields are those that a 304 must repeat: Cache-Control, Content-Location, Expires and Vary.
///
/// Everything is optional. A representation without validators still exists, and `If-Match: *` is true for it.
///
/// See [RFC 9110 §8.8](https://www.rfc-editor.org/rfc/rfc9110#section-8.8) and
/// [§15.4.5](https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5).
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use tower_precondition::{EntityTag, Validators};
///
/// let validators = Validators::new()
///     .with_etag(EntityTag::from_version(7))
///     .with_last_modified("Sun, 06 Nov 1994 08:49:37 GMT".parse()?)
///     .with_cache_control(HeaderValue::from_static("max-age=60"));
///
/// let mut headers = HeaderMap::new();
/// validators.write_to(&mut headers);
/// assert_eq!(headers["etag"], "\"7\"");
/// assert_eq!(headers["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT");
/// assert_eq!(headers["cache-control"], "max-age=60");
/// # Ok::<(), tower_precondition::InvalidHttpDate>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Validators {
    etag: Option<EntityTag>,
    last_modified: Option<HttpDate>,
    date_is_strong: bool,
    /// Boxed: rarely set, and keeps this type small to move.
    fields: Option<Box<Fields>>,
}

/// The other fields of a 200 that a 304 must repeat (RFC 9110 §15.4.5), and the other tags of the state.
#[derive(Clone, Debug, Default)]
struct Fields {
    cache_control: Option<HeaderValue>,
    content_location: Option<HeaderValue>,
    expires: Option<HeaderValue>,
    vary: Option<HeaderValue>,
    other_etags: Vec<EntityTag>,
}

impl Fields {
    fn all(&self) -> impl Iterator<Item = (ResponseFields, HeaderName, &HeaderValue)> {
        let set = |value| Option::as_ref(value);
        [
            (ResponseFields::CACHE_CONTROL, header::CACHE_CONTROL, set(&self.cache_control)),
            (ResponseFields::CONTENT_LOCATION, header::CONTENT_LOCATION, set(&self.content_location)),
            (ResponseFields::EXPIRES, header::EXPIRES, set(&self.expires)),
            (ResponseFields::VARY, header::VARY, set(&self.vary)),
        ]
        .into_iter()
        .filter_map(|(bit, name, value)| Some((bit, name, value?)))
    }
}

impl Validators {
    /// Makes validators that say nothing but that the representation exists.
    pub const fn new() -> Self {
        Self { etag: None, last_modified: None, date_is_strong: false, fields: None }
    }

    /// Reads the validators from a response: ETag, Last-Modified, Cache-Control, Content-Location, Expires and
    /// Vary.
    ///
    /// An invalid or repeated ETag or Last-Modified is treated as missing. Several lines of another field are
    /// joined.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, header};
    /// # use tower_precondition::Validators;
    /// let etag = (header::ETAG, HeaderValue::from_static("\"7\""));
    /// let validators = Validators::from_headers(&HeaderMap::from_iter([etag]));
    /// assert_eq!(validators.etag().unwrap().to_string(), "\"7\"");
    /// assert_eq!(validators.last_modified(), None);
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self::from_present(headers, ResponseFields::of(headers))
    }

    /// Takes what a pass over the names found, which costs less than a look-up for each.
    pub(crate) fn from_present(headers: &HeaderMap, present: ResponseFields) -> Self {
        let value = |bit, name| present.has(bit).then(|| joined(headers, name)).flatten();
        let fields = Fields {
            cache_control: value(ResponseFields::CACHE_CONTROL, header::CACHE_CONTROL),
            content_location: value(ResponseFields::CONTENT_LOCATION, header::CONTENT_LOCATION),
            expires: value(ResponseFields::EXPIRES, header::EXPIRES),
            vary: value(ResponseFields::VARY, header::VARY),
            other_etags: Vec::new(),
        };
        let has_fields = fields.all().next().is_some();
        Self { fields: has_fields.then(|| Box::new(fields)), ..Self::without_fields(headers, present) }
    }

    /// Reads ETag and Last-Modified alone, which is all that conditions are compared with.
    pub(crate) fn without_fields(headers: &HeaderMap, present: ResponseFields) -> Self {
        let only = |bit, name| {
            if !present.has(bit) {
                return None;
            }
            // Fast path: no name appears twice in the whole map.
            if headers.len() == headers.keys_len() {
                return first_line(headers, name);
            }
            let mut lines = all_lines(headers, name).into_iter();
            lines.next().filter(|_| lines.next().is_none())
        };
        let date = only(ResponseFields::LAST_MODIFIED, header::LAST_MODIFIED);
        Self {
            etag: only(ResponseFields::ETAG, header::ETAG).and_then(|line| EntityTag::try_from(line).ok()),
            last_modified: date.and_then(|line| HttpDate::parse(line.as_bytes(), HttpDate::now).ok()),
            date_is_strong: false,
            fields: None,
        }
    }

    // `#[inline]` in this file saves 128 instructions of a 304 from a closure.

    /// Sets the entity tag.
    #[inline]
    pub fn with_etag(self, etag: EntityTag) -> Self {
        Self { etag: Some(etag), ..self }
    }

    /// Sets the modification date. It is a weak validator, because two changes can share its second.
    #[inline]
    pub fn with_last_modified(self, date: HttpDate) -> Self {
        Self { last_modified: Some(date), date_is_strong: false, ..self }
    }

    /// Sets the modification date as a strong validator, so that If-Range may use it.
    ///
    /// Use it only if the representation did not change twice within that second (RFC 9110 §8.8.2.2).
    #[inline]
    pub fn with_strong_last_modified(self, date: HttpDate) -> Self {
        Self { last_modified: Some(date), date_is_strong: true, ..self }
    }

    /// Makes the modification date strong if it lies at least two seconds before `now`.
    ///
    /// `now` is the time just before you looked the representation up.
    ///
    /// Strong means here that the second of the date is over, so no later change can get the same date. It does
    /// not mean that only one change was made in that second: two changes within one second share their date. A
    /// client that loaded a part after the first change can then join it, by If-Range, to a part of the later
    /// version. If that can happen, use entity tags.
    ///
    /// ```
    /// # use tower_precondition::{HttpDate, Validators};
    /// let validators = Validators::new().with_last_modified(HttpDate::from_unix_seconds(100)?);
    /// let at = |now| validators.clone().settled_at(HttpDate::from_unix_seconds(now).unwrap());
    /// assert!(at(101).strong_last_modified().is_none());
    /// assert!(at(102).strong_last_modified().is_some());
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    pub fn settled_at(mut self, now: HttpDate) -> Self {
        self.settle_at(now);
        self
    }

    pub(crate) fn settle_at(&mut self, now: HttpDate) {
        self.date_is_strong |= self.last_modified.is_some_and(|date| date.is_settled_at(now));
    }

    /// Sets Cache-Control for the 200 and the 304.
    pub fn with_cache_control(mut self, value: HeaderValue) -> Self {
        self.fields.get_or_insert_default().cache_control = Some(value);
        self
    }

    /// Sets Content-Location for the 200 and the 304.
    pub fn with_content_location(mut self, value: HeaderValue) -> Self {
        self.fields.get_or_insert_default().content_location = Some(value);
        self
    }

    /// Sets Expires for the 200 and the 304.
    pub fn with_expires(mut self, value: HeaderValue) -> Self {
        self.fields.get_or_insert_default().expires = Some(value);
        self
    }

    /// Sets Vary for the 200 and the 304.
    pub fn with_vary(mut self, value: HeaderValue) -> Self {
        self.fields.get_or_insert_default().vary = Some(value);
        self
    }

    /// Names other tags under which the same state is current.
    ///
    /// Use it if one state has several representations with a tag each, such as one for each media type, language or
    /// coding. A client that read one of them may then write: on a method that may change state, If-Match is true if
    /// it names any of these tags. On GET, HEAD and QUERY only the [selected](Self::with_etag) one counts. No
    /// response carries the others.
    ///
    /// ```
    /// # use http::{HeaderMap, HeaderValue, Method, header};
    /// # use tower_precondition::{ConditionalFields, Decision, EntityTag, Validators, evaluate};
    /// let current = Validators::from(EntityTag::from_static("\"5-turtle\""))
    ///     .with_other_etags([EntityTag::from_static("\"5-jsonld\"")]);
    ///
    /// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("\"5-jsonld\""))]);
    /// let fields = ConditionalFields::from_headers(&headers);
    /// assert_eq!(evaluate(&Method::PUT, &fields, Some(&current)).decision(), Decision::Proceed);
    /// assert_ne!(evaluate(&Method::GET, &fields, Some(&current)).decision(), Decision::Proceed);
    /// ```
    pub fn with_other_etags(mut self, etags: impl IntoIterator<Item = EntityTag>) -> Self {
        self.fields.get_or_insert_default().other_etags.extend(etags);
        self
    }

    /// Returns the other tags under which the same state is current.
    #[must_use]
    pub fn other_etags(&self) -> &[EntityTag] {
        self.fields.as_ref().map_or(&[], |fields| &fields.other_etags)
    }

    /// Returns the entity tag.
    #[must_use]
    pub fn etag(&self) -> Option<&EntityTag> {
        self.etag.as_ref()
    }

    /// Returns the modification date.
    #[must_use]
    pub fn last_modified(&self) -> Option<HttpDate> {
        self.last_modified
    }

    /// Returns the modification date, if it is a strong validator.
    #[must_use]
    pub fn strong_last_modified(&self) -> Option<HttpDate> {
        self.last_modified.filter(|_| self.date_is_strong)
    }

    /// Returns Cache-Control.
    #[must_use]
    pub fn cache_control(&self) -> Option<&HeaderValue> {
        self.fields.as_ref()?.cache_control.as_ref()
    }

    /// Returns Content-Location.
    #[must_use]
    pub fn content_location(&self) -> Option<&HeaderValue> {
        self.fields.as_ref()?.content_location.as_ref()
    }

    /// Returns Expires.
    #[must_use]
    pub fn expires(&self) -> Option<&HeaderValue> {
        self.fields.as_ref()?.expires.as_ref()
    }

    /// Returns Vary.
    #[must_use]
    pub fn vary(&self) -> Option<&HeaderValue> {
        self.fields.as_ref()?.vary.as_ref()
    }

    /// Writes everything that is set into a response's header map, and replaces what is there.
    ///
    /// Vary is a list, so the members that it lacks are added instead.
    ///
    /// It reads no clock. If the modification date is in the future, send the present instead (RFC 9110
    /// §8.8.2.1), as the layer does.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        if let Some(etag) = &self.etag {
            set_field(headers, header::ETAG, etag.as_header_value().clone());
        }
        if let Some(date) = self.last_modified {
            set_field(headers, header::LAST_MODIFIED, date.to_header_value());
        }
        if self.have_fields() {
            self.write_fields_to(headers);
        }
    }

    /// Writes what is neither tag nor date.
    pub(crate) fn write_fields_to(&self, headers: &mut HeaderMap) {
        for (_, name, value) in self.fields() {
            match name {
                header::VARY => complete_vary(headers, value),
                _ => set_field(headers, name, value.clone()),
            }
        }
    }

    /// Iterates over the other fields, each with the bit that tells whether a response has it.
    #[inline]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (ResponseFields, HeaderName, &HeaderValue)> {
        self.fields.iter().flat_map(|fields| fields.all())
    }

    /// Takes the tag, to send it without a copy.
    pub(crate) fn take_etag(&mut self) -> Option<EntityTag> {
        self.etag.take()
    }

    /// Returns whether another field is set.
    pub(crate) fn have_fields(&self) -> bool {
        self.fields.is_some()
    }
}

/// Joins the lines of a field.
fn joined(headers: &HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    let mut lines = all_lines(headers, name).into_iter();
    let first = lines.next()?;
    let mut rest = lines.peekable();
    if rest.peek().is_none() {
        return Some(first.clone());
    }
    let lines: Vec<&[u8]> = std::iter::once(first).chain(rest).map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&lines.join(&b", "[..])).ok()
}

impl From<EntityTag> for Validators {
    #[inline]
    fn from(etag: EntityTag) -> Self {
        Self::new().with_etag(etag)
    }
}
