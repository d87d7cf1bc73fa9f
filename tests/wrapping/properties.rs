//! What holds for every response.
