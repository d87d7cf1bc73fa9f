use crate::Tag;

/// Deviations from strong comparison in If-Match (decision 21). The default has none.
#[derive(Clone, Debug, Default)]
pub struct Modes {
    /// The protocol compares weakly.
    pub weak_by_protocol: bool,
    /// A proxy turns strong tags into weak ones.
    pub weakened_by_proxy: bool,
    /// A proxy appends one of these.
    pub suffixes: Vec<Vec<u8>>,
}

/// How a tag of If-Match holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// As RFC 9110 says.
    Strictly,
    /// Only by a mode.
    ByMode,
}

impl Modes {
    /// Finds `given` among all the tags that a client can have got for the current one.
    pub fn held(&self, given: &Tag, current: &Tag) -> Option<Held> {
        let sent = Tag { weak: current.weak, opaque: self.sent(&current.opaque) };
        if !sent.weak && *given == sent {
            return Some(Held::Strictly);
        }
        let mut received = vec![];
        for suffix in &self.suffixes {
            let opaque = [sent.opaque.clone(), suffix.clone()].concat();
            received.push(Tag { opaque, ..sent });
        }
        // By the protocol a weak tag is as good as a strong one, in both directions.
        if self.weak_by_protocol {
            received.push(sent.clone());
            received = received
                .iter()
                .flat_map(|tag| [true, false].map(|weak| Tag { weak, ..tag.clone() }))
                .collect();
            received.push(Tag { weak: true, ..sent.clone() });
            received.push(Tag { weak: false, ..sent.clone() });
        } else if sent.weak {
            return None;
        } else if self.weakened_by_proxy {
            received.push(sent.clone());
            let weakened: Vec<Tag> = received.iter().map(|tag| Tag { weak: true, ..tag.clone() }).collect();
            received.extend(weakened);
        }
        received.contains(given).then_some(Held::ByMode)
    }

    /// Compares as If-None-Match does.
    pub fn weakly(&self, given: &Tag, current: &Tag) -> bool {
        let sent = self.sent(&current.opaque);
        let suffixed = self.suffixes.iter().map(|suffix| [sent.clone(), suffix.clone()].concat());
        let received: Vec<Vec<u8>> = suffixed.chain([sent.clone()]).collect();
        received.contains(&given.opaque)
    }

    /// The text that leaves: marked if without the mark it could be read as another tag.
    pub fn sent(&self, opaque: &[u8]) -> Vec<u8> {
        let received = self.suffixes.iter().map(|suffix| [opaque, suffix].concat());
        let mistaken = !self.suffixes.is_empty()
            && (self.without_longest_suffix(opaque) != opaque
                || opaque.ends_with(b"~identity")
                || received.into_iter().any(|text| self.without_longest_suffix(&text) != opaque));
        if mistaken { [opaque, b"~identity"].concat() } else { opaque.to_vec() }
    }

    fn without_longest_suffix(&self, text: &[u8]) -> Vec<u8> {
        let longest = self.suffixes.iter().filter(|suffix| text.ends_with(suffix)).map(Vec::len).max();
        text[..text.len() - longest.unwrap_or(0)].to_vec()
    }
}
