//! The answer to a request within the process, from the handler or from the layer.

use http::{request, response};
use tower_precondition::{Rejection, Verdict};

/// The answer, and the head that the handler saw if it ran.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: response::Parts,
    pub(crate) body: String,
    pub(crate) handled: Option<request::Parts>,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// A field of the response; it must not be repeated.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        one(&self.head.headers, name)
    }

    /// A field as the handler saw it.
    pub(crate) fn handler_saw(&self, name: &str) -> Option<&str> {
        one(&self.handled.as_ref().expect("the handler ran").headers, name)
    }

    /// The verdict that the handler got.
    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        self.handled.as_ref().expect("the handler ran").extensions.get()
    }

    pub(crate) fn rejection(&self) -> Option<&Rejection> {
        self.head.extensions.get()
    }

    pub(crate) fn problem(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("problem details in JSON")
    }
}

fn one<'a>(headers: &'a http::HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).into_iter();
    let line = lines.next()?;
    assert!(lines.next().is_none(), "several lines of {name}");
    Some(line.to_str().expect("visible ASCII"))
}

/// The handler or the layer, for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The handler ran, and its answer came back.
    Handler,
    /// The layer answered with this status, and the handler did not run.
    Layer(u16),
}

impl Answer {
    pub(crate) fn by(&self) -> By {
        match self.handled {
            Some(_) => By::Handler,
            None => By::Layer(self.status()),
        }
    }
}
