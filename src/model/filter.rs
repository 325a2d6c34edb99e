//! Which servers a run is limited to.
