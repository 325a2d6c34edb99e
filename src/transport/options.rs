//! ssh options under Capistrano names.
