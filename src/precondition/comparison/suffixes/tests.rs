use proptest::{collection::vec, prelude::*, sample::select};

use super::Suffixes;
use crate::validator::TagRef;

fn strong(opaque: &[u8]) -> TagRef<'_> {
    TagRef { weak: false, opaque }
}

fn sent(suffixes: &Suffixes, opaque: &[u8]) -> Vec<u8> {
    match suffixes.to_send(strong(opaque)) {
        Some(marked) => marked.as_tag_ref().opaque.to_vec(),
        None => opaque.to_vec(),
    }
}

macro_rules! leaves {
    ($($name:ident: $suffixes:expr, $opaque:literal => $sent:literal;)*) => {$(
        #[test]
        fn $name() {
            let suffixes = Suffixes::new($suffixes).expect("a list");
            assert_eq!(sent(&suffixes, $opaque.as_bytes()), $sent.as_bytes());
        }
    )*};
}

leaves! {
    decision_21_a_plain_tag_leaves_as_it_is: ["-gzip"], "1" => "1";
    decision_21_a_tag_that_ends_in_a_suffix_leaves_marked: ["-gzip"], "1-gzip" => "1-gzip~identity";
    decision_21_a_tag_that_looks_marked_leaves_marked: ["-gzip"], "1~identity" => "1~identity~identity";
    decision_21_a_suffix_that_is_not_listed_is_none: ["-gzip"], "1-br" => "1-br";
    decision_21_a_tag_that_a_suffix_runs_into_leaves_marked: ["-gzip", "--gzip"], "1-" => "1-~identity";
    decision_21_a_suffix_alone_leaves_marked: ["-gzip"], "-gzip" => "-gzip~identity";
}

#[test]
fn decision_21_no_list_takes_nothing_off() {
    assert!(Suffixes::new([""; 0]).is_none());
}

#[test]
fn decision_21_what_cannot_be_a_suffix_is_refused() {
    for text in ["", "gzip", "7z", "-identity", "~identity", "- gzip", "-\"", "-gz\u{7f}"] {
        let refused = std::panic::catch_unwind(|| Suffixes::new([text]));
        assert!(refused.is_err(), "{text:?}");
    }
}

/// Few pieces, so that tags end in suffixes, in parts of them and in marks.
fn opaque() -> impl Strategy<Value = Vec<u8>> {
    let pieces = ["1", "-", ";", "gzip", "-gzip", "~", "identity", "~identity", "+identity", "a"];
    vec(select(pieces.to_vec()), 0..6).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decision_21_no_tag_is_mistaken_for_another(
        listed in vec(select(vec!["-gzip", "--gzip", ";gzip", "-g-gzip", "~gzip", "-", "+gzip"]), 1..4),
        one in opaque(),
        other in opaque(),
        one_appended in any::<prop::sample::Index>(),
        other_appended in any::<prop::sample::Index>(),
    ) {
        let suffixes = Suffixes::new(&listed).expect("a list");
        let received = |opaque: &[u8], appended: prop::sample::Index| {
            let suffix = match appended.index(listed.len() + 1) {
                0 => "",
                place => listed.get(place - 1).expect("the index is below the length"),
            };
            [&sent(&suffixes, opaque), suffix.as_bytes()].concat()
        };
        let (one_received, other_received) = (received(&one, one_appended), received(&other, other_appended));
        // The client's tag means the one that was sent, with the proxy's suffix and without it.
        prop_assert_eq!(suffixes.meant(strong(&one_received)).opaque, &one[..]);
        prop_assert_eq!(suffixes.meant(strong(&other_received)).opaque, &other[..]);
        // So the same text never means two tags.
        prop_assert!(one == other || one_received != other_received);
        let exact = suffixes.is_sent_as(&one, &one_received);
        let taken = suffixes.taken_off(&one_received).is_some_and(|rest| suffixes.is_sent_as(&one, rest));
        prop_assert!(exact != taken);
    }
}
