//! The generator's source of randomness: the same numbers everywhere, for ever.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A seeded stream of numbers.
///
/// Only the stream of `ChaCha8` itself is used: the distributions of `rand` may change their
/// output with a release, and then every figure that people know from the documentation.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number from 0 up to, but without, `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let scaled = (u64::from(self.0.next_u32()) * u64::from(bound)) >> 32;
        // A 32-bit number times `bound`, shifted by 32, is below `bound`.
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number from `low` up to and with `high`.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True `percent` times out of a hundred.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of the items, or `fallback` if there is none.
    pub(crate) fn pick<'a>(&mut self, items: &[&'a str], fallback: &'a str) -> &'a str {
        let index = self.below(u32::try_from(items.len()).unwrap_or(u32::MAX));
        items.get(index as usize).copied().unwrap_or(fallback)
    }

    /// One of the items, each as likely as its weight says; `fallback` if there is none.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(u32, T)], fallback: T) -> T {
        let mut left = self.below(items.iter().map(|(weight, _)| weight).sum());
        for &(weight, item) in items {
            if left < weight {
                return item;
            }
            left -= weight;
        }
        fallback
    }
}
