//! What the layer and its source leave for a handler, as Axum's extractors, and a rejection as its answer.

use std::{any::type_name, convert::Infallible, error, fmt};

use axum_core::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Extensions, StatusCode, request::Parts};

use crate::{
    decision::{Preconditions, Rejection, Verdict},
    representation::{Guard, GuardShare, HandedOver},
    response::ResponseBody,
};

/// What the source attached to the request by
/// [`Representation::with_attached`](crate::Representation::with_attached), such as the row that it loaded.
///
/// `Option<Attached<T>>` is an extractor too.
///
/// ```
/// use axum::{Router, routing::get};
/// use tower_precondition::{
///     Attached, EntityTag, PreconditionLayer, Representation, validators_from_fn,
/// };
///
/// #[derive(Clone)]
/// struct Row(&'static str);
///
/// async fn lookup() -> Representation {
///     Representation::from(EntityTag::from_version(1)).with_attached(Row("text"))
/// }
///
/// async fn read(Attached(Row(text)): Attached<Row>) -> &'static str {
///     text
/// }
///
/// let documents = get(read).route_layer(PreconditionLayer::new(validators_from_fn(lookup)));
/// let app: Router = Router::new().route("/", documents);
/// # use tower::ServiceExt;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let request = http::Request::new(axum::body::Body::empty());
/// assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Attached<T>(pub T);

/// What the source handed over by
/// [`Representation::with_handed_over`](crate::Representation::with_handed_over), such as a transaction.
///
/// `Option<Taken<T>>` is an extractor too.
///
/// ```
/// use axum::{Router, routing::put};
/// use tower_precondition::{
///     EntityTag, PreconditionLayer, Representation, Taken, validators_from_fn,
/// };
///
/// struct Transaction;
///
/// async fn lookup() -> Representation {
///     Representation::from(EntityTag::from_version(1)).with_handed_over(Transaction)
/// }
///
/// async fn write(Taken(transaction): Taken<Transaction>) {
///     drop(transaction);
/// }
///
/// let documents = put(write).route_layer(PreconditionLayer::new(validators_from_fn(lookup)));
/// let app: Router = Router::new().route("/", documents);
/// # use tower::ServiceExt;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let request = http::Request::put("/").body(axum::body::Body::empty()).unwrap();
/// assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Taken<T>(pub T);

/// A handler asked for what the layer or its source did not leave for it: 500, which names the fix.
///
/// ```
/// use axum::{Router, routing::put};
/// use tower_precondition::Verdict;
/// # use http_body_util::BodyExt;
/// # use tower::ServiceExt;
///
/// async fn write(_: Verdict) {}
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let app: Router = Router::new().route("/", put(write));
/// let request = http::Request::put("/").body(axum::body::Body::empty()).unwrap();
/// let response = app.oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 500);
/// let text = response.into_body().collect().await.unwrap().to_bytes();
/// assert!(text.starts_with(b"no `Verdict` in this request: is `PreconditionLayer` applied to this route"));
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MissingExtension {
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Verdict,
    Attached(&'static str),
    HandedOver(&'static str),
    Guard,
}

impl fmt::Display for MissingExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            What::Verdict => f.write_str(
                "no `Verdict` in this request: is `PreconditionLayer` applied to this route, is the method one \
                 that may change state, and does the source not defer to the handler?",
            ),
            What::Attached(value) => write!(
                f,
                "no `{value}` was attached to this request: does the source of the `PreconditionLayer` of this \
                 route call `with_attached`, also where nothing exists? Where it does not always, take \
                 `Option<Attached<_>>`",
            ),
            What::HandedOver(value) => write!(
                f,
                "no `{value}` was handed over with this request, or it was taken before: does the source of the \
                 `PreconditionLayer` of this route call `with_handed_over`, also where nothing exists? Where it \
                 does not always, take `Option<Taken<_>>`",
            ),
            What::Guard => f.write_str(
                "no guard is held for this request: does the source of the `PreconditionLayer` of this route call \
                 `with_guard`, or is the layer told to `serialize_writes` and the method one that may change \
                 state? Where it is not always held, take `Option<GuardShare>`",
            ),
        }
    }
}

impl error::Error for MissingExtension {}

impl IntoResponse for MissingExtension {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// An extractor of what may stand in a request's extensions, and an optional one.
macro_rules! from_extensions {
    ([$($value:ident: $($bound:path),+)?] $extractor:ty, $what:expr, $find:expr) => {
        impl<S: Sync $(, $value: $($bound +)+ 'static)?> FromRequestParts<S> for $extractor {
            type Rejection = MissingExtension;

            async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, MissingExtension> {
                let find: fn(&Extensions) -> Option<Self> = $find;
                find(&head.extensions).ok_or(MissingExtension { what: $what })
            }
        }

        impl<S: Sync $(, $value: $($bound +)+ 'static)?> OptionalFromRequestParts<S> for $extractor {
            type Rejection = Infallible;

            async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
                let find: fn(&Extensions) -> Option<Self> = $find;
                Ok(find(&head.extensions))
            }
        }
    };
}

from_extensions!([] Verdict, What::Verdict, |extensions| extensions.get().cloned());
from_extensions!([T: Clone, Send, Sync] Attached<T>, What::Attached(type_name::<T>()), |extensions| {
    extensions.get().cloned().map(Self)
});
from_extensions!([T: Send] Taken<T>, What::HandedOver(type_name::<T>()), |extensions| {
    extensions.get::<HandedOver<T>>().and_then(HandedOver::take).map(Self)
});
from_extensions!([] GuardShare, What::Guard, |extensions| extensions.get().and_then(Guard::share));

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_head(head))
    }
}

/// As [`to_response`](Rejection::to_response) has it; a layer that it passes renders it anew.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.to_response().map(|content| match content.is_empty() {
            // Of an exact size of zero Axum makes `Content-Length: 0`, which a 304 must not have.
            true => Body::new(ResponseBody::<Body>::empty()),
            false => Body::from(content),
        })
    }
}
