//! Which resource of this server a tag names.

use http::{Request, request::Parts};
use tower_precondition::webdav::NamedResource::{self, Elsewhere, Path, Target};

fn head(uri: &str, host: Option<&str>) -> Parts {
    let mut request = Request::put(uri);
    if let Some(host) = host {
        request = request.header("host", host);
    }
    request.body(()).unwrap().into_parts().0
}

/// Makes a test of each row: the request's target and Host, the tag, and what it names.
macro_rules! names {
    ($($name:ident: $uri:expr, $host:expr, $tag:expr => $named:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(NamedResource::of($tag, &head($uri, $host)), $named);
        }
    )*};
}

const HOST: Option<&str> = Some("example.com");

names! {
    no_tag_is_the_target: "/a?b", HOST, None => Target;
    the_targets_path: "/a", HOST, Some("/a") => Target;
    the_targets_path_and_query: "/a?b", HOST, Some("/a?b") => Target;
    a_query_makes_another_resource: "/a?b", HOST, Some("/a") => Path("/a");
    another_path: "/a", HOST, Some("/b") => Path("/b");
    another_spelling_is_asked_for: "/a", HOST, Some("/%61") => Path("/%61");
    the_target_as_a_uri: "/a", HOST, Some("http://example.com/a") => Target;
    the_scheme_is_not_compared: "/a", HOST, Some("https://example.com/a") => Target;
    a_host_has_no_case: "/a", HOST, Some("HTTP://EXAMPLE.com/b") => Path("/b");
    a_uri_without_a_path: "/a", HOST, Some("http://example.com") => Path("/");
    a_uri_with_a_query_for_a_path: "/a", HOST, Some("http://example.com?b") => Elsewhere;
    another_host: "/a", HOST, Some("http://example.org/a") => Elsewhere;
    a_host_with_the_default_port: "/a", HOST, Some("http://example.com:80/a") => Target;
    a_secure_host_with_the_default_port: "/a", HOST, Some("https://example.com:443/a") => Target;
    a_host_with_another_port: "/a", HOST, Some("http://example.com:8080/a") => Elsewhere;
    the_port_of_another_scheme: "/a", HOST, Some("https://example.com:80/a") => Elsewhere;
    the_same_port: "/a", Some("example.com:8080"), Some("http://example.com:8080/a") => Target;
    another_port: "/a", Some("example.com:8080"), Some("http://example.com:8081/a") => Elsewhere;
    a_missing_port: "/a", Some("example.com:8080"), Some("http://example.com/a") => Elsewhere;
    host_says_the_default_port: "/a", Some("example.com:80"), Some("http://example.com/a") => Target;
    an_empty_port_is_none: "/a", HOST, Some("http://example.com:/a") => Target;
    an_address_in_brackets: "/a", Some("[::1]:8080"), Some("http://[::1]:8080/a") => Target;
    an_address_in_brackets_without_a_port: "/a", Some("[::1]"), Some("http://[::1]/a") => Target;
    another_address_in_brackets: "/a", Some("[::1]"), Some("http://[::2]/a") => Elsewhere;
    user_information_is_another_authority: "/a", HOST, Some("http://me@example.com/a") => Elsewhere;
    the_authority_of_the_target_comes_before_host: "http://example.org/a", HOST, Some("http://example.org/a") => Target;
    host_does_not_count_beside_an_authority: "http://example.org/a", HOST, Some("http://example.com/a") => Elsewhere;
    a_request_without_an_authority: "/a", None, Some("http://example.com/a") => Elsewhere;
    a_path_needs_no_authority: "/a", None, Some("/a") => Target;
    another_scheme: "/a", HOST, Some("ftp://example.com/a") => Elsewhere;
    a_uri_without_an_authority: "/a", HOST, Some("urn:a:b") => Elsewhere;
}
