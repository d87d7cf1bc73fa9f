//! An answer with everything in it, to compare it with another.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};
use tower_precondition::{Condition, Rejection, RejectionKind, Validators};

use crate::support::at_once;

/// Status, fields and content of an answer, and the rejection in its extensions.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) status: u16,
    /// In the order of their names. The value of Date is left out.
    pub(crate) fields: Vec<(String, HeaderValue)>,
    pub(crate) content: Bytes,
    pub(crate) rejection: Option<Rejected>,
}

/// Everything that a [`Rejection`] shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Rejected {
    pub(crate) kind: RejectionKind,
    pub(crate) condition: Option<Condition>,
    said: String,
    provided: Vec<HeaderValue>,
    accepted: Vec<String>,
    pub(crate) current: Option<(Option<String>, Option<String>)>,
    location: Option<HeaderValue>,
    members: Vec<(String, String)>,
}

impl Rejected {
    fn of(rejection: &Rejection) -> Self {
        let shown = |validators: &Validators| {
            (
                validators.etag().map(|tag| format!("{tag:?}")),
                validators.last_modified().map(|date| date.to_string()),
            )
        };
        let accepted = rejection.requirement().into_iter().flat_map(|requirement| requirement.accepted());
        Self {
            kind: rejection.kind(),
            condition: rejection.condition(),
            said: rejection.to_string(),
            provided: rejection.provided().cloned().collect(),
            accepted: accepted.map(|form| form.to_string()).collect(),
            current: rejection.current().map(shown),
            location: rejection.location().cloned(),
            members: rejection
                .extension_members()
                .map(|(name, value)| (name.to_owned(), value.to_string()))
                .collect(),
        }
    }
}

impl Told {
    /// The answer of a service that has nothing to wait for.
    pub(crate) fn by<S, Q, B>(service: S, request: Request<Q>) -> Self
    where
        S: Service<Request<Q>, Response = Response<B>, Error = Infallible>,
        B: Body<Data = Bytes, Error: std::fmt::Debug>,
    {
        let Ok(response) = at_once(service.oneshot(request));
        Self::of(response)
    }

    pub(crate) fn of<B>(response: Response<B>) -> Self
    where
        B: Body<Data = Bytes, Error: std::fmt::Debug>,
    {
        let (head, body) = response.into_parts();
        let clock = HeaderValue::from_static("now");
        let mut fields: Vec<_> = head
            .headers
            .iter()
            .map(|(name, value)| match *name {
                header::DATE => (name.to_string(), clock.clone()),
                _ => (name.to_string(), value.clone()),
            })
            .collect();
        fields.sort();
        Self {
            status: head.status.as_u16(),
            fields,
            content: at_once(body.collect()).expect("content").to_bytes(),
            rejection: head.extensions.get().map(Rejected::of),
        }
    }

    /// Two answers that should be equal. They may show the time, which can tick between them, but not twice.
    pub(crate) fn both(one: impl Fn() -> Self, other: impl Fn() -> Self) -> [Self; 2] {
        let both = [one(), other()];
        match both[0] == both[1] {
            true => both,
            false => [one(), other()],
        }
    }

    /// The lines of a field.
    pub(crate) fn lines(&self, name: &str) -> Vec<&[u8]> {
        let lines = self.fields.iter().filter(|(known, _)| known == name);
        lines.map(|(_, value)| value.as_bytes()).collect()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let lines = self.lines(name);
        assert!(lines.len() <= 1, "several lines of {name}: {self:?}");
        lines.first().map(|line| std::str::from_utf8(line).expect("text"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).expect("text")
    }
}

/// A request whose fields may hold any byte.
pub(crate) fn request(method: &str, fields: &[(&str, &[u8])]) -> Request<String> {
    let request = Request::builder().method(method).uri("/documents/7?view=full");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(String::new()).expect("a request")
}
