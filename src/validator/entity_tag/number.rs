use std::num::{NonZeroI16, NonZeroI32, NonZeroI64, NonZeroU16, NonZeroU32, NonZeroU64};

use super::EntityTag;

impl EntityTag {
    /// Makes the strong tag of a number, signed or not, such as the version column of a database row.
    ///
    /// It is as strong as [`from_version`](Self::from_version), on the same terms, and gives the same tag for the
    /// same number. Databases have signed integers; [`number`](Self::number) gives one back, to bind it in the
    /// compare-and-set.
    ///
    /// ```
    /// # use std::num::NonZeroI64;
    /// # use tower_precondition::EntityTag;
    /// let version: i64 = 42;
    /// let tag = EntityTag::from_number(version);
    /// assert_eq!(tag.to_string(), "\"42\"");
    /// assert_eq!(tag.number(), Some(version));
    /// assert_eq!(tag.number(), NonZeroI64::new(42));
    /// assert_eq!(EntityTag::from_number(-1_i64).number::<u64>(), None);
    /// ```
    #[must_use]
    pub fn from_number(number: impl TagNumber) -> Self {
        let number = number.to_i128();
        match u64::try_from(number) {
            Ok(version) => Self::from_version(version),
            Err(_) => Self::from_valid(format!("\"{number}\"").as_bytes()),
        }
    }

    /// Returns the number that this tag was made from, if it is one of this type.
    ///
    /// It is the number of which [`from_number`](Self::from_number) makes exactly this tag.
    #[must_use]
    pub fn number<N: TagNumber>(&self) -> Option<N> {
        let number = match self.version() {
            Some(version) => version.into(),
            None if self.is_weak() => return None,
            None => match self.opaque() {
                [b'-', b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => {
                    self.opaque_str()?.parse().ok()?
                }
                _ => return None,
            },
        };
        N::from_i128(number)
    }
}

/// A number that [`EntityTag::from_number`] takes: an integer of up to 64 bits, or a `NonZero` of one.
///
/// Sealed: no other crate can implement it.
pub trait TagNumber: Sized + sealed::Sealed {
    #[doc(hidden)]
    fn to_i128(self) -> i128;
    #[doc(hidden)]
    fn from_i128(number: i128) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! tag_numbers {
    ($($integer:ty, $non_zero:ty;)*) => {$(
        impl sealed::Sealed for $integer {}
        impl sealed::Sealed for $non_zero {}

        impl TagNumber for $integer {
            fn to_i128(self) -> i128 {
                self.into()
            }

            fn from_i128(number: i128) -> Option<Self> {
                number.try_into().ok()
            }
        }

        impl TagNumber for $non_zero {
            fn to_i128(self) -> i128 {
                self.get().into()
            }

            fn from_i128(number: i128) -> Option<Self> {
                Self::new(number.try_into().ok()?)
            }
        }
    )*};
}

tag_numbers! {
    i16, NonZeroI16;
    i32, NonZeroI32;
    i64, NonZeroI64;
    u16, NonZeroU16;
    u32, NonZeroU32;
    u64, NonZeroU64;
}
