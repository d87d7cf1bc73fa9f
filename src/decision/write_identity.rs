use std::fmt;

/// A digest of a write: its sender, its id and its effect. Two writes with one digest are the same write.
///
/// A layer that was told of [`WriteIds`](super::WriteIds) puts it into the request's extensions before the look-up,
/// if the request has an id. The source and the handler find it there, the handler also by
/// [`Verdict::write_identity`](super::Verdict::write_identity). With feature `axum`, `Option<WriteIdentity>` is an
/// extractor.
///
/// Store the bytes beside the resource, the state that the write was made from and the state that it made, in one
/// transaction with the write, and under a unique constraint.
///
/// It is a BLAKE3 hash. It may change with a new minor version of this crate: a record then no longer matches, as if
/// its time were over.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct WriteIdentity([u8; 32]);

impl WriteIdentity {
    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for WriteIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteIdentity(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// Hashes the parts of an identity. Each has its length before it, so that no two requests give the same input.
pub(super) struct IdentityHasher(blake3::Hasher);

impl IdentityHasher {
    pub(super) fn new() -> Self {
        Self(blake3::Hasher::new())
    }

    pub(super) fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// Adds any number of parts, and their number behind them.
    pub(super) fn add_all<'a>(&mut self, parts: impl IntoIterator<Item = &'a [u8]>) {
        let mut number: u64 = 0;
        for part in parts {
            self.add(part);
            number += 1;
        }
        // No part is that long, so this is no length.
        self.0.update(&(u64::MAX - number).to_le_bytes());
    }

    pub(super) fn finish(self) -> WriteIdentity {
        WriteIdentity(*self.0.finalize().as_bytes())
    }
}
