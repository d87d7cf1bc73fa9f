use http::{
    HeaderMap, Method, StatusCode,
    header::{CACHE_CONTROL, ETAG, LAST_MODIFIED},
    response::Parts,
};

use super::{
    events,
    freshness::{forbid_guessing, no_cache},
    insert_last_modified, is_of_inner_layer,
};
use crate::{
    header_map::{all_lines, has_field, set_field},
    precondition::RequestFields,
    validator::{EntityTag, ResponseFields, Validators, complete_vary},
};

/// Says what the layer adds to a 200, 203, 204 or 206 to GET or HEAD. The default is [`Validators`](Self::Validators).
///
/// ```
/// use tower_precondition::{Emit, EntityTag, PreconditionLayer};
///
/// let source = |_: &http::request::Parts| async { EntityTag::from_version(1) };
/// // The handlers write their own ETag, so an unconditional GET needs no look-up.
/// let layer = PreconditionLayer::new(source).emit(Emit::Nothing);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let request = Request::get("/").body(String::new()).unwrap();
/// # let response = layer.layer(handler).oneshot(request).await.unwrap();
/// assert!(!response.headers().contains_key("etag"));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Emit {
    /// The source's validators and fields that the response lacks.
    ///
    /// - What the handler wrote stays. If its ETag or Last-Modified is not the source's, the layer adds no
    ///   validator of its own, because validators of two states must not mix.
    /// - Vary gets the members that it lacks.
    /// - If the layer adds Last-Modified and nothing says how long the response is fresh, it adds
    ///   `Cache-Control: no-cache`, because caches would guess. It adds `private` too if the request carries
    ///   Cookie or Authorization.
    #[default]
    Validators,
    /// Nothing.
    Nothing,
}

impl Emit {
    /// Returns whether a 200 to this method gets anything.
    ///
    /// QUERY does not: it selects by its content, which no source sees.
    pub(crate) fn applies_to(self, method: &Method) -> bool {
        self == Self::Validators && matches!(*method, Method::GET | Method::HEAD)
    }
}

/// What the source knows, for a 2xx of the handler.
pub(crate) struct Emission {
    validators: Validators,
    /// Whether the request carried Cookie or Authorization.
    credentials: bool,
}

impl Emission {
    pub(crate) fn new(validators: Validators, request: RequestFields) -> Self {
        Self { validators, credentials: request.has(RequestFields::CREDENTIALS) }
    }

    /// Adds what the response lacks. What the handler wrote stays.
    pub(crate) fn add_to(&mut self, head: &mut Parts) {
        let partial = match head.status {
            // 202 and 207 are not the representation.
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION | StatusCode::NO_CONTENT => false,
            StatusCode::PARTIAL_CONTENT => true,
            _ => return,
        };
        // An inner layer's response keeps its own validators.
        if !head.extensions.is_empty() && is_of_inner_layer(&head.extensions) {
            return;
        }
        let Self { validators, credentials } = self;
        let headers = &mut head.headers;
        let present = ResponseFields::of(headers);
        let same_state = !present.has(ResponseFields::VALIDATOR) || agree(headers, validators);
        let mut dated = false;
        if same_state {
            // A 206 carries Last-Modified only if there is no ETag (RFC 9110 §15.3.7).
            let tagged = validators.etag().is_some() || present.has(ResponseFields::ETAG);
            if let Some(etag) = validators.take_etag().filter(|_| !present.has(ResponseFields::ETAG)) {
                set_field(headers, ETAG, etag.into());
            }
            let date = validators.last_modified().filter(|_| !present.has(ResponseFields::LAST_MODIFIED));
            if let Some(date) = date.filter(|_| !partial || !tagged) {
                insert_last_modified(headers, date, None);
                dated = true;
            }
        }
        if validators.have_fields() {
            for (bit, name, value) in validators.fields() {
                match bit {
                    ResponseFields::VARY => complete_vary(headers, value),
                    _ if present.has(bit) => {}
                    _ => set_field(headers, name, value.clone()),
                }
            }
        }
        if dated {
            match present.has(ResponseFields::FRESHNESS) || validators.have_fields() {
                true => forbid_guessing(headers, *credentials),
                // Fast path: nothing is said, so nothing need be read.
                false => set_field(headers, CACHE_CONTROL, no_cache(*credentials)),
            }
        }
    }
}

/// Returns whether the handler's validators are the source's, as far as both say.
///
/// If not, the two saw different states, and their validators must not mix.
fn agree(headers: &HeaderMap, source: &Validators) -> bool {
    let is_source_tag =
        |tag: &EntityTag| all_lines(headers, ETAG).iter().all(|line| line == tag.as_header_value());
    // A date in the future is sent as now, so it need not be the one that the handler wrote.
    let date = source
        .last_modified()
        .filter(|date| has_field(headers, LAST_MODIFIED) && *date == date.not_in_future());
    let agree = source.etag().is_none_or(is_source_tag)
        && (date.is_none() || Validators::from_headers(headers).last_modified() == date);
    if !agree {
        events::handler_differs(headers, source);
    }
    agree
}
