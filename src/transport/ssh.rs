//! Commands over a control master.
