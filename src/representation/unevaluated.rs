use std::fmt;

use http::StatusCode;

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
    /// The state: the HEAD that asked for it got this status.
    State(StatusCode),
    /// An answer to the HEAD.
    Answer,
    /// A service that tells HEAD from the method of the request.
    WholeService,
}

impl Missing {
    /// Returns what the conditions need and the validators of an existing representation lack.
    pub(crate) fn in_validators(carried: Carried, validators: &Validators) -> Option<Self> {
        match () {
            () if carried.needs_etag() && validators.etag().is_none() => Some(Self::EntityTag),
            () if carried.needs_last_modified() && validators.last_modified().is_none() => {
                Some(Self::ModificationDate)
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
            | Self::WholeService => false,
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
            Self::State(status) => {
                write!(f, "HEAD, which should tell the current state, was answered {status}")
            }
            Self::Answer => f.write_str("HEAD, which should tell the current state, was not answered"),
            Self::WholeService => f.write_str(
                "the layer stands around the handler of one method, which HEAD must not reach; \
                 it belongs around the whole router",
            ),
        }
    }
}

/// Says what happens to a write whose precondition the layer cannot evaluate.
///
/// The layer cannot if nothing tells the state before the write, as with
/// [`from_response`](crate::PreconditionLayer::from_response), or if the state lacks the validator that the
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
