//! Late writes: someone else writes between the look-up and the write.

use std::pin::Pin;

use axum::{Router, body::Body};
use documents::{
    Store, app,
    store::{Answer, Change, Document, Entry, Listed, Memory, Revision, Storage, Stored},
};
use serde_json::json;

use crate::support::http::{Answer as Answered, FIRST, PLAN, SECOND, ask, send};

/// A store in which Grace always writes before Ada.
#[derive(Debug, Default)]
struct Overtaken {
    memory: Memory,
    by: By,
}

/// What Grace does.
#[derive(Clone, Copy, Debug, Default)]
enum By {
    #[default]
    Replacing,
    Deleting,
}

impl Overtaken {
    async fn overtake(&self, id: &str) {
        let change = match (self.memory.get(id).await.unwrap(), self.by) {
            (None, _) => Change::Create(hers()),
            (Some(stored), By::Replacing) => {
                Change::Replace { version: stored.revision.version, document: hers() }
            }
            (Some(stored), By::Deleting) => Change::Delete { version: stored.revision.version },
        };
        self.memory.write(id, &change, "Grace").await.unwrap().unwrap();
    }
}

fn hers() -> Document {
    Document { title: "Plan".to_owned(), text: "hers".to_owned() }
}

impl Storage for Overtaken {
    fn list(&self) -> Answer<'_, Vec<Listed>> {
        self.memory.list()
    }

    fn get<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Stored>> {
        self.memory.get(id)
    }

    fn write<'a>(&'a self, id: &'a str, change: &'a Change, by: &'a str) -> Answer<'a, Option<Revision>> {
        Box::pin(async move {
            if by == "Ada" {
                self.overtake(id).await;
            }
            self.memory.write(id, change, by).await
        })
    }

    fn history<'a>(&'a self, id: &'a str) -> Answer<'a, Vec<Entry>> {
        self.memory.history(id)
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.memory.close()
    }
}

/// Returns an application in which the plan has its first version.
async fn overtaken(by: By) -> Router {
    let app = app(Store::new(Overtaken { by, ..Overtaken::default() }));
    assert_eq!(ask(&app, "PUT", &[], FIRST).await.status, 201);
    app
}

fn without_date(answer: &Answered) -> Vec<(String, String)> {
    let fields = answer.headers.iter().filter(|(name, _)| *name != "date");
    fields.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn rule_16_a_late_412_equals_an_early_one() {
    for (method, content) in [("PUT", SECOND), ("PATCH", r#"{"text":"mine"}"#), ("DELETE", "")] {
        for accept in ["*/*", "text/plain"] {
            let app = overtaken(By::Replacing).await;
            let fields = [("if-match", "\"1\""), ("x-user", "Ada"), ("accept", accept)];
            let late = ask(&app, method, &fields, content).await;
            let early = ask(&app, method, &fields, content).await;
            assert_eq!((late.status.as_u16(), early.status.as_u16()), (412, 412), "{method}");
            assert_eq!(without_date(&late), without_date(&early), "{method}");
            assert_eq!(late.content, early.content, "{method}");
            assert_eq!(late.get("etag"), Some("\"2\""));
            let content = String::from_utf8(late.content.to_vec()).unwrap();
            assert!(content.contains("Grace"), "{content}");
        }
    }
}

#[tokio::test]
async fn a_late_write_gets_the_answer_of_the_current_version() {
    let ada = ("x-user", "Ada");
    for (name, by, method, path, fields, content, status) in [
        (
            "a guarded create",
            By::Replacing,
            "PUT",
            "/documents/other",
            &[("if-none-match", "*"), ada][..],
            SECOND,
            412,
        ),
        ("a first write", By::Replacing, "PUT", "/documents/other", &[ada], SECOND, 428),
        ("a write of what is gone", By::Deleting, "PUT", PLAN, &[("if-match", "\"1\""), ada], SECOND, 412),
        ("a patch of what is gone", By::Deleting, "PATCH", PLAN, &[("if-match", "*"), ada], "{}", 404),
        ("a deletion of what is gone", By::Deleting, "DELETE", PLAN, &[("if-match", "\"1\""), ada], "", 404),
        ("a write of whatever is there", By::Replacing, "PUT", PLAN, &[("if-match", "*"), ada], SECOND, 412),
    ] {
        let app = overtaken(by).await;
        let late = send(&app, method, path, fields, Body::from(content)).await;
        println!("{name}: {:?}", late.content);
        late.assert_problem(status);
    }
}

#[tokio::test]
async fn try_shows_a_late_write_with_the_version_that_it_met() {
    let app = overtaken(By::Replacing).await;
    let fields = [["If-Match", "\"1\""], ["Content-Type", "application/json"], ["X-User", "Ada"]];
    let tried = json!({ "method": "PUT", "path": PLAN, "fields": fields, "body": SECOND }).to_string();
    let shown = send(&app, "POST", "/try", &[], Body::from(tried)).await.json();
    assert!(shown["response"].as_str().unwrap().starts_with("HTTP/1.1 412 "), "{shown}");
    assert_eq!(shown["steps"][0]["outcome"], "false");
    assert_eq!(
        shown["decision"],
        "412 by the layer, because another write came first: If-Match does not name the current representation"
    );
}
