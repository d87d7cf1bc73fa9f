//! Deviations from the strong comparison of If-Match, each named by its cause.

mod modes;
mod suffixes;

use std::sync::Arc;

use http::Method;

use self::modes::Weak;
pub(crate) use self::{modes::Modes, suffixes::Suffixes};
use super::{
    ConditionalFields, Evaluation,
    evaluate::{evaluate, evaluate_by},
};
use crate::validator::{EntityTag, Validators};

/// Says how If-Match compares entity tags. The default is strong comparison, by RFC 9110.
///
/// Each other mode has a cause, and you choose the one that you have:
///
/// | mode | If-Match also matches | use it for |
/// |---|---|---|
/// | [`weak_by_protocol`](Self::weak_by_protocol) | by weak comparison | FHIR, OData, SCIM |
/// | [`weakened_by_proxy`](Self::weakened_by_proxy) | `W/"1"` if the current tag is `"1"` | nginx with gzip, Cloudflare |
/// | [`suffixed_by_proxy`](Self::suffixed_by_proxy) | `"1-gzip"` if the current tag is `"1"` | Apache with mod_deflate |
///
/// Modes can be combined. A proxy's suffix is taken off in If-None-Match too; otherwise that field compares weakly
/// as ever. If-Range compares strongly in every mode. If If-Match holds only by a mode, Range is dropped: the
/// client may hold a part of a compressed representation, which must not be joined to a plain one.
///
/// Give it to [`PreconditionLayer::compare_tags`](crate::PreconditionLayer::compare_tags), to
/// [`Preconditions::compare_tags`](crate::Preconditions::compare_tags) in a handler, or call
/// [`evaluate`](Self::evaluate).
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tower_precondition::{
///     ConditionalFields, Decision, EntityTag, TagComparison, Validators, precondition::Deviation,
/// };
///
/// let headers = HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static("W/\"3\""))]);
/// let fields = ConditionalFields::from_headers(&headers);
/// let current = Validators::from(EntityTag::from_static("W/\"3\""));
///
/// let evaluation = TagComparison::new().weak_by_protocol().evaluate(&Method::PUT, &fields, Some(&current));
/// assert_eq!(evaluation.decision(), Decision::Proceed);
/// assert_eq!(evaluation.deviation(), Some(Deviation::WeakByProtocol));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TagComparison(Option<Arc<Modes>>);

impl TagComparison {
    /// Compares If-Match strongly (RFC 9110 §13.1.1).
    pub const fn new() -> Self {
        Self(None)
    }

    /// Compares If-Match weakly, because the protocol says so.
    ///
    /// It deviates from RFC 9110 §13.1.1. These specifications ask for it:
    ///
    /// - FHIR, RESTful API, "Managing Resource Contention": `If-Match: W/"3"` names version 3.
    /// - OData 4.01, Part 1, §8.2.4: services use weak comparison for If-Match.
    /// - SCIM, RFC 7644 §3.14: its examples send a weak tag in If-Match.
    ///
    /// Use it only if every change that a write must not overwrite changes the tag. Then the tag is strong in all
    /// but name.
    pub fn weak_by_protocol(self) -> Self {
        self.with(|modes| modes.weak = Weak::ByProtocol)
    }

    /// Lets `W/"1"` in If-Match name the current tag `"1"`, because a proxy weakens tags when it compresses.
    ///
    /// nginx with `gzip on` does so, and Cloudflare. The client sends back the tag that it received. A current tag
    /// that is weak itself matches nothing, as ever.
    pub fn weakened_by_proxy(self) -> Self {
        self.with(|modes| {
            // Weak comparison matches all that this mode does.
            if modes.weak == Weak::Never {
                modes.weak = Weak::FromProxy;
            }
        })
    }

    /// Takes these suffixes off the tags of a request, because a proxy appends one when it compresses.
    ///
    /// Apache appends `-gzip`; other servers append `;gzip` or `--gzip`. List every suffix that your proxy appends,
    /// such as `["-gzip", "-br"]`.
    ///
    /// A tag is compared as it was sent first, and without its suffix then. So that no tag is mistaken for another,
    /// a tag of your own that ends like one with a suffix must leave marked: `"1-gzip"` leaves as
    /// `"1-gzip~identity"`. The layer does that to every response; a handler without the layer calls
    /// [`to_send`](Self::to_send).
    ///
    /// # Panics
    ///
    /// If a suffix is not valid in an entity tag, begins with a letter or a digit, or contains `identity`, which
    /// marks a tag.
    ///
    /// ```
    /// # use tower_precondition::{EntityTag, TagComparison};
    /// let comparison = TagComparison::new().suffixed_by_proxy(["-gzip", ";gzip", "--gzip"]);
    /// assert_eq!(comparison.to_send(&EntityTag::from_static("\"1\"")).to_string(), "\"1\"");
    /// let ends_like_one = EntityTag::from_static("\"1-gzip\"");
    /// assert_eq!(comparison.to_send(&ends_like_one).to_string(), "\"1-gzip~identity\"");
    /// ```
    pub fn suffixed_by_proxy(self, suffixes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let suffixes = Suffixes::new(suffixes);
        self.with(|modes| modes.suffixes = suffixes)
    }

    fn with(mut self, change: impl FnOnce(&mut Modes)) -> Self {
        change(Arc::make_mut(self.0.get_or_insert_default()));
        self
    }

    /// Evaluates the preconditions of one request, as [`evaluate`](crate::evaluate) does, by these modes.
    #[must_use]
    pub fn evaluate(
        &self,
        method: &Method,
        fields: &ConditionalFields<'_>,
        current: Option<&Validators>,
    ) -> Evaluation {
        match self.modes() {
            None => evaluate(method, fields, current),
            Some(modes) => evaluate_by(method, fields, current, Some(modes)),
        }
    }

    /// Returns the tag to send for a current tag: the same, or one that is marked.
    ///
    /// The layer marks the tags of its responses itself. Call it in a handler without the layer. See
    /// [`suffixed_by_proxy`](Self::suffixed_by_proxy).
    #[must_use]
    pub fn to_send(&self, tag: &EntityTag) -> EntityTag {
        match self.suffixes() {
            Some(suffixes) => suffixes.to_send(tag.as_tag_ref()).unwrap_or_else(|| tag.clone()),
            None => tag.clone(),
        }
    }

    /// Returns whether two tags of the server name one state. Weak ones do only if the protocol compares weakly.
    pub(crate) fn is_same_state(&self, one: &EntityTag, other: &EntityTag) -> bool {
        match self.modes().is_some_and(Modes::compare_weakly) {
            true => one.weak_eq(other),
            false => one.strong_eq(other),
        }
    }

    pub(crate) fn modes(&self) -> Option<&Modes> {
        self.0.as_deref()
    }

    pub(crate) fn suffixes(&self) -> Option<&Suffixes> {
        self.modes()?.suffixes.as_ref()
    }

    /// Returns the same without suffixes, for a layer inside one that takes them off.
    pub(crate) fn without_suffixes(&self) -> Self {
        match self.suffixes() {
            Some(_) => self.clone().with(|modes| modes.suffixes = None),
            None => self.clone(),
        }
    }
}
