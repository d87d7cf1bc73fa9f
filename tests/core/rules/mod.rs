//! The numbered rules of `tests/RULES.md` that the evaluation alone can show, one named test each.

mod case;
mod dates;
mod entity_tags;
mod if_match;
mod if_modified_since;
mod if_none_match;
mod if_range;
mod if_unmodified_since;
mod lists;
mod methods;
mod modification_dates;
mod order;
mod others_went_wrong;
