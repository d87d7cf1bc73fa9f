use std::fmt;

use http::StatusCode;

use super::{MalformedValidator, MalformedValidators};
use crate::{precondition::Carried, validator::Validators};

/// What the layer lacks to evaluate the precondition of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A look-up: the layer learns the state only from the response.
    LookUp,
    EntityTag,
    /// The tag of the representation that a 206 is a part of. The only one that a read can lack.
    EntityTagOfPart,
    ModificationDate,
    /// A validator that can be read: the one that the representation has is malformed.
    Malformed(MalformedValidator),
    /// The user's promise that a HEAD performs nothing.
    Promise,
    /// A method: the request names another than its own.
    Method,
    /// The content of a QUERY, which selects the representation.
    Content,
    /// A field of the request: the answer to the HEAD depends on it, and the HEAD lacks it.
    SelectingField,
    /// The state: the HEAD that asked for it got this status.
    State(StatusCode),
    /// An answer to the HEAD.
    Answer,
}

impl Missing {
    /// Returns what the conditions need and the validators of an existing representation lack.
    pub(super) fn in_validators(
        carried: Carried,
        validators: &Validators,
        malformed: MalformedValidators,
    ) -> Option<Self> {
        match () {
            () if carried.needs_etag() && validators.etag().is_none() => {
                Some(malformed.etag.map_or(Self::EntityTag, Self::Malformed))
            }
            () if carried.needs_last_modified() && validators.last_modified().is_none() => {
                Some(malformed.last_modified.map_or(Self::ModificationDate, Self::Malformed))
            }
            () => None,
        }
    }

    /// Returns whether a retry may find what is missing.
    pub(crate) fn is_temporary(self) -> bool {
        match self {
            Self::Answer => true,
            // 425 has no name in the oldest supported `http`.
            Self::State(status) => match status.as_u16() {
                408 | 425 | 429 => true,
                501 | 505 => false,
                _ => status.is_server_error(),
            },
            Self::LookUp
            | Self::EntityTag
            | Self::EntityTagOfPart
            | Self::ModificationDate
            | Self::Malformed(_)
            | Self::Promise
            | Self::Method
            | Self::Content
            | Self::SelectingField => false,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = if *self == Self::EntityTagOfPart { "read" } else { "write" };
        write!(f, "the precondition of this {request} cannot be evaluated: ")?;
        match self {
            Self::EntityTagOfPart => f.write_str("the 206 has no entity tag to compare with"),
            Self::LookUp => f.write_str("nothing tells the current state before the write is made"),
            Self::EntityTag => f.write_str("the current representation has no entity tag to compare with"),
            Self::ModificationDate => {
                f.write_str("the current representation has no modification date to compare with")
            }
            Self::Malformed(malformed) => {
                write!(f, "the {} of the current representation is malformed: {malformed}", malformed.field())
            }
            Self::Promise => {
                f.write_str("no HEAD asks for the current state before a write, unless `probe_writes` is set")
            }
            Self::Method => {
                f.write_str("no HEAD asks for the current state if a request names another method")
            }
            Self::Content => f.write_str("a HEAD carries no content, which selects the representation"),
            Self::SelectingField => f.write_str(
                "the answer to HEAD depends, by its Vary, on a field of the request that HEAD does not carry",
            ),
            Self::State(status) => {
                write!(f, "HEAD, which should tell the current state, was answered {status}")?;
                match why_not_passed_on(*status) {
                    Some(reason) if !self.is_temporary() => write!(f, "; {reason}"),
                    _ => Ok(()),
                }
            }
            Self::Answer => f.write_str("HEAD, which should tell the current state, was not answered"),
        }
    }
}

/// Returns why this answer to the HEAD is not the answer to the write.
fn why_not_passed_on(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
            "a client would follow it with a GET, whose success looks like that of the write"
        }
        StatusCode::NOT_MODIFIED | StatusCode::PRECONDITION_FAILED => "HEAD carried no precondition",
        StatusCode::FORBIDDEN => "a client that may not read may still be allowed to write",
        StatusCode::METHOD_NOT_ALLOWED => "the method of the write may still be allowed",
        StatusCode::NOT_ACCEPTABLE => "Accept is about the answer to a read",
        status if status.is_redirection() => "a redirect tells no state",
        status if status.is_client_error() => "it may be about HEAD alone",
        _ => return None,
    })
}

/// Says what happens to a write whose precondition the layer cannot evaluate.
///
/// The layer cannot if nothing tells the state before the write, as with
/// [`from_response`](crate::PreconditionLayer::from_response) and with
/// [`probing`](crate::PreconditionLayer::probing) without
/// [`probe_writes`](crate::PreconditionLayer::probe_writes). Nor can it if the state lacks the validator that the
/// precondition names.
///
/// ```
/// use tower_precondition::{PreconditionLayer, UnevaluatedWrites};
///
/// // The handlers evaluate If-Match themselves, with a compare-and-set.
/// let layer = PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let put = || Request::put("/").header("if-match", "\"0\"").body(String::new()).unwrap();
/// assert_eq!(layer.layer(handler).oneshot(put()).await.unwrap().status(), 200);
/// // By default the handler is not called.
/// let layer = PreconditionLayer::from_response();
/// assert_eq!(layer.layer(handler).oneshot(put()).await.unwrap().status(), 501);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnevaluatedWrites {
    /// Answers 501, or 503 if a retry may help. The body says what is missing.
    #[default]
    Refuse,
    /// Forwards the write unchanged. The handler must evaluate the precondition itself.
    Forward,
}
