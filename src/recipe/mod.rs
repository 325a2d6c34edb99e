//! Recipes: the only place that knows Rhai.

pub mod batch;
pub mod callable;
pub mod closures;
pub mod connect;
pub mod diagnose;
pub mod dsl;
pub mod engine;
pub mod failure;
pub mod frame;
pub mod imports;
pub mod invoke;
pub mod later;
pub mod lint;
pub mod loader;
pub mod position;
pub mod progress;
pub mod project;
pub mod scripts;
pub mod selection;
pub mod session;
pub mod settings;
pub mod stdlib;
pub mod values;
pub mod words;
pub mod world;
