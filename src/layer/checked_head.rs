use http::request::Parts;

use crate::{
    decision::{Case, Rejection},
    precondition::{Carried, ConditionalFields, MethodKind, RequestFields, Requirement},
    source::{Asked, RepresentationSource},
    validator::HttpDate,
};

/// A request's head that passed A and B, while the look-up runs.
#[derive(Debug)]
pub(super) struct CheckedHead {
    pub(super) kind: MethodKind,
    pub(super) fields: RequestFields,
    pub(super) way: Way,
    pub(super) carried: Carried,
    pub(super) requirement: Option<Requirement>,
    /// When the look-up began, if the strength of a date may depend on it.
    pub(super) asked_at: Option<HttpDate>,
}

/// The way of a request through the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// No condition can change the answer.
    Plain,
    /// The same, but the tag of the answer is marked when it leaves.
    Marked,
    Conditional,
}

impl CheckedHead {
    /// An unconditional GET or HEAD: the look-up is only for its 200.
    pub(super) const fn unconditional(fields: RequestFields) -> Self {
        Self {
            kind: MethodKind::Selects,
            fields: fields.without(RequestFields::EVALUATED),
            way: Way::Plain,
            carried: Carried::NONE,
            requirement: None,
            asked_at: None,
        }
    }

    /// Takes the way on which the tag of the answer can be marked.
    pub(super) fn mark_answer(&mut self) {
        if self.way == Way::Plain {
            self.way = Way::Marked;
        }
    }

    /// Says that the request's extensions have its identity. A bit, so that this type stays small to move.
    #[cfg(feature = "write-ids")]
    pub(super) fn set_identified(&mut self) {
        self.fields = self.fields.and(RequestFields::IDENTIFIED);
    }

    #[cold]
    pub(super) fn waited_too_long(&self, head: &Parts) -> Rejection {
        Rejection::waited_too_long(&ConditionalFields::from_present(&head.headers, self.fields))
    }

    /// Starts the look-up.
    // Saves 9 instructions of a GET.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn look_up<S, V, B>(&self, source: &V, head: &mut Parts, service: &mut S) -> V::Future
    where
        V: RepresentationSource<S, B>,
    {
        // Only a source that calls the service, or judges WebDAV's If, needs to know.
        let asked = match V::CALLS_SERVICE || V::JUDGES_IF {
            true => self.asked(head),
            false => Asked::NOTHING,
        };
        source.look_up(head, asked, service)
    }

    fn asked(&self, head: &Parts) -> Asked {
        #[cfg(feature = "webdav")]
        let judges_if = self.judges_if();
        match self.is_write() {
            true => Asked {
                depends_on_state: self.is_conditional_write(head),
                carried: self.carried_with_date(head),
                #[cfg(feature = "webdav")]
                judges_if,
            },
            false => Asked {
                depends_on_state: self.way == Way::Conditional || self.requirement.is_some(),
                // The other conditions fail no read for want of a validator.
                carried: Carried::tags_of_if_match(&ConditionalFields::from_present(
                    &head.headers,
                    self.fields,
                )),
                #[cfg(feature = "webdav")]
                judges_if,
            },
        }
    }

    fn carried_with_date(&self, head: &Parts) -> Carried {
        self.carried.with_date(&ConditionalFields::from_present(&head.headers, self.fields))
    }

    /// Returns whether this is a write whose answer depends on the current state.
    pub(super) fn is_conditional_write(&self, head: &Parts) -> bool {
        let carried = self.carried_with_date(head);
        let asks_existing =
            |required: &Requirement| required.asks_only_of_existing() && !required.is_met_by(carried);
        self.is_write() && (carried.is_any() || self.requirement.as_ref().is_some_and(asks_existing))
    }

    /// Returns whether the request carries WebDAV's If, and the layer judges it.
    #[cfg(feature = "webdav")]
    pub(super) fn judges_if(&self) -> bool {
        self.fields.has(RequestFields::WEBDAV_IF)
    }

    pub(super) fn is_write(&self) -> bool {
        self.kind == MethodKind::Changes
    }

    /// Returns whether the look-up is only for the 200, which leaves as it is.
    pub(super) fn is_plain_read(&self) -> bool {
        self.kind == MethodKind::Selects && self.way == Way::Plain && self.requirement.is_none()
    }

    pub(super) fn is_unconditional_read(&self) -> bool {
        self.kind == MethodKind::Selects && self.way != Way::Conditional && self.requirement.is_none()
    }

    /// Returns whether If-Modified-Since alone decides between a 304 and the handler's response.
    pub(super) fn asks_by_date_alone(&self) -> bool {
        self.kind == MethodKind::Selects && self.requirement.is_none() && self.fields.has_date_alone()
    }

    pub(super) fn case<'a>(&'a self, head: &'a Parts) -> Case<'a> {
        Case::new(self.kind, head, self.fields, self.requirement.as_ref(), self.carried)
    }
}
