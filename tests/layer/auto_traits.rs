//! Auto traits, sizes, and the services that the layer can wrap, on a runtime that needs `Send` and on one
//! that does not.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    future::{Future, Ready},
    hash::Hash,
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, request::Parts},
    routing::get,
};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, service_fn,
    util::{BoxCloneService, BoxCloneSyncService, BoxService},
};
use tower_precondition::{
    CloseUnreadLayer, Condition, ConditionalFields, ContentCodingLayer, Decision, Emit, EntityTag,
    Evaluation, Expose, ExtensionValue, FileTag, Guard, HttpDate, InvalidEntityTag, InvalidHttpDate,
    InvalidTagValue, Owned, Precondition, PreconditionLayer, Preconditions, ProblemDetails, RefusedUploads,
    Rejection, RejectionKind, Representation, RequiredCondition, Requirement, ResponseBody, ResponseFuture,
    TagComparison, TagKey, Validators, Verdict,
    axum::OverExtractors,
    close_unread::{CloseUnread, CloseUnreadFuture, WatchedBody},
    coding::{ContentCoding, ContentCodingFuture},
    lingering_close::{LingeringClose, LingeringListener, LingeringStream},
    openapi::Description,
    precondition::{Deviation, Ignored, MalformedField, Outcome, TagList},
    source::{AsItIs, RepresentationFuture},
    testing::{Exchanges, Verdicts},
};

use crate::support::{at_once, current, finds, request, response};

fn is_shared<T: Send + Sync + Unpin + fmt::Debug>() {}
fn is_sent<T: Send + Unpin + fmt::Debug>() {}
fn is_clone<T: Clone>() {}
fn is_copy<T: Copy + Eq>() {}
fn is_copy_alone<T: Copy>() {}
fn is_key<T: Clone + Eq + Hash>() {}
fn is_error<T: Error + Send + Sync + 'static>() {}
fn is_display<T: fmt::Display>() {}
fn is_default<T: Default>() {}
fn crosses_catch_unwind<T: UnwindSafe + RefUnwindSafe>() {}

type Source = fn(&Parts) -> Ready<Validators>;
type Answering = ResponseFuture<crate::support::Handler, Source, ProblemDetails, String>;

macro_rules! every {
    ($($check:ident: $($type:ty),+;)*) => {$(
        $($check::<$type>();)+
    )*};
}

/// This test proves the traits by compiling.
#[test]
fn every_public_type_has_its_traits() {
    every! {
        is_shared: AsItIs, OverExtractors<std::rc::Rc<()>>, Description, Exchanges, Verdicts, TagKey, FileTag, InvalidTagValue, TagComparison, Deviation, Condition, Decision, Emit, EntityTag, Evaluation, Expose, Guard, HttpDate, Ignored, InvalidEntityTag,
            InvalidHttpDate, RepresentationFuture<Ready<()>>, ContentCodingLayer, ContentCoding<crate::support::Handler>, ContentCodingFuture<Ready<()>>, CloseUnreadLayer, CloseUnread<crate::support::Handler>,
            CloseUnreadFuture<Ready<()>>, WatchedBody<String>, LingeringClose, LingeringListener<()>, LingeringStream<()>, RefusedUploads, MalformedField, ExtensionValue, Outcome,
            Precondition<crate::support::Handler, Source>, PreconditionLayer<Source>, ConditionalFields<'static>,
            ProblemDetails, Rejection, RejectionKind, Preconditions, RequiredCondition, Requirement,
            TagList<'static>, Validators, Verdict;
        is_clone: Description, Exchanges, Verdicts, TagKey, TagComparison, ContentCodingLayer, CloseUnreadLayer, CloseUnread<crate::support::Handler>, LingeringClose, Condition, Decision, Emit, EntityTag, Evaluation, Expose, Guard, HttpDate, MalformedField, ExtensionValue,
            Precondition<crate::support::Handler, Source>, PreconditionLayer<Source>, ConditionalFields<'static>, Rejection,
            Preconditions, Requirement, TagList<'static>, Validators, Verdict;
        is_copy: FileTag, Condition, Decision, Deviation, Emit, Evaluation, Expose, HttpDate, Ignored, MalformedField, Outcome,
            RejectionKind, RequiredCondition;
        is_key: Condition, RejectionKind, RequiredCondition;
        is_error: InvalidTagValue, InvalidEntityTag, InvalidHttpDate, MalformedField, Rejection;
        is_display: Condition, Deviation, EntityTag, HttpDate, Ignored, ExtensionValue, Outcome, RequiredCondition;
        crosses_catch_unwind: Guard;
        is_copy_alone: AsItIs, OverExtractors<u8>, CloseUnreadLayer, RefusedUploads;
        is_default: TagComparison, RefusedUploads, CloseUnreadLayer, WatchedBody<String>, LingeringClose, Emit, Expose, ProblemDetails, Verdicts, ResponseBody<String>, Validators;
    }
    // A refusal can carry any body, and a body need not be `Sync`.
    every! {
        is_sent: Representation, ResponseBody<String>, ResponseBody<Body>, Answering;
    }
    // An owned value need be neither `Clone` nor `Sync`.
    let taken = Owned::<Box<dyn FnOnce() + Send>>::take_from(&http::Extensions::new());
    assert!(taken.is_none());
}

