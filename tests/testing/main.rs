//! The kit of the feature `testing`: it passes for a right service, and finds each wrong one.

mod exchanges;
mod verdicts;
