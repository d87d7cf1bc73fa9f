use super::{EntityTag, TagKey, hash::TagHash};

impl EntityTag {
    /// Makes the strong tag of several parts, in their order.
    ///
    /// Use it for a list made of rows, and for a page that depends on user, language or media type besides its
    /// version: give each of them as a part.
    ///
    /// It is as strong as its parts: if every change that matters changes a part, then it changes the tag. The
    /// parts are told apart, so `["a", "bc"]` and `["ab", "c"]` have different tags, and so do no part and an empty
    /// one. Two different inputs with one tag would be a collision of BLAKE3, which nobody can find.
    ///
    /// The tag of given parts stays the same across releases of this crate and across machines. It is BLAKE3 of the
    /// text `parts` and of every part, each behind its length as eight bytes (little-endian), in 64 hexadecimal
    /// digits.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// let page = |user: &str, language: &str, version: u64| {
    ///     EntityTag::from_parts([user.as_bytes(), language.as_bytes(), &version.to_be_bytes()])
    /// };
    /// assert!(page("ada", "en", 7).strong_eq(&page("ada", "en", 7)));
    /// assert!(!page("ada", "en", 7).strong_eq(&page("grace", "en", 7)));
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "content-tag")))]
    #[must_use]
    pub fn from_parts(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        of_parts(None, parts)
    }

    /// Makes the strong tag of several parts, whatever their order.
    ///
    /// Use it for a list whose rows come in any order and whose order does not matter to clients. A part that occurs
    /// twice counts twice. Otherwise it is as [`from_parts`](Self::from_parts): BLAKE3 of the text `unordered parts`
    /// and of the hash of every part, in the order of the hashes.
    ///
    /// If a row has several parts, make its tag first: a tag is a part too.
    ///
    /// ```
    /// # use tower_precondition::EntityTag;
    /// let rows = [("plan", 3_u64), ("notes", 7)];
    /// let row = |(id, version): &(&str, u64)| EntityTag::from_parts([id.as_bytes(), &version.to_be_bytes()]);
    /// let list = EntityTag::from_unordered_parts(rows.iter().map(row));
    /// assert!(list.strong_eq(&EntityTag::from_unordered_parts(rows.iter().rev().map(row))));
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "content-tag")))]
    #[must_use]
    pub fn from_unordered_parts(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        of_unordered_parts(None, parts)
    }
}

pub(super) fn of_parts(key: Option<&TagKey>, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> EntityTag {
    let mut hash = TagHash::new(key, "parts");
    for part in parts {
        hash.add(part.as_ref());
    }
    hash.to_tag()
}

pub(super) fn of_unordered_parts(
    key: Option<&TagKey>,
    parts: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> EntityTag {
    let hash_of = |part: &[u8]| {
        let mut hash = TagHash::new(key, "part");
        hash.add(part);
        hash.to_bytes()
    };
    let mut hashes: Vec<[u8; 32]> = parts.into_iter().map(|part| hash_of(part.as_ref())).collect();
    hashes.sort_unstable();
    let mut hash = TagHash::new(key, "unordered parts");
    for part in &hashes {
        hash.add(part);
    }
    hash.to_tag()
}
