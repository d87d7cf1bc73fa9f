//! Entity tags from content: which responses get one. The client never notices that the layer read ahead.

mod placement;
mod properties;
mod replaced;
mod table;
mod tags;

use std::{
    convert::Infallible,
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{Request, Response, response::Parts};
use tower::{Layer, Service, service_fn};
use tower_precondition::{EntityTagLayer, content_tag::TaggedBody};

use crate::support::bodies::Script;

/// A response after the layer.
struct Answer {
    head: Parts,
    body: TaggedBody<Script>,
    /// How often the future was pending.
    pauses: usize,
}

impl Answer {
    fn tag(&self) -> Option<&str> {
        let mut lines = self.head.headers.get_all("etag").iter();
        let line = lines.next()?;
        assert!(lines.next().is_none(), "several tags");
        Some(line.to_str().expect("visible ASCII"))
    }
}

/// Sends this response, to a request with this method, through the layer.
fn answer(layer: EntityTagLayer, method: &str, response: Response<Script>) -> Answer {
    let mut response = Some(response);
    let mut service = layer.layer(service_fn(move |_: Request<()>| {
        let response = response.take().expect("the handler is called once");
        async move { Ok::<_, Infallible>(response) }
    }));
    let request = Request::builder().method(method).body(()).expect("a method");
    let mut future = pin!(service.call(request));
    let mut pauses = 0;
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => {
                let (head, body) = response.into_parts();
                return Answer { head, body, pauses };
            }
            Poll::Pending => pauses += 1,
        }
    }
}

fn response(status: u16, fields: &[(&str, &str)], body: Script) -> Response<Script> {
    let builder = Response::builder().status(status);
    let builder = fields.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(body).expect("a response")
}

/// Returns the tag of a 200 to GET with these fields and this body.
fn tag_of(fields: &[(&str, &str)], body: Script) -> String {
    let answer = answer(EntityTagLayer::new(), "GET", response(200, fields, body));
    answer.tag().expect("it gets a tag").to_owned()
}
