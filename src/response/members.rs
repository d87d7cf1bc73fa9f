use std::fmt::Display;

use crate::representation::ExtensionValue;

/// Shows the members of a problem in one form.
pub(super) trait Members {
    /// Shows text of this crate, without quotes, backslashes and control characters.
    fn known(&mut self, name: &str, text: &str);

    /// Shows printable ASCII.
    fn printable(&mut self, name: &str, text: &[u8]);

    fn display(&mut self, name: &str, text: impl Display);

    /// Shows a number or a boolean, which needs neither quotes nor escapes.
    fn plain(&mut self, name: &str, value: impl Display);

    fn list(&mut self, name: &str, texts: impl Iterator<Item: Display>);

    /// Shows a member that the source added, whose name can be any text.
    fn added(&mut self, name: &str, value: &ExtensionValue);
}