#[test]
fn types_of_webdav_have_their_traits() {
    use tower_precondition::{
        ResourceState, SubmittedTokens,
        source::{LookUpWithLocks, ResourceStateFuture, WithLocks},
        webdav::{FailedCondition, HeldLists, IfCondition, IfField, IfList, MalformedIf, NamedResource},
    };

    type Locks = fn(&http::Uri, &Parts) -> Ready<ResourceState>;
    type Found = LookUpWithLocks<Ready<()>, Ready<()>>;
    every! {
        is_shared: FailedCondition<'static>, HeldLists, IfCondition<'static>, IfField<'static>, IfList<'static>,
            MalformedIf, NamedResource<'static>, ResourceState, SubmittedTokens, WithLocks<Source, Locks>,
            ResourceStateFuture<Ready<()>>, PreconditionLayer<WithLocks<Source, Locks>>;
        is_sent: Found;
        is_clone: ResourceState, SubmittedTokens, WithLocks<Source, Locks>,
            PreconditionLayer<WithLocks<Source, Locks>>;
        is_copy: HeldLists, MalformedIf, NamedResource<'static>;
        is_copy_alone: FailedCondition<'static>, IfCondition<'static>, IfField<'static>, IfList<'static>;
        is_error: MalformedIf;
        is_display: FailedCondition<'static>, IfCondition<'static>, IfField<'static>, MalformedIf;
        is_default: ResourceState, SubmittedTokens;
    }
}

#[test]
fn a_queue_is_send_sync_and_clone_with_any_closure() {
    use tower_precondition::{MadeWrite, SerializedWrites, WriteIdentity, WriteIds};

    is_shared::<SerializedWrites>();
    is_clone::<SerializedWrites>();
    every! {
        is_shared: MadeWrite, WriteIdentity, WriteIds;
        is_clone: MadeWrite, WriteIds;
        is_copy: WriteIdentity;
        is_key: WriteIdentity;
    }
    let held = Box::<dyn Fn(&Parts) -> u8 + Send + Sync>::from(Box::new(|_: &Parts| 1));
    let layer = PreconditionLayer::new(finds(current)).serialize_writes(SerializedWrites::by(held));
    let _ = layer.clone().layer(crate::support::Handler::answering(response(200, &[], ""))).clone();
}

#[test]
fn the_layer_is_clone_with_any_source() {
    struct NotClone;
    let held = NotClone;
    let source = move |_: &Parts| {
        let _ = &held;
        std::future::ready(current())
    };
    let layer = PreconditionLayer::new(source).require(|_: &Parts| Requirement::none());
    let service = layer
        .clone()
        .layer(service_fn(|_: Request<String>| async { Ok::<_, Infallible>(response(200, &[], "")) }));
    let Ok(answer) = at_once(service.clone().oneshot(request("GET", &[])));
    assert_eq!(answer.headers()["etag"], "\"1\"");
}

