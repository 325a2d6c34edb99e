//! Services of systemd: the rules of managers, lingering and units.
//!
//! Owns what is asked of a host, as scripts for its `sh`, and what its answers mean. Pure: it runs nothing, and knows
//! neither Rhai nor a transport.

pub mod bus;
pub mod cksum;
pub mod health;
pub mod install_script;
pub mod linger;
pub mod linger_script;
pub mod manager;
pub mod mode;
pub mod process_list;
pub mod properties;
pub mod refusal;
pub mod signal_script;
pub mod unit_name;
pub mod unit_report;
pub mod unit_script;
pub mod unit_text;
pub mod unit_value;
pub mod user_name;
pub mod version;
