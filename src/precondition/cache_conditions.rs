use http::HeaderValue;

use super::{
    Condition, ConditionalFields,
    fields::FieldLines,
    tag_list::{Members, TagList},
};
use crate::validator::{EntityTag, HttpDate, Validators};

/// If-None-Match and If-Modified-Since of a read, one line each: what a cache sends.
///
/// They can be kept without the rest of the request, because they never fail a read.
#[derive(Clone, Debug)]
pub(crate) struct CacheConditions {
    if_none_match: Option<HeaderValue>,
    if_modified_since: Option<HeaderValue>,
}

impl CacheConditions {
    /// Returns `None` if If-Match or If-Unmodified-Since is present too, or if a field has several lines.
    pub(crate) fn alone_in(fields: &ConditionalFields<'_>) -> Option<Self> {
        let may_fail = [Condition::IfMatch, Condition::IfUnmodifiedSince];
        if may_fail.into_iter().any(|condition| fields.contains(condition)) {
            return None;
        }
        let line = |condition| match fields.contains(condition) {
            true => fields.lines(condition).single().cloned().map(Some),
            false => Some(None),
        };
        Some(Self {
            if_none_match: line(Condition::IfNoneMatch)?,
            if_modified_since: line(Condition::IfModifiedSince)?,
        })
    }

    /// Returns whether If-None-Match is there.
    pub(crate) fn name_tags(&self) -> bool {
        self.if_none_match.is_some()
    }

    /// Returns whether the answer is 304, by steps 3 and 4 of [`evaluate`](crate::evaluate).
    pub(crate) fn is_not_modified(&self, current: &Validators) -> bool {
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(line), _) => {
                let etag = current.etag().map(EntityTag::as_tag_ref);
                let mut is_listed = false;
                let list = TagList::new(Condition::IfNoneMatch, FieldLines::One(line));
                let members = list.read_inlined(|listed| {
                    is_listed = is_listed || etag.is_some_and(|etag| listed.weak_eq(etag));
                });
                // A malformed list matches nothing.
                members.is_ok_and(|members| members == Members::Any || is_listed)
            }
            (None, Some(line)) => {
                let date = HttpDate::parse(line.as_bytes(), HttpDate::now);
                current.last_modified().zip(date.ok()).is_some_and(|(modified, date)| modified <= date)
            }
            (None, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, header};

    use super::CacheConditions;
    use crate::{
        precondition::{ConditionalFields, Decision, evaluate},
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
                let Some(conditions) = CacheConditions::alone_in(&fields) else {
                    assert!(request.len() > request.keys_len(), "only several lines are left out");
                    continue;
                };
                for etag in &LINES {
                    for last_modified in &LINES {
                        let response =
                            headers([(header::ETAG, etag), (header::LAST_MODIFIED, last_modified)]);
                        let current = Validators::from_headers(&response);
                        let evaluation = evaluate(&Method::GET, &fields, Some(&current));
                        assert_eq!(
                            conditions.is_not_modified(&current),
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
            let headers = headers([(name, &LINES[1]), (header::IF_NONE_MATCH, &LINES[1])]);
            assert!(CacheConditions::alone_in(&ConditionalFields::from_headers(&headers)).is_none());
        }
    }
}
