use std::{
    any::type_name,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use http::Extensions;

use super::guard::Guards;

/// What a source hands on beside what it found.
#[derive(Default)]
pub(crate) struct Attachments {
    /// Goes into the request's extensions.
    pub(crate) values: Extensions,
    handed_over: OfOneRequest,
    pub(crate) guards: Guards,
}

impl Attachments {
    pub(crate) fn hand_over<T: Send + 'static>(&mut self, value: T) {
        self.values.insert(HandedOver::new(value));
        self.handed_over.0.push(|extensions| {
            extensions.remove::<HandedOver<T>>();
        });
    }

    /// Gives the request what is meant for its handler, and the guards to who holds them.
    pub(crate) fn give_to(self, extensions: &mut Extensions) -> Guards {
        extensions.extend(self.values);
        if !self.handed_over.0.is_empty() {
            // A layer further out may have handed over values of its own.
            let mut known = extensions.remove::<OfOneRequest>().unwrap_or_default();
            known.0.extend(self.handed_over.0);
            extensions.insert(known);
        }
        self.guards
    }
}

/// How to take out of a copy of the extensions what belongs to the one request.
#[derive(Clone, Default)]
pub(crate) struct OfOneRequest(Vec<fn(&mut Extensions)>);

impl OfOneRequest {
    /// Takes them out of a copy.
    pub(crate) fn leave(copy: &mut Extensions) {
        let Self(removals) = copy.remove().unwrap_or_default();
        for remove in removals {
            remove(copy);
        }
    }
}

/// A value that the source hands over to the handler, who takes it once.
///
/// It stands in the request's extensions where the source attached it by
/// [`Representation::with_handed_over`](crate::Representation::with_handed_over). It is for what cannot
/// be cloned, such as a transaction; if nobody takes it, it is dropped with the request.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, request::Parts};
/// # use tower::{ServiceExt, service_fn, Layer};
/// # use std::convert::Infallible;
/// use tower_precondition::{EntityTag, HandedOver, PreconditionLayer, Representation};
///
/// struct Transaction(u64);
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let layer = PreconditionLayer::new(|_: &Parts| async {
///     Representation::from(EntityTag::from_version(1)).with_handed_over(Transaction(7))
/// });
/// let handler = service_fn(|request: Request<()>| async move {
///     let transaction = request.extensions().get::<HandedOver<Transaction>>().expect("the source began it");
///     assert_eq!(transaction.take().expect("nobody took it").0, 7);
///     assert!(transaction.take().is_none());
///     Ok::<_, Infallible>(Response::new(String::new()))
/// });
/// layer.layer(handler).oneshot(Request::put("/").body(()).unwrap()).await.unwrap();
/// # });
/// ```
pub struct HandedOver<T>(Arc<Mutex<Option<T>>>);

impl<T> HandedOver<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    /// Takes the value; `None` where it was taken before.
    ///
    /// The example of [`HandedOver`] shows it.
    #[must_use = "what is taken and not kept is dropped"]
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for HandedOver<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for HandedOver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandedOver<{}>", type_name::<T>())
    }
}
