//! Every combination of a token, `Not`, a tag and a resource, against the oracle's reading.

use std::future::ready;

use http::{Uri, request::Parts};
use precondition_oracle::{DavState, IfList, Named, Tag, evaluate_if, print_if};
use tower_precondition::{EntityTag, PreconditionLayer, Representation, ResourceState, Validators};

use super::request;
use crate::support::{
    By::{Handler, Layer},
    send,
};

const TARGET: &str = "/folder/target";

/// The state of the server: the target exists or not, is locked or not, and so is its folder.
#[derive(Clone, Copy, Debug)]
struct World {
    exists: bool,
    locked: bool,
    /// A lock of depth infinity on the folder, which covers the target.
    folder_locked: bool,
}

impl World {
    fn state(self, path: &str) -> DavState {
        let token = |is_there: bool, token: &str| is_there.then(|| token.to_owned());
        let in_folder = path.starts_with("/folder");
        let tokens = [
            token(self.locked && path == TARGET, "urn:right"),
            token(self.folder_locked && in_folder, "urn:ancestor"),
            token(path == "/other", "urn:other"),
        ];
        let tag = (path == "/other" || (self.exists && path == TARGET))
            .then(|| Tag { weak: false, opaque: b"1".to_vec() });
        DavState { tokens: tokens.into_iter().flatten().collect(), tag }
    }

    fn representation(self) -> Representation {
        match self.exists {
            true => Validators::from(EntityTag::from_static("\"1\"")).into(),
            false => Representation::absent(),
        }
    }
}

fn built(state: DavState) -> ResourceState {
    let tag = state.tag.map(|tag| EntityTag::strong(tag.opaque).expect("a tag"));
    ResourceState::from(tag).with_lock_tokens(state.tokens)
}

/// The path that a tag names on `example.com`, as the client means it.
fn path_of(tag: Option<&str>) -> Option<&str> {
    match tag {
        None => Some(TARGET),
        Some(tag) => match tag.strip_prefix("http://") {
            None => Some(tag),
            Some(rest) => rest.strip_prefix("example.com"),
        },
    }
}

fn conditions() -> Vec<Vec<(bool, Named)>> {
    let tokens = [
        None,
        Some("urn:right"),
        Some("urn:wrong"),
        Some("urn:other"),
        Some("urn:ancestor"),
        Some("DAV:no-lock"),
    ];
    let tags = [None, Some("\"1\""), Some("\"2\""), Some("W/\"1\"")];
    let mut all = Vec::new();
    for token in tokens {
        for tag in tags {
            for (not_token, not_tag) in [(false, false), (true, false), (false, true), (true, true)] {
                let token = token.map(|token| (not_token, Named::Token(token.to_owned())));
                let tag = tag.map(|tag| (not_tag, Named::Tag(tag.as_bytes().to_vec())));
                let list: Vec<_> = token.into_iter().chain(tag).collect();
                if !list.is_empty() && !all.contains(&list) {
                    all.push(list);
                }
            }
        }
    }
    all
}

#[test]
fn rules_70_72_73_the_layer_answers_as_the_oracle_reads() {
    let tags = [
        None,
        Some(TARGET),
        Some("http://example.com/folder/target"),
        Some("/folder"),
        Some("/other"),
        Some("/nothing"),
        Some("http://other.example/folder/target"),
    ];
    let mut asked = 0;
    let mut refused = 0;
    for bits in 0..8_u8 {
        let world = World { exists: bits & 1 != 0, locked: bits & 2 != 0, folder_locked: bits & 4 != 0 };
        for tag in tags {
            for conditions in conditions() {
                let lists = [IfList { resource: tag.map(str::to_owned), conditions }];
                let field = String::from_utf8(print_if(&lists)).expect("ASCII");
                let (holds, _) = evaluate_if(&lists, &|tag| path_of(tag).map(|path| world.state(path)));
                for method in ["PUT", "GET", "MOVE"] {
                    let locks = move |resource: &Uri, _: &Parts| ready(built(world.state(resource.path())));
                    let layer =
                        PreconditionLayer::new(move |_: &Parts| ready(world.representation())).webdav(locks);
                    let by = send(layer, request(method, TARGET, &[("if", field.as_str())])).by();
                    let expected = if holds { Handler } else { Layer(412) };
                    assert_eq!(by, expected, "{method} {field} in {world:?}");
                    asked += 1;
                    refused += usize::from(!holds);
                }
            }
        }
    }
    assert!(refused > asked / 4 && refused < asked * 3 / 4, "{refused} of {asked} were refused");
}
