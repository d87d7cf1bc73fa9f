//! What a stranger types into the search of the documentation finds the page that answers it.

/// Words that people search for, and the page that they must find. rustdoc finds a page by its name and by its aliases,
/// and never by its text.
#[rustfmt::skip]
const QUESTIONS: [(&str, &str); 78] = [
    ("quick start", "reads"), ("one route", "reads"), ("304", "reads"),
    ("list", "lists"), ("pagination", "lists"), ("collection", "lists"),
    ("new tag", "new_tag"), ("put", "new_tag"), ("post", "new_tag"), ("patch", "new_tag"), ("201", "new_tag"),
    ("json merge patch", "merge_patch"), ("merge patch", "merge_patch"),
    ("sqlx", "databases"), ("transaction", "databases"), ("u64", "databases"), ("i64", "databases"),
    ("transaction", "lost_updates"), ("optimistic locking", "lost_updates"), ("lost update", "lost_updates"),
    ("compare-and-set", "lost_updates"), ("conflict", "lost_updates"), ("409", "lost_updates"),
    ("authentication", "authentication"), ("401", "authentication"), ("403", "authentication"),
    ("router<s>", "nested_routers"), ("nest", "nested_routers"), ("merge", "nested_routers"),
    ("files", "files"), ("servedir", "files"), ("static", "files"),
    ("per-user", "variants"), ("negotiation", "variants"), ("cookie", "variants"), ("vary", "variants"),
    ("412", "rejections"), ("428", "rejections"), ("custom 412", "rejections"),
    ("apierror", "rejections"),
    ("html", "forms"), ("htmx", "forms"),
    ("retry", "write_ids"), ("write id", "write_ids"), ("idempotency-key", "write_ids"), ("retry", "client"),
    ("nginx", "entity_tags"), ("cloudflare", "entity_tags"), ("apache", "entity_tags"), ("weak tag", "entity_tags"),
    ("cdn", "caching"), ("cache-control", "caching"), ("max-age", "caching"),
    ("several protocols", "other_protocols"), ("grpc", "other_protocols"), ("check in the handler", "other_protocols"),
    ("unit test", "testing"), ("mock", "testing"),
    ("compile error", "compile_errors"), ("e0277", "compile_errors"), ("misplaced", "compile_errors"),
    ("terms", "glossary"), ("out of scope", "limits"), ("compression", "layer_order"), ("msrv", "policies"),
    ("migrate", "migrating"), ("vulnerability", "security"), ("swagger", "openapi"), ("utoipa", "openapi"),
    ("axum-extra", "migrating"), ("axum-conditional-requests", "migrating"), ("loco", "migrating"),
    ("actix", "migrating"), ("dav-server", "migrating"), ("golang", "migrating"), ("http.servecontent", "migrating"),
    ("django", "migrating"), ("conformance", "compare"),
];

const GUIDES: [&str; 2] = [include_str!("../../src/guide.rs"), include_str!("../../src/guide/cookbook.rs")];

#[test]
fn every_question_finds_its_page() {
    let found = pages();
    for (question, page) in QUESTIONS {
        let (_, names) =
            found.iter().find(|(name, _)| name == page).unwrap_or_else(|| panic!("no page `{page}`"));
        assert!(
            names.iter().any(|name| name == question),
            "`{question}` does not find `{page}`, only {names:?}"
        );
    }
}

#[test]
fn every_page_is_found_by_some_word_besides_its_name() {
    let without: Vec<_> = pages().into_iter().filter(|(_, names)| names.len() < 2).collect();
    assert!(without.is_empty(), "{without:?}");
}

/// Every page with its name and its aliases, in small letters, as the search compares them.
fn pages() -> Vec<(String, Vec<String>)> {
    let mut pages = Vec::new();
    for guide in GUIDES {
        let mut names = Vec::new();
        for line in guide.lines() {
            if let Some(alias) =
                line.strip_prefix("#[doc(alias = \"").and_then(|rest| rest.strip_suffix("\")]"))
            {
                names.push(alias.to_lowercase());
            } else if let Some(page) = line.strip_prefix("pub mod ") {
                let page = page.trim_end_matches([' ', '{', '}', ';']);
                names.push(page.to_owned());
                if page != "cookbook" {
                    pages.push((page.to_owned(), std::mem::take(&mut names)));
                }
            }
        }
    }
    assert!(pages.len() > 20, "the guide has more pages than {}", pages.len());
    pages
}
