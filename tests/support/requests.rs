//! Short constructors of requests and responses.

use http::{Request, Response};

pub(crate) fn request(method: &str, fields: &[(&str, &str)]) -> Request<String> {
    let mut request = Request::builder().method(method).uri("/documents/7?view=full");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(String::new()).expect("a request")
}

pub(crate) fn response(status: u16, fields: &[(&str, &str)], body: &str) -> Response<String> {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    response.body(body.to_owned()).expect("a response")
}
