//! The page and its files.

use std::{collections::BTreeSet, fs, path::Path};

use axum::{Router, body::Body};
use documents::{Store, app};

use crate::support::http::{Answer, send};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the folder `page`.
struct File {
    path: String,
    media_type: &'static str,
    content: String,
}

/// Every file of the folder `page`, with the path and the content type that it must have.
fn files() -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let mut files: Vec<File> =
        fs::read_dir(folder).unwrap().map(|entry| file(&entry.unwrap().path())).collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn file(file: &Path) -> File {
    let name = file.file_name().unwrap().to_str().unwrap();
    let media_type = match name.rsplit_once('.').unwrap().1 {
        "html" => HTML,
        "css" => CSS,
        "svg" => SVG,
        "js" => SCRIPT,
        other => panic!("{name}: no content type is known for .{other}"),
    };
    let path = if name == "index.html" { "/".to_owned() } else { format!("/page/{name}") };
    File { path, media_type, content: fs::read_to_string(file).unwrap() }
}

async fn page() -> Router {
    app(Store::open("memory:").await.unwrap())
}

async fn get(app: &Router, path: &str, fields: &[(&str, &str)]) -> Answer {
    send(app, "GET", path, fields, Body::empty()).await
}

#[tokio::test]
async fn every_file_is_served_with_its_type_and_a_tag_of_its_own() {
    let app = page().await;
    let mut tags = BTreeSet::new();
    for File { path, media_type, content } in files() {
        let served = get(&app, &path, &[]).await;
        assert_eq!(served.status, 200, "{path}");
        assert_eq!(served.get("content-type"), Some(media_type), "{path}");
        assert_eq!(served.get("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(served.content, content, "{path}");
        assert!(tags.insert(served.get("etag").unwrap().to_owned()), "{path}: another file has its tag");
    }
    assert!(tags.len() > 20, "the folder has the whole page");
}

/// A cache asks before each use (`no-cache`), so a new release reaches every browser at once.
#[tokio::test]
async fn rule_23_every_file_is_asked_for_again_and_304_while_it_is_unchanged() {
    let app = page().await;
    for File { path, content, .. } in files() {
        for coding in ["identity", "gzip", "br"] {
            let accept = ("accept-encoding", coding);
            let first = get(&app, &path, &[accept]).await;
            assert_eq!(first.get("cache-control"), Some("no-cache"), "{path}, {coding}");
            let tag = first.get("etag").unwrap();

            let again = get(&app, &path, &[accept, ("if-none-match", tag)]).await;
            assert_eq!((again.status.as_u16(), again.get("etag")), (304, Some(tag)), "{path}, {coding}");
            assert_eq!(again.get("cache-control"), Some("no-cache"), "{path}, {coding}");
            assert!(again.content.is_empty(), "{path}, {coding}");
        }
        let other = get(&app, &path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!((other.status.as_u16(), other.content), (200, content.into()), "{path}");
    }
}

#[tokio::test]
async fn the_policy_allows_files_of_this_server_and_no_inline_code() {
    const DIRECTIVES: [&str; 8] = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ];
    let app = page().await;
    for File { path, .. } in files() {
        let served = get(&app, &path, &[]).await;
        let policy = served.get("content-security-policy").unwrap();
        assert_eq!(policy.split("; ").collect::<Vec<_>>(), DIRECTIVES, "{path}");
        for unsafe_source in ["unsafe", "http", "data:", "*"] {
            assert!(!policy.contains(unsafe_source), "{path}: {unsafe_source} in {policy}");
        }
    }
}

/// The policy would refuse them, and the page would lack what they do.
#[tokio::test]
async fn the_html_has_no_inline_code() {
    let html = get(&page().await, "/", &[]).await;
    let html = std::str::from_utf8(&html.content).unwrap();
    for inline in ["<style", " style=", "javascript:", "data:", "http-equiv"] {
        assert!(!html.contains(inline), "{inline}");
    }
    assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\" src=").count());
    let handlers = html.split([' ', '\n']).filter(|word| word.starts_with("on") && word.contains('='));
    assert_eq!(handlers.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test]
async fn every_import_src_and_href_names_a_file_that_is_served() {
    let app = page().await;
    let mut seen = BTreeSet::new();
    for File { path, media_type, content } in files() {
        let references = match media_type {
            HTML => [after(&content, " src=\""), after(&content, " href=\"")].concat(),
            SCRIPT => imports(&content),
            CSS => after(&content, "url("),
            _ => Vec::new(),
        };
        // An address within the page, such as `#/new`, is no file.
        for reference in references.into_iter().filter(|reference| !reference.starts_with('#')) {
            let target = match reference.strip_prefix("./") {
                Some(name) => format!("/page/{name}"),
                None => reference.to_owned(),
            };
            assert_eq!(get(&app, &target, &[]).await.status, 200, "{path} refers to {reference}");
            seen.insert(target);
        }
    }
    let unused: Vec<String> = files()
        .into_iter()
        .map(|file| file.path)
        .filter(|path| path != "/" && !seen.contains(path))
        .collect();
    assert_eq!(unused, Vec::<String>::new(), "files that nothing refers to");
}

/// The modules that a module imports.
fn imports(content: &str) -> Vec<&str> {
    let statements =
        content.lines().filter(|line| line.starts_with("import ") || line.starts_with("} from "));
    statements.filter_map(|line| line.split('\'').nth(1)).collect()
}

/// Returns the text after each of these beginnings, up to the next quote or parenthesis.
fn after<'a>(content: &'a str, beginning: &str) -> Vec<&'a str> {
    content.split(beginning).skip(1).filter_map(|rest| rest.split(['"', '\'', ')']).next()).collect()
}
