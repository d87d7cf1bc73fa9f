use http::{HeaderMap, HeaderValue};

use super::{
    Condition, RequestFields,
    fields::FieldLines,
    tag_list::{Members, TagList},
};
use crate::validator::{EntityTag, HttpDate, Validators};

/// The one condition of a read that can lead to a 304: what a cache sends.
///
/// It can be kept without the rest of the request, because it never fails a read.
#[derive(Debug)]
pub(crate) enum CacheCondition {
    IfNoneMatch(HeaderValue),
    IfModifiedSince(HeaderValue),
    None,
}

impl CacheCondition {
    /// Takes If-None-Match and If-Modified-Since out of a request, of which the first one counts
    /// (RFC 9110 §13.2.2, steps 3 and 4).
    ///
    /// Takes nothing and returns `None` if a condition is present that can fail a read, or if a field has several
    /// lines.
    pub(crate) fn take_from(headers: &mut HeaderMap, present: RequestFields) -> Option<Self> {
        let has = |condition| present.has(RequestFields::condition(condition));
        if has(Condition::IfMatch) || has(Condition::IfUnmodifiedSince) {
            return None;
        }
        let taken = [Condition::IfNoneMatch, Condition::IfModifiedSince];
        let has_several = |headers: &HeaderMap| {
            let several = |condition| matches!(FieldLines::of(headers, condition), FieldLines::Several(..));
            taken.into_iter().any(|condition| has(condition) && several(condition))
        };
        // Fast path: no name appears twice in the whole map.
        if headers.len() != headers.keys_len() && has_several(headers) {
            return None;
        }
        let [tags, date] =
            taken.map(|condition| if has(condition) { headers.remove(condition.field()) } else { None });
        Some(match (tags, date) {
            (Some(tags), _) => Self::IfNoneMatch(tags),
            (None, Some(date)) => Self::IfModifiedSince(date),
            (None, None) => Self::None,
        })
    }

    /// Returns whether it is If-None-Match.
    pub(crate) fn names_tags(&self) -> bool {
        matches!(self, Self::IfNoneMatch(_))
    }

    /// Returns whether the answer is 304, by steps 3 and 4 of [`evaluate`](crate::evaluate).
    pub(crate) fn is_not_modified(&self, current: &Validators) -> bool {
        match self {
            Self::IfNoneMatch(line) => {
                let etag = current.etag().map(EntityTag::as_tag_ref);
                let mut is_listed = false;
                let list = TagList::new(Condition::IfNoneMatch, FieldLines::One(line));
                let members = list.read_inlined(|listed| {
                    is_listed = is_listed || etag.is_some_and(|etag| listed.weak_eq(etag));
                });
                // A malformed list matches nothing.
                members.is_ok_and(|members| members == Members::Any || is_listed)
            }
            Self::IfModifiedSince(line) => {
                let date = HttpDate::parse(line.as_bytes(), HttpDate::now);
                current.last_modified().zip(date.ok()).is_some_and(|(modified, date)| modified <= date)
            }
            Self::None => false,
        }
    }
}

/// Returns If-Modified-Since if it has one line, which is the text of this modification date.
///
/// The condition is then false (RFC 9110 §13.1.3). Clients send the date back that they were given, so nearly every
/// 304 by date is decided without reading the line as a date.
pub(crate) fn date_sent_back(headers: &HeaderMap, modified: HttpDate) -> Option<&HeaderValue> {
    let line = FieldLines::of(headers, Condition::IfModifiedSince).single()?;
    (line.as_bytes() == modified.to_bytes()).then_some(line)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, header};

    use super::CacheCondition;
    use crate::{
        precondition::{ConditionalFields, Decision, RequestFields, evaluate},
        validator::Validators,
    };

    const LINES: [&[&str]; 10] = [
        &[],
        &["\"a\""],
        &["W/\"a\", \"b\""],
        &["\"b\""],
        &["*"],
        &["a"],
        &["Sun, 06 Nov 1994 08:49:37 GMT"],
        &["Sunday, 06-Nov-94 08:49:37 GMT"],
        &["Sat, 05 Nov 1994 08:49:37 GMT"],
        &["\"b\"", "\"a\""],
    ];

    fn headers<'a>(
        fields: impl IntoIterator<Item = (header::HeaderName, &'a &'a [&'static str])>,
    ) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, lines) in fields {
            for line in *lines {
                headers.append(name.clone(), HeaderValue::from_static(line));
            }
        }
        headers
    }

    #[test]
    fn alone_they_decide_as_the_evaluation_does() {
        for if_none_match in &LINES {
            for if_modified_since in &LINES {
                let request = headers([
                    (header::IF_NONE_MATCH, if_none_match),
                    (header::IF_MODIFIED_SINCE, if_modified_since),
                ]);
                let fields = ConditionalFields::from_headers(&request);
                let mut taken_from = request.clone();
                let taken = CacheCondition::take_from(&mut taken_from, RequestFields::of(&request));
                let Some(condition) = taken else {
                    assert!(request.len() > request.keys_len(), "only several lines are left out");
                    assert_eq!(taken_from, request, "nothing is taken");
                    continue;
                };
                assert!(taken_from.is_empty(), "both are taken");
                for etag in &LINES {
                    for last_modified in &LINES {
                        let response =
                            headers([(header::ETAG, etag), (header::LAST_MODIFIED, last_modified)]);
                        let current = Validators::from_headers(&response);
                        let evaluation = evaluate(&Method::GET, &fields, Some(&current));
                        assert_eq!(
                            condition.is_not_modified(&current),
                            evaluation.decision() == Decision::NotModified,
                            "{request:?}, {response:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn beside_a_condition_that_can_fail_they_are_not_alone() {
        for name in [header::IF_MATCH, header::IF_UNMODIFIED_SINCE] {
            let mut headers = headers([(name, &LINES[1]), (header::IF_NONE_MATCH, &LINES[1])]);
            let present = RequestFields::of(&headers);
            assert!(CacheCondition::take_from(&mut headers, present).is_none());
            assert_eq!(headers.len(), 2, "nothing is taken");
        }
    }
}
