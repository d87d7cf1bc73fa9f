use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderValue, Uri, request::Parts};
use pin_project_lite::pin_project;

use super::{Asked, LockSource, RepresentationSource};
use crate::{
    decision::Rejection,
    error::BoxError,
    representation::{IfVerdict, Representation},
    webdav::{IF, IfField, NamedResource, ResourceState, SubmittedTokens},
};

/// A source of representations together with a source of locks, which judges WebDAV's `If`.
///
/// [`PreconditionLayer::webdav`](crate::PreconditionLayer::webdav) makes a layer with it.
pub struct WithLocks<V, L> {
    source: Arc<V>,
    locks: Arc<L>,
    resources: usize,
}

impl<V, L> WithLocks<V, L> {
    /// The default bound of the resources that one field may name.
    const RESOURCES: usize = 16;

    pub(crate) fn new(source: Arc<V>, locks: L) -> Self {
        Self { source, locks: Arc::new(locks), resources: Self::RESOURCES }
    }

    /// The source that is asked for everything but locks.
    #[cfg(feature = "utoipa")]
    pub(crate) fn source(&self) -> &V {
        &self.source
    }

    pub(crate) fn at_most(&mut self, resources: usize) {
        self.resources = resources;
    }
}

impl<V, L> fmt::Debug for WithLocks<V, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithLocks").field("resources", &self.resources).finish_non_exhaustive()
    }
}

impl<V, L> Clone for WithLocks<V, L> {
    fn clone(&self) -> Self {
        let Self { source, locks, resources } = self;
        Self { source: Arc::clone(source), locks: Arc::clone(locks), resources: *resources }
    }
}

impl<S, B, V, L> RepresentationSource<S, B> for WithLocks<V, L>
where
    V: RepresentationSource<S, B>,
    L: LockSource,
{
    type Error = BoxError;
    type Future = LookUpWithLocks<V::Future, L::Future>;
    const CALLS_SERVICE: bool = V::CALLS_SERVICE;
    const JUDGES_IF: bool = true;

    fn check_if(&self, head: &Parts) -> Result<(), Rejection> {
        let field = match IfField::from_headers(&head.headers) {
            None => return Ok(()),
            Some(Err(malformed)) => return Err(Rejection::for_malformed_if(malformed, &head.headers)),
            Some(Ok(field)) => field,
        };
        // Few fields have so many tags that it matters how many of them are of one resource.
        let few = tags(&field).count() <= self.resources;
        match few || Names::of(&field, head).paths.len() <= self.resources {
            true => Ok(()),
            false => Err(Rejection::too_many_resources(self.resources, &head.headers)),
        }
    }

    fn look_up(&self, head: &mut Parts, asked: Asked, service: &mut S) -> Self::Future {
        // First the locks: the other look-up may borrow parts of the head.
        let judging = match asked.judges_if {
            true => Judging::start(&*self.locks, head),
            false => None,
        };
        LookUpWithLocks { lookup: self.source.look_up(head, asked, service), judging }
    }

    fn poll_look_up(
        &self,
        future: Pin<&mut Self::Future>,
        head: &mut Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Representation, BoxError>> {
        let this = future.project();
        let Some(judging) = this.judging else {
            return self.source.poll_look_up(this.lookup, head, cx).map_err(Into::into);
        };
        let found = match judging.found.take() {
            Some(found) => found,
            None => match ready!(self.source.poll_look_up(this.lookup, head, cx)) {
                Ok(refused) if refused.is_refused() => return Poll::Ready(Ok(refused)),
                Ok(found) => found,
                // A full 200 is not correct if `If` asks for a 412, so no method goes on without it.
                Err(error) => {
                    let unknown = Representation::defer_to_handler();
                    return Poll::Ready(Ok(unknown.judged(IfVerdict::Unknown(error.into()))));
                }
            },
        };
        let verdict = match judging.poll(cx) {
            Poll::Pending => {
                judging.found = Some(found);
                return Poll::Pending;
            }
            Poll::Ready(Ok(())) => judging.verdict(&found),
            Poll::Ready(Err(error)) => IfVerdict::Unknown(error),
        };
        Poll::Ready(Ok(found.judged(verdict)))
    }
}

/// The resource tags of a field, in order. Untagged lists are all about the target, so they count as one tag.
fn tags<'a>(field: &IfField<'a>) -> impl Iterator<Item = Option<&'a str>> {
    let mut last = None;
    field.lists().map(|list| list.resource()).filter(move |tag| {
        // Lists under one tag have it from one place in the line.
        let place = Some(tag.map(str::as_ptr));
        mem::replace(&mut last, place) != place
    })
}

