use std::fmt;

use http::StatusCode;

use crate::{
    precondition::{Condition, ConditionalFields},
    validator::Validators,
};

/// What the layer would have to know to judge a write, and does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Anything, before the request is performed.
    LookUp,
    EntityTag,
    ModificationDate,
    /// The state: a HEAD that asked for it was answered with this.
    State(StatusCode),
    /// An answer to that HEAD.
    Answer,
    /// A service that tells HEAD from the method of the request.
    WholeService,
}

impl Missing {
    /// Whether it may be there the next time.
    pub(crate) fn is_passing(self) -> bool {
        match self {
            Self::Answer => true,
            // 425 has no name in the first release of `http`.
            Self::State(status) => match status.as_u16() {
                408 | 425 | 429 => true,
                501 | 505 => false,
                _ => status.is_server_error(),
            },
            Self::LookUp | Self::EntityTag | Self::ModificationDate | Self::WholeService => false,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the precondition of this write cannot be judged: ")?;
        match self {
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

/// What the preconditions of a write are compared with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needed {
    existence: bool,
    etag: bool,
    last_modified: bool,
}

impl Needed {
    /// What is ignored on every write needs nothing.
    pub(crate) fn of(preconditions: &ConditionalFields<'_>) -> Self {
        let mut needed = Self::default();
        for list in [preconditions.if_match(), preconditions.if_none_match()].into_iter().flatten() {
            match list.is_any() {
                Ok(true) => needed.existence = true,
                Ok(false) | Err(_) => needed.etag = true,
            }
        }
        needed.last_modified = !preconditions.contains(Condition::IfMatch)
            && matches!(preconditions.if_unmodified_since(), Some(Ok(_)));
        needed
    }

    pub(crate) fn anything(self) -> bool {
        self.existence || self.etag || self.last_modified
    }

    /// What of it these validators of an existing representation lack.
    pub(crate) fn missing_in(self, validators: &Validators) -> Option<Missing> {
        match () {
            () if self.etag && validators.etag().is_none() => Some(Missing::EntityTag),
            () if self.last_modified && validators.last_modified().is_none() => {
                Some(Missing::ModificationDate)
            }
            () => None,
        }
    }
}

/// What becomes of a write whose precondition the layer cannot judge, since nothing tells it what
/// the precondition is to be compared with.
///
/// ```
/// use tower_precondition::{PreconditionLayer, UnevaluatedWrites};
///
/// // The handlers compare and set by If-Match themselves.
/// let layer = PreconditionLayer::from_response().unevaluated_writes(UnevaluatedWrites::Forward);
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
/// # let put = || Request::put("/").header("if-match", "\"0\"").body(String::new()).unwrap();
/// assert_eq!(layer.layer(handler).oneshot(put()).await.unwrap().status(), 200);
/// // By default they are not called.
/// let layer = PreconditionLayer::from_response();
/// assert_eq!(layer.layer(handler).oneshot(put()).await.unwrap().status(), 501);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnevaluatedWrites {
    /// It is not made: 501, or 503 where trying again may help, with a body that says what is missing.
    #[default]
    Refuse,
    /// It goes on to the handler as it came, which must judge it itself.
    Forward,
}
