//! Prompts of ssh.
