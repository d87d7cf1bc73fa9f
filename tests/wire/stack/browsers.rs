//! Between a browser and the layer: `CorsLayer` and `CsrfLayer`, both outside.

use axum::{Router, routing::MethodRouter};
use http::{HeaderName, Method, header};
use tower_http::{cors::CorsLayer, csrf::CsrfLayer};
use tower_precondition::PreconditionLayer;

use super::Calls;
use crate::support::client::{Client, curl, serve};

const ORIGIN: (&str, &str) = ("origin", "https://editor.example");

/// The setting of `docs/layer-order.md`.
fn cors() -> CorsLayer {
    const ALLOWED: [HeaderName; 5] = [
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
        header::IF_RANGE,
    ];
    const EXPOSED: [HeaderName; 3] = [header::ETAG, header::LAST_MODIFIED, header::LOCATION];
    CorsLayer::new()
        .allow_origin(["https://editor.example".parse().expect("an origin")])
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers(ALLOWED)
        .expose_headers(EXPOSED)
}

#[tokio::test]
async fn rule_4_a_preflight_is_answered_outside() {
    let lookups = Calls::default();
    let handled = Calls::default();
    let route = handled.route().route_layer(PreconditionLayer::new(lookups.source()));
    let app = Router::new().route("/document", route).layer(cors());
    for client in Client::both(app).await {
        let asks = [
            ORIGIN,
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "if-match,content-type"),
        ];
        let answer = client.ask("OPTIONS", "/document", &asks).await;
        assert_eq!(answer.status, 200);
        let allowed = answer.get("access-control-allow-headers").expect("it allows some");
        assert!(allowed.split(',').any(|name| name == "if-match"), "{allowed}");
        assert_eq!((lookups.take(), handled.take()), (0, 0));
    }
}

/// If CORS stands inside, a preflight still passes, because the layer does not evaluate OPTIONS.
#[tokio::test]
async fn rule_4_a_preflight_passes_the_layer() {
    let route: MethodRouter = Calls::default().route().layer(cors());
    let layered = route.layer(PreconditionLayer::new(super::version_2));
    let client = Client::InProcess(Router::new().route("/document", layered));
    let asks = [ORIGIN, ("access-control-request-method", "PUT"), ("if-match", "\"1\"")];
    let answer = client.ask("OPTIONS", "/document", &asks).await;
    assert_eq!((answer.status.as_u16(), answer.get("access-control-allow-methods")), (200, Some("GET,PUT")));
}

#[tokio::test]
async fn rule_61_a_script_can_read_the_tag_of_every_answer() {
    for client in Client::both(super::documents().layer(cors())).await {
        for (method, condition, status) in [
            ("GET", ("accept", "*/*"), 200),
            ("GET", ("if-none-match", "\"2\""), 304),
            ("PUT", ("if-match", "\"1\""), 412),
            ("PUT", ("if-match", "\"2\""), 200),
        ] {
            let answer = client.ask(method, "/document", &[ORIGIN, condition]).await;
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.get("access-control-allow-origin"), Some(ORIGIN.1));
            assert_eq!(answer.get("access-control-expose-headers"), Some("etag,last-modified,location"));
            assert_eq!(answer.get("etag").is_some(), method == "GET" || status == 412);
        }
    }
    // If CORS is inside, it does not see the layer's answers, so no script can read them.
    let inside =
        Calls::default().route().route_layer(cors()).route_layer(PreconditionLayer::new(super::version_2));
    let client = Client::InProcess(Router::new().route("/document", inside));
    let late = client.ask("PUT", "/document", &[ORIGIN, ("if-match", "\"1\"")]).await;
    assert_eq!((late.status.as_u16(), late.get("access-control-allow-origin")), (412, None));
}

#[tokio::test]
async fn rule_1_a_request_of_another_site_is_refused_first() {
    let lookups = Calls::default();
    let handled = Calls::default();
    let route = || handled.route().route_layer(PreconditionLayer::new(lookups.source()));
    let outside = Router::new().route("/document", route().layer(CsrfLayer::new()));
    for client in Client::both(outside).await {
        for (site, etag, status, asked) in [
            ("cross-site", "\"1\"", 403, 0),
            ("cross-site", "\"2\"", 403, 0),
            ("same-origin", "\"1\"", 412, 1),
            ("same-origin", "\"2\"", 200, 1),
        ] {
            let answer =
                client.ask("PUT", "/document", &[("sec-fetch-site", site), ("if-match", etag)]).await;
            assert_eq!(answer.status.as_u16(), status, "{site} {etag}");
            assert_eq!(answer.get("etag").is_some(), status == 412);
            assert_eq!(lookups.take(), asked);
        }
    }
}

#[tokio::test]
async fn curl_sees_the_fields_that_a_browser_would_see() {
    let address = serve(super::documents().layer(cors())).await;
    let origin = format!("Origin: {}", ORIGIN.1);
    let put = ["--include", "--request", "PUT", "--header", "If-Match: \"1\"", "--header", &origin];
    let Some(printed) = curl(address, "/document", &put).await else { return };
    assert!(printed.starts_with("HTTP/1.1 412 "), "{printed}");
    assert!(
        printed.contains("\r\naccess-control-expose-headers: etag,last-modified,location\r\n"),
        "{printed}"
    );
    assert!(printed.contains("\r\netag: \"2\"\r\n"), "{printed}");
}
