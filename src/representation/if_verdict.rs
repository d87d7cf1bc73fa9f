use super::{Found, Representation};
use crate::{
    error::BoxError,
    validator::Validators,
    webdav::{IfField, IfList, ResourceState, SubmittedTokens},
};

/// What came of WebDAV's `If`.
#[derive(Debug)]
pub(crate) enum IfVerdict {
    /// The field is true. It may name a state, which meets a requirement.
    True { names_state: bool, submitted: SubmittedTokens },
    /// No list holds. For each list the condition on which it fails.
    False { failed: Vec<String> },
    /// A look-up failed.
    Unknown(BoxError),
}

impl IfVerdict {
    /// The most lists, and bytes of each, that a rejection repeats.
    const LISTS: usize = 16;
    const BYTES: usize = 256;

    pub(crate) fn of<'a, 's>(
        field: &IfField<'a>,
        state_of: impl FnMut(&IfList<'a>) -> Option<&'s ResourceState>,
        submitted: SubmittedTokens,
    ) -> Self {
        let mut names_state = None;
        let mut failed = Vec::new();
        field.evaluate_each(state_of, |result| match result {
            Ok(names) => names_state = Some(names || names_state == Some(true)),
            Err(condition) if names_state.is_none() && failed.len() < Self::LISTS => {
                failed.push(condition);
            }
            Err(_) => {}
        });
        match names_state {
            Some(names_state) => Self::True { names_state, submitted },
            None => {
                let failed = failed.iter().map(|condition| cut(condition.to_string(), Self::BYTES));
                Self::False { failed: failed.collect() }
            }
        }
    }
}

fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    text
}

impl Representation {
    /// Adds the verdict on `If`.
    pub(crate) fn judged(self, verdict: IfVerdict) -> Self {
        Self::of(Found::Judged(Box::new((self, verdict))))
    }

    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.found(), Found::Refused(_))
    }

    /// Returns the validators, or that nothing exists, if the source told the state.
    pub(crate) fn told_state(&self) -> Option<Option<&Validators>> {
        match self.found() {
            Found::Current(current) => Some(Some(&current.validators)),
            Found::Malformed(malformed) => Some(Some(&malformed.0.validators)),
            Found::Absent(_) => Some(None),
            Found::Made(made) => Some(made.0.current.as_ref().map(|current| &current.validators)),
            _ => None,
        }
    }
}
