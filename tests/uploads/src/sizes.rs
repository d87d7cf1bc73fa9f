/// The content of a stale PUT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
    /// The milliseconds between head and content.
    pub(crate) pause: u64,
}

const fn size(name: &'static str, bytes: usize) -> Size {
    Size { name, bytes, pause: 0 }
}

pub(crate) const SIZES: [Size; 8] = [
    size("1", 1),
    size("100", 100),
    Size { name: "100, late", bytes: 100, pause: 3 },
    size("8 kB", 8_000),
    size("100 kB", 100_000),
    size("900 kB", 900_000),
    size("5 MB", 5_000_000),
    size("20 MB", 20_000_000),
];

impl Size {
    pub(crate) fn is_large(self) -> bool {
        self.bytes > 1_000_000
    }

    pub(crate) fn arguments(self, count: usize) -> [String; 3] {
        [self.bytes.to_string(), count.to_string(), self.pause.to_string()]
    }
}