#[test]
fn a_rejection_is_one_pointer_wide() {
    assert_eq!(size_of::<Rejection>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Rejection>>(), size_of::<usize>());
}

#[test]
fn debug_output_names_the_type() {
    let layer = PreconditionLayer::new(finds(current)).emit(Emit::Nothing);
    assert_eq!(
        format!("{layer:?}"),
        "PreconditionLayer { emit: Nothing, expose: Validators, comparison: TagComparison(None), .. }"
    );
    let mut service = layer.layer(crate::support::Handler::answering(response(200, &[], "")));
    assert!(format!("{:?}", layer.layer(7)).starts_with("Precondition { inner: 7"));
    let future = service.call(request("GET", &[]));
    assert_eq!(format!("{future:?}"), "ResponseFuture(forward)");
    let future = service.call(request("PUT", &[]));
    assert_eq!(format!("{future:?}"), "ResponseFuture(look-up)");
    let future = service.call(request("PUT", &[("if-match", "1")]));
    assert_eq!(format!("{future:?}"), "ResponseFuture(answer)");
    let Ok(answer) = at_once(future);
    assert_eq!(format!("{:?}", answer.body()), "ResponseBody(whole)");
}

/// Runs the future as a task, so that it must be `Send`.
async fn on_any_thread<F>(future: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    tokio::spawn(future).await.expect("the task ends")
}

#[tokio::test]
async fn the_future_can_be_spawned() {
    let service = PreconditionLayer::new(|_: &Parts| async { current() })
        .layer(service_fn(|_: Request<String>| async { Ok::<_, Infallible>(response(200, &[], "text")) }));
    let Ok(answer) = on_any_thread(service.oneshot(request("GET", &[("if-none-match", "\"1\"")]))).await;
    assert_eq!(answer.status(), 304);
}

#[tokio::test]
async fn a_service_that_is_not_send_runs_on_a_local_set() {
    let seen = Rc::new(std::cell::Cell::new(0));
    let state = Rc::new(String::from("\"1\""));
    let source = {
        let state = Rc::clone(&state);
        move |_: &Parts| {
            let state = Rc::clone(&state);
            async move {
                tokio::task::yield_now().await;
                state.parse::<EntityTag>()
            }
        }
    };
    let handler = {
        let seen = Rc::clone(&seen);
        service_fn(move |_: Request<String>| {
            let seen = Rc::clone(&seen);
            async move {
                tokio::task::yield_now().await;
                seen.set(seen.get() + 1);
                Ok::<_, Rc<str>>(response(200, &[], "text"))
            }
        })
    };
    let policy = {
        let requirement = Rc::new(Requirement::none());
        move |_: &Parts| (*requirement).clone()
    };
    let service = PreconditionLayer::new(source).require(policy).layer(handler);
    let local = tokio::task::LocalSet::new();
    let task = |method, tag| {
        let request = request(method, &[("if-match", tag)]);
        local.spawn_local(service.clone().oneshot(request))
    };
    let (stale, fresh) = (task("PUT", "\"2\""), task("PUT", "\"1\""));
    let (stale, fresh) = local.run_until(async { (stale.await, fresh.await) }).await;
    assert_eq!(stale.expect("the task ends").expect("an answer").status(), 412);
    assert_eq!(fresh.expect("the task ends").expect("an answer").status(), 200);
    assert_eq!(seen.get(), 1);
}

/// Sends a stale write to this service, and returns the status.
fn stale_write<S, B>(service: S) -> u16
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: fmt::Debug,
{
    let request = request("PUT", &[("if-match", "\"2\"")]).map(Body::from);
    at_once(service.oneshot(request)).expect("an answer").status().as_u16()
}

async fn handle(_: Request<Body>) -> Result<Response<String>, Infallible> {
    Ok(response(200, &[], "text"))
}

fn layer() -> PreconditionLayer<Source> {
    let source: Source = |_| std::future::ready(current());
    PreconditionLayer::new(source)
}

