/// Returns whether the tests that repeat do so in full: with `PROOFS=full`, as in CI.
pub(crate) fn are_full() -> bool {
    std::env::var_os("PROOFS").is_some_and(|proofs| proofs == "full")
}
