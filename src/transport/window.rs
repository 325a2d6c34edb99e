//! How many newcomers a host is trusted with at once: the rule, without any waiting.
//!
//! It begins below what every sshd takes, grows by one for each full round that went well, and is halved by a drop. What
//! a host has dropped once is never tried again in this run.

/// Newcomers at the start.
const FIRST: usize = 8;

/// Most of them on a host that has shown nothing yet: sshd drops at random from the tenth on (`MaxStartups 10:30:100`).
const SAFE: usize = 9;

/// Most of them on any host.
const MOST: usize = 32;

/// Starts without a drop after which a host is taken to allow more than the usual.
const PROOF: usize = 40;

/// How many may begin at once, and what led to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    size: usize,
    /// Starts that went well since the size was last changed.
    round: usize,
    /// Starts that went well, ever.
    clean: usize,
    /// As many as this were too many.
    too_many: Option<usize>,
    /// How often it was halved.
    age: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { size: FIRST, round: 0, clean: 0, too_many: None, age: 0 }
    }
}

impl Window {
    /// How many may begin at once.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What a newcomer keeps, to say later with [`Window::dropped`].
    pub(crate) fn age(&self) -> usize {
        self.age
    }

    /// One has begun well.
    pub(crate) fn began(&mut self) {
        self.clean += 1;
        self.round += 1;
        if self.round >= self.size && self.size < self.ceiling() {
            self.size += 1;
            self.round = 0;
        }
    }

    /// One that entered at this age was dropped. Several drops of one crowd tell no more than the first of them.
    pub(crate) fn dropped(&mut self, age: usize) {
        if age == self.age {
            self.too_many = Some(self.too_many.map_or(self.size, |known| known.min(self.size)));
            self.size = (self.size / 2).max(1);
            self.round = 0;
            self.age += 1;
        }
    }

    fn ceiling(&self) -> usize {
        match self.too_many {
            Some(count) => (count - 1).max(1),
            None if self.clean >= PROOF => MOST,
            None => SAFE,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(starts: usize) -> Window {
        let mut window = Window::default();
        (0..starts).for_each(|_| window.began());
        window
    }

    #[test]
    fn a_host_that_has_shown_nothing_gets_no_more_than_sshd_takes() {
        assert_eq!([0, 7, 8, 39].map(|starts| after(starts).size()), [8, 8, 9, 9]);
    }

    #[test]
    fn a_host_that_takes_many_gets_more_one_by_one() {
        assert_eq!([40, 49, 50, 61, 2000].map(|starts| after(starts).size()), [10, 10, 11, 12, 32]);
    }

    #[test]
    fn a_drop_halves_and_what_was_too_many_is_never_tried_again() {
        let mut window = after(0);
        window.dropped(window.age());
        assert_eq!(window.size(), 4);
        (0..1000).for_each(|_| window.began());
        assert_eq!(window.size(), 7);
        window.dropped(window.age());
        (0..1000).for_each(|_| window.began());
        assert_eq!(window.size(), 6);
    }

    #[test]
    fn the_drops_of_one_crowd_count_once() {
        let mut window = after(0);
        let age = window.age();
        (0..5).for_each(|_| window.dropped(age));
        assert_eq!(window.size(), 4);
    }

    proptest! {
        #[test]
        fn there_is_always_a_place_and_never_too_many(drops in prop::collection::vec(prop::bool::weighted(0.1), 0..400)) {
            let mut window = Window::default();
            for dropped in drops {
                let before = window.size();
                if dropped { window.dropped(window.age()) } else { window.began() }
                prop_assert!(window.size() >= 1 && window.size() <= (before + 1).min(MOST));
            }
        }
    }
}
