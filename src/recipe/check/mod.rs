//! `check`: what can be told of recipes without running anything.

pub mod project;
pub mod stage;
pub mod stages;
pub mod unanswered;
