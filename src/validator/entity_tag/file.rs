use std::{
    fs::Metadata,
    io,
    time::{Duration, SystemTime},
};

use super::EntityTag;

/// Makes the tag of a file from its metadata: size and modification time, and the inode if you say so.
///
/// It is cheap, and it is a guess: the content is not read.
///
/// | the content changed, and | the tag |
/// |---|---|
/// | the size or the time changed too | changes |
/// | the file was replaced (renamed over), with the size and the time of the old one | changes [with the inode](Self::with_inode) |
/// | it was written twice within one step of the file system's clock, with one size | stays; the step is up to 10 ms on Linux, and 2 s on FAT |
/// | a program set the time back, as `rsync`, `tar` and reproducible builds do | stays |
///
/// So choose the strength that you can answer for:
///
/// - [`weak`](Self::weak) promises nothing. It serves If-None-Match, and no writes and no ranges.
/// - [`settled_at`](Self::settled_at) is strong once the file has been left alone for two seconds, and weak before.
///   Use it if no program sets times back; otherwise hash the content, with `EntityTagLayer`.
///
/// The text is hexadecimal: the size, the nanoseconds since 1970 and the inode, with `-` between. It stays the same
/// across releases of this crate.
///
/// # Example
///
/// ```
/// use std::{fs, time::SystemTime};
/// use tower_precondition::FileTag;
///
/// # fn main() -> std::io::Result<()> {
/// let now = SystemTime::now();
/// let metadata = fs::metadata("Cargo.toml")?;
/// let tag = FileTag::of(&metadata)?.settled_at(now);
/// assert!(tag.weak_eq(&FileTag::of(&metadata)?.weak()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct FileTag {
    size: u64,
    modified: SystemTime,
    inode: Option<u64>,
}

/// The coarsest step of a file system's clock that is in use: that of FAT.
const CLOCK_STEP: Duration = Duration::from_secs(2);

impl FileTag {
    /// Reads size and modification time.
    ///
    /// # Errors
    ///
    /// If the platform has no modification times.
    pub fn of(metadata: &Metadata) -> io::Result<Self> {
        Ok(Self::from_parts(metadata.len(), metadata.modified()?))
    }

    /// Takes size and modification time from elsewhere, such as an object store or an archive.
    pub const fn from_parts(size: u64, modified: SystemTime) -> Self {
        Self { size, modified, inode: None }
    }

    /// Adds the inode, or another number of the file itself.
    ///
    /// Use it if files are replaced by renaming. Do not use it if several servers have copies of the file: its
    /// inode differs on each of them.
    pub const fn with_inode(self, inode: u64) -> Self {
        Self { inode: Some(inode), ..self }
    }

    /// Makes a weak tag.
    #[must_use]
    pub fn weak(self) -> EntityTag {
        self.tag("W/\"")
    }

    /// Makes a strong tag if the file was last modified at least two seconds before `now`, and a weak one otherwise.
    ///
    /// `now` is the time just before you read the metadata. Until then another write can leave the same time. A
    /// file that was modified in the future never settles.
    #[must_use]
    pub fn settled_at(self, now: SystemTime) -> EntityTag {
        match now.duration_since(self.modified) {
            Ok(age) if age >= CLOCK_STEP => self.tag("\""),
            _ => self.weak(),
        }
    }

    fn tag(self, opening: &str) -> EntityTag {
        let Self { size, modified, inode } = self;
        let (sign, distance) = match modified.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => ("", since),
            Err(before) => ("-", before.duration()),
        };
        let nanoseconds = distance.as_nanos();
        let inode = inode.map_or_else(String::new, |inode| format!("-{inode:x}"));
        EntityTag::from_valid(format!("{opening}{size:x}-{sign}{nanoseconds:x}{inode}\"").as_bytes())
    }
}
