/// An error of any type, as in tower.
///
/// ```
/// let error: tower_precondition::BoxError = "the store is away".into();
/// assert_eq!(error.to_string(), "the store is away");
/// ```
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
