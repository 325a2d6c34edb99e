//! `windlass check`: what it finds, what it leaves alone, and that it runs nothing.

mod calls;
mod commands;
mod dead;
mod files;
mod frame;
mod gallery;
mod language;
mod mutated;
mod names;
mod programs;
mod silent;