#[test]
fn it_fits_a_service_builder_among_other_layers() {
    let service = ServiceBuilder::new()
        .layer(tower_http::trace::TraceLayer::new_for_http())
        .layer(layer())
        .layer(tower_http::set_header::SetResponseHeaderLayer::overriding(
            axum::http::header::SERVER,
            axum::http::HeaderValue::from_static("test"),
        ))
        .service_fn(handle);
    assert_eq!(stale_write(service), 412);
}

#[test]
fn it_fits_boxed_services() {
    assert_eq!(stale_write(BoxService::new(layer().layer(service_fn(handle)))), 412);
    assert_eq!(stale_write(BoxCloneService::new(layer().layer(service_fn(handle)))), 412);
    assert_eq!(stale_write(BoxCloneSyncService::new(layer().layer(service_fn(handle)))), 412);
}

#[test]
fn it_fits_around_boxed_services() {
    assert_eq!(stale_write(layer().layer(BoxCloneService::new(service_fn(handle)))), 412);
    assert_eq!(stale_write(layer().layer(BoxCloneSyncService::new(service_fn(handle)))), 412);
}

#[test]
fn it_fits_a_router() {
    let text = || async { "text" };
    let app: Router = Router::new().route("/documents/{id}", get(text).put(text)).layer(layer());
    assert_eq!(stale_write(app), 412);
    let app: Router = Router::new().route("/documents/{id}", get(text).put(text)).route_layer(layer());
    assert_eq!(stale_write(app), 412);
}

#[test]
fn it_fits_a_method_router() {
    let text = || async { "text" };
    let documents = get(text).put(text).route_layer(layer());
    let app: Router = Router::new().route("/documents/{id}", documents);
    assert_eq!(stale_write(app), 412);
    let app: Router = Router::new().route("/documents/{id}", get(text).put(text).layer(layer()));
    assert_eq!(stale_write(app), 412);
}

#[test]
fn it_fits_a_nested_router_and_a_service_in_one() {
    let documents =
        Router::new().route("/{id}", get(|| async { "text" }).put(|| async { "text" })).layer(layer());
    assert_eq!(stale_write(Router::new().nest("/documents", documents)), 412);
    let service = layer().layer(service_fn(handle));
    assert_eq!(stale_write(Router::new().route_service("/documents/{id}", service)), 412);
}

mod over_extractors {
    use axum::extract::{Path, State};
    use tower_precondition::{
        Attached, Owned,
        axum::{FromFn, MissingExtension},
        validators_from_fn, validators_from_fn_with_state,
    };

    use super::{
        PreconditionLayer, Router, Validators, current, fmt, get, is_clone, is_copy_alone, is_error,
        is_shared, stale_write,
    };

    #[test]
    fn extractors_have_the_traits_of_their_values() {
        is_shared::<Attached<u8>>();
        is_shared::<Owned<u8>>();
        is_copy_alone::<Attached<u8>>();
        is_clone::<Attached<String>>();
        is_error::<MissingExtension>();
    }

    #[test]
    fn a_look_up_over_extractors_is_shared_and_clone() {
        fn is_shared_source<T: Clone + Send + Sync + fmt::Debug>(_: &T) {}
        is_shared_source(&validators_from_fn(|| async { current() }));
        is_shared_source(&validators_from_fn_with_state(7, |_: State<i32>| async { current() }));
        is_clone::<FromFn<fn(), (), ()>>();
    }

    #[test]
    fn a_look_up_over_extractors_fits_a_method_router() {
        async fn lookup(State(tag): State<&'static str>, Path(id): Path<u64>) -> Option<Validators> {
            (id == 7).then(|| crate::support::tagged(tag))
        }
        let documents = get(|| async { "text" })
            .put(|| async { "text" })
            .route_layer(PreconditionLayer::new(validators_from_fn_with_state("\"1\"", lookup)));
        let app: Router = Router::new().route("/documents/{id}", documents);
        assert_eq!(stale_write(app), 412);
    }
}
