use std::{any::type_name, convert::Infallible, error, fmt};

use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Extensions, StatusCode, header, request::Parts};

#[cfg(feature = "write-ids")]
use crate::decision::WriteIdentity;
#[cfg(feature = "webdav")]
use crate::webdav::SubmittedTokens;
use crate::{
    decision::{Preconditions, Verdict},
    precondition::MethodKind,
    representation::{FromSource, Guard, Owned},
    response::events,
};

/// Extracts the value that the source attached, such as the row that it loaded.
///
/// The source attaches it with [`Representation::with_attached`](crate::Representation::with_attached).
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

/// The value is not in the request.
///
/// As a response it has one of these statuses, `Cache-Control: no-store` and a text that tells nothing of the
/// program. In debug builds the text of the 500 says what the program lacks.
///
/// | status | if |
/// |---|---|
/// | 503 | the look-up failed, and the request went on without it |
/// | that of the rejection | an extractor of the look-up rejected the request, and the handler's did not |
/// | 501 | the method is OPTIONS, TRACE or CONNECT, for which nothing is looked up |
/// | 500 | the program lacks something |
///
/// Its `Display` says to the developer what is missing. With feature `tracing` it is an event of level `ERROR` for
/// a 500. The response carries the `MissingExtension` in its extensions.
///
/// ```
/// use axum::{Router, routing::put};
/// use tower_precondition::{Verdict, axum::MissingExtension};
/// # use tower::ServiceExt;
///
/// async fn write(_: Verdict) {}
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let app: Router = Router::new().route("/", put(write));
/// let request = http::Request::put("/").body(axum::body::Body::empty()).unwrap();
/// let response = app.oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 500);
/// let missing = response.extensions().get::<MissingExtension>().unwrap();
/// assert!(missing.to_string().starts_with("no `Verdict` in this request: is `PreconditionLayer` applied"));
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MissingExtension {
    what: What,
    status: StatusCode,
}

impl MissingExtension {
    fn new(what: What, head: &Parts) -> Self {
        let status = match FromSource::failure(&head.extensions) {
            Some(status) if status.is_client_error() || status.is_server_error() => status,
            Some(_) => StatusCode::SERVICE_UNAVAILABLE,
            None if MethodKind::of(&head.method) == MethodKind::Neither => StatusCode::NOT_IMPLEMENTED,
            None => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let missing = Self { what, status };
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            events::missing_extension(&missing, head);
        }
        missing
    }
}

#[derive(Clone, Copy, Debug)]
enum What {
    Verdict,
    #[cfg(feature = "write-ids")]
    WriteIdentity,
    Attached(&'static str),
    Owned(&'static str),
    Guard,
}

impl fmt::Display for MissingExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            What::Verdict => f.write_str(
                "no `Verdict` in this request: is `PreconditionLayer` applied to this route, is the method one \
                 that may change state, and does the source not defer to the handler?",
            ),
            #[cfg(feature = "write-ids")]
            What::WriteIdentity => f.write_str(
                "no `WriteIdentity` in this request: is the `PreconditionLayer` of this route told of `write_ids`? \
                 Take `Option<WriteIdentity>`, because most requests have none",
            ),
            What::Attached(value) => write!(
                f,
                "no `{value}` was attached to this request: does the source of the `PreconditionLayer` of this \
                 route call `with_attached`, also if nothing exists? If it does not always, take \
                 `Option<Attached<_>>`",
            ),
            What::Owned(value) => write!(
                f,
                "no `{value}` came with this request, or it was taken before: does the source of the \
                 `PreconditionLayer` of this route call `with_owned`, also if nothing exists? If it does not \
                 always, take `Option<Owned<_>>`",
            ),
            What::Guard => f.write_str(
                "no guard is held for this request: does the source of the `PreconditionLayer` of this route call \
                 `with_guard`, or is the layer told to `serialize_writes` and the method one that may change \
                 state? If it is not always held, take `Option<Guard>`",
            ),
        }
    }
}

impl error::Error for MissingExtension {}

impl IntoResponse for MissingExtension {
    fn into_response(self) -> Response {
        let text = match self.status {
            StatusCode::SERVICE_UNAVAILABLE => "the current state could not be looked up".into(),
            StatusCode::NOT_IMPLEMENTED => "this method is not supported here".into(),
            // Whoever tries a program out sees at once what it lacks. In a release nobody is told of its inside.
            StatusCode::INTERNAL_SERVER_ERROR if cfg!(debug_assertions) => self.to_string(),
            _ => String::from("this request could not be handled"),
        };
        let mut response = (self.status, [(header::CACHE_CONTROL, "no-store")], text).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Implements an extractor of a request extension, and the optional one.
macro_rules! from_extensions {
    ([$($value:ident: $($bound:path),+)?] $extractor:ty, $what:expr, $find:expr) => {
        impl<S: Sync $(, $value: $($bound +)+ 'static)?> FromRequestParts<S> for $extractor {
            type Rejection = MissingExtension;

            async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, MissingExtension> {
                let find: fn(&Extensions) -> Option<Self> = $find;
                find(&head.extensions).ok_or_else(|| MissingExtension::new($what, head))
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

#[cfg(feature = "write-ids")]
from_extensions!([] WriteIdentity, What::WriteIdentity, |extensions| extensions.get().copied());
from_extensions!([] Verdict, What::Verdict, |extensions| extensions.get().cloned());
from_extensions!([T: Clone, Send, Sync] Attached<T>, What::Attached(type_name::<T>()), |extensions| {
    extensions.get().cloned().map(Self)
});
from_extensions!([T: Send] Owned<T>, What::Owned(type_name::<T>()), Owned::take_from);
from_extensions!([] Guard, What::Guard, Guard::from_extensions);

#[cfg(feature = "webdav")]
impl<S: Sync> FromRequestParts<S> for SubmittedTokens {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&head.extensions))
    }
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_head(head))
    }
}
