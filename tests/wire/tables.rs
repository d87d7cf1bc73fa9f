//! Tables of cases: each row becomes a module of that name, with one test for each wire.

/// HTTP/1.1 and HTTP/2, under Axum and under plain Hyper.
macro_rules! on_every_wire {
    ($($case:ident;)+) => { $(
        crate::tables::tests_of! {
            $case on axum_http1: Axum Http1, axum_http2: Axum Http2, hyper_http1: Hyper Http1, hyper_http2: Hyper Http2
        }
    )+ };
}

/// For features of HTTP/1.1 alone, such as `Connection: close`.
macro_rules! over_http1 {
    ($($case:ident;)+) => { $(
        crate::tables::tests_of! { $case on axum_http1: Axum Http1, hyper_http1: Hyper Http1 }
    )+ };
}

/// For features of HTTP/2 alone, such as streams that end one by one.
macro_rules! over_http2 {
    ($($case:ident;)+) => { $(
        crate::tables::tests_of! { $case on axum_http2: Axum Http2, hyper_http2: Hyper Http2 }
    )+ };
}

macro_rules! tests_of {
    ($case:ident on $($name:ident: $stack:ident $protocol:ident),+) => {
        mod $case {
            $(
                #[test]
                fn $name() {
                    let wire = crate::Wire {
                        stack: crate::resources::Stack::$stack,
                        protocol: crate::Protocol::$protocol,
                    };
                    crate::support::run(Box::pin(crate::in_time(Box::pin(super::$case(wire)))));
                }
            )+
        }
    };
}

pub(crate) use {on_every_wire, over_http1, over_http2, tests_of};
