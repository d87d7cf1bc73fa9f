fn main() {
    let _ =
        tower_precondition::validators_from_fn(|| async { tower_precondition::EntityTag::from_version(1) });
}
