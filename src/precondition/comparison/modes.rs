use super::Suffixes;
use crate::{
    precondition::{
        Deviation, MalformedField, TagList, deviation::Named, method::MethodKind, tag_list::Members,
    },
    validator::{EntityTag, TagRef, Validators},
};

/// The modes that the user chose, at least one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modes {
    pub(super) weak: Weak,
    pub(super) suffixes: Option<Suffixes>,
}

/// Which weak tags match in If-Match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weak {
    #[default]
    Never,
    /// A weak one that the client sent names a strong current one.
    FromProxy,
    ByProtocol,
}

impl Modes {
    /// Says how If-Match names the current representation.
    pub(crate) fn if_match(
        &self,
        list: TagList<'_>,
        current: Option<&Validators>,
        kind: MethodKind,
    ) -> Result<Named, MalformedField> {
        let others = current.filter(|_| kind == MethodKind::Changes).map(Validators::other_etags);
        let tags = current.and_then(Validators::etag).into_iter().chain(others.unwrap_or_default());
        self.names(list, current.is_some(), tags, |given, current| self.by_if_match(given, current))
    }

    /// Says how If-None-Match names the current representation.
    pub(crate) fn if_none_match(
        &self,
        list: TagList<'_>,
        current: Option<&Validators>,
    ) -> Result<Named, MalformedField> {
        let tag = current.and_then(Validators::etag).into_iter();
        self.names(list, current.is_some(), tag, |given, current| match self.opaque(given, current) {
            Opaque::Other => Named::No,
            Opaque::Same => Named::Yes,
            Opaque::SameWithoutSuffix => Named::By(Deviation::SuffixedByProxy),
        })
    }

    /// Compares a tag of If-Range with the current one, strongly. The client got the tag that was sent.
    pub(crate) fn if_range(&self, given: TagRef<'_>, current: TagRef<'_>) -> bool {
        !given.weak && !current.weak && self.opaque(given, current) == Opaque::Same
    }

    fn names<'a>(
        &self,
        list: TagList<'_>,
        exists: bool,
        tags: impl Iterator<Item = &'a EntityTag>,
        compare: impl Fn(TagRef<'_>, TagRef<'_>) -> Named,
    ) -> Result<Named, MalformedField> {
        if list.is_any()? {
            return Ok(if exists { Named::Yes } else { Named::No });
        }
        let mut named = Named::No;
        for tag in tags {
            list.read(&mut |given| named = named.or(compare(given, tag.as_tag_ref())))?;
        }
        Ok(named)
    }

    fn by_if_match(&self, given: TagRef<'_>, current: TagRef<'_>) -> Named {
        let suffixed = match self.opaque(given, current) {
            Opaque::Other => return Named::No,
            Opaque::Same => None,
            Opaque::SameWithoutSuffix => Some(Deviation::SuffixedByProxy),
        };
        let weak = match (given.weak, current.weak, self.weak) {
            (false, false, _) => None,
            (_, _, Weak::ByProtocol) => Some(Deviation::WeakByProtocol),
            (true, false, Weak::FromProxy) => Some(Deviation::WeakenedByProxy),
            _ => return Named::No,
        };
        suffixed.or(weak).map_or(Named::Yes, Named::By)
    }

    fn opaque(&self, given: TagRef<'_>, current: TagRef<'_>) -> Opaque {
        let (given, current) = (given.opaque, current.opaque);
        let Some(suffixes) = &self.suffixes else {
            return if given == current { Opaque::Same } else { Opaque::Other };
        };
        if suffixes.is_sent_as(current, given) {
            Opaque::Same
        } else if suffixes.taken_off(given).is_some_and(|rest| suffixes.is_sent_as(current, rest)) {
            Opaque::SameWithoutSuffix
        } else {
            Opaque::Other
        }
    }

    /// Returns whether a tag of the list could name the current one by a mode alone, whatever that is.
    pub(crate) fn may_deviate(&self, list: TagList<'_>) -> bool {
        let mut may = false;
        let read = list.read(&mut |given| {
            may = may
                || self.weak == Weak::ByProtocol
                || (given.weak && self.weak == Weak::FromProxy)
                || self.suffixes.as_ref().is_some_and(|suffixes| suffixes.taken_off(given.opaque).is_some());
        });
        read == Ok(Members::Tags) && may
    }

    /// Returns whether a weak tag of the client can match.
    pub(crate) fn weak_tags_match(&self) -> bool {
        self.weak != Weak::Never
    }

    /// Returns whether a tag can match without its suffix.
    pub(crate) fn take_suffixes_off(&self) -> bool {
        self.suffixes.is_some()
    }

    /// Returns whether a weak current tag can match.
    pub(crate) fn compare_weakly(&self) -> bool {
        self.weak == Weak::ByProtocol
    }
}

/// How the text between the quotes compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opaque {
    Other,
    Same,
    SameWithoutSuffix,
}