/// The resources that a field names, each once, and which of them each list is about.
struct Names<'a> {
    paths: Vec<NamedResource<'a>>,
    /// For each list the index of its resource. `None` is a URL of another server.
    of_lists: Vec<Option<usize>>,
}

impl<'a> Names<'a> {
    fn of(field: &IfField<'a>, head: &Parts) -> Self {
        let mut names = Self { paths: Vec::new(), of_lists: Vec::new() };
        let mut last_tag = None;
        for list in field.lists() {
            let tag = list.resource().map(str::as_ptr);
            // Lists under one tag are about one resource, so that many lists under a long tag are read once.
            let index = match (last_tag == Some(tag), names.of_lists.last()) {
                (true, Some(same)) => *same,
                _ => match NamedResource::of(list.resource(), head) {
                    NamedResource::Elsewhere => None,
                    here => Some(names.index(here)),
                },
            };
            last_tag = Some(tag);
            names.of_lists.push(index);
        }
        names
    }

    fn index(&mut self, resource: NamedResource<'a>) -> usize {
        match self.paths.iter().position(|known| *known == resource) {
            Some(index) => index,
            None => {
                self.paths.push(resource);
                self.paths.len() - 1
            }
        }
    }
}

/// A field whose resources are looked up.
struct Judging<F> {
    line: HeaderValue,
    of_lists: Vec<Option<usize>>,
    lookups: Vec<LookUp<F>>,
    /// The request's target among the look-ups.
    target: Option<usize>,
    /// What the source of representations found, while the locks are looked up.
    found: Option<Representation>,
}

enum LookUp<F> {
    Pending(Pin<Box<F>>),
    Done(ResourceState),
}

impl<F> Judging<F> {
    fn start<L: LockSource<Future = F>>(locks: &L, head: &Parts) -> Option<Box<Self>> {
        let line = head.headers.get(IF)?;
        let names = Names::of(&IfField::parse(line).ok()?, head);
        let target = names.paths.iter().position(|named| *named == NamedResource::Target);
        let look_up = |named: &NamedResource<'_>| match named {
            NamedResource::Path(path) => match path.parse::<Uri>() {
                Ok(uri) => LookUp::Pending(Box::pin(locks.state(&uri, head))),
                // A path that no request can name.
                Err(_) => LookUp::Done(ResourceState::unmapped()),
            },
            _ => LookUp::Pending(Box::pin(locks.state(&head.uri, head))),
        };
        let lookups = names.paths.iter().map(look_up).collect();
        Some(Box::new(Self { line: line.clone(), of_lists: names.of_lists, lookups, target, found: None }))
    }

    fn poll<E: Into<BoxError>>(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>>
    where
        F: Future<Output = Result<ResourceState, E>>,
    {
        let mut all_done = true;
        for lookup in &mut self.lookups {
            if let LookUp::Pending(future) = lookup {
                match future.as_mut().poll(cx) {
                    Poll::Ready(Ok(state)) => *lookup = LookUp::Done(state),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                    Poll::Pending => all_done = false,
                }
            }
        }
        match all_done {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }

    fn verdict(&mut self, found: &Representation) -> IfVerdict {
        // One truth about the target: If-Match and `If` see the same validators.
        let target = self.target.and_then(|target| self.lookups.get_mut(target));
        if let (Some(LookUp::Done(state)), Some(validators)) = (target, found.told_state()) {
            *state = mem::take(state).with_validators(validators.cloned());
        }
        let mut lists = self.of_lists.iter();
        let state_of = |_: &_| match self.lookups.get((*lists.next()?)?) {
            Some(LookUp::Done(state)) => Some(state),
            _ => None,
        };
        IfVerdict::of(&IfField::well_formed(&self.line), state_of, SubmittedTokens::in_line(&self.line))
    }
}

pin_project! {
    /// The look-up of a [`WithLocks`].
    #[must_use = "futures do nothing unless polled"]
    pub struct LookUpWithLocks<F, G> {
        #[pin]
        lookup: F,
        // Boxed: few requests have the field.
        judging: Option<Box<Judging<G>>>,
    }
}

// By hand: the futures of a source need no `Debug`.
impl<F, G> fmt::Debug for LookUpWithLocks<F, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookUpWithLocks")
    }
}
