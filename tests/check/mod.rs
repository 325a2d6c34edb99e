//! `windlass check`: what it finds, what it leaves alone, and that it runs nothing.

mod calls;
mod frame;
mod language;
mod names;
mod programs;
mod silent;
