//! Which steps the journal holds.

/// Steps up to which the journal holds every one.
const ALL_JOURNALLED: u64 = 20_000;

/// The journal holds the steps that are multiples of this: all of the first 20,000, every second one up to 40,000, every
/// fourth up to 80,000. So twice as many steps add as many lines again, and the file of a run of any length stays small.
/// A function of the step alone, so that a run that was interrupted has the journal of one that was not.
pub fn journal_stride(step: u64) -> u64 {
    step.div_ceil(ALL_JOURNALLED).max(1).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_as_many_steps_add_as_many_lines_again() {
        let strides = [0, 1, 20_000, 20_001, 40_000, 40_001, 80_000, 80_001, u64::MAX].map(journal_stride);
        assert_eq!(strides, [1, 1, 1, 2, 2, 4, 4, 8, 1 << 50]);
        let lines = |steps: u64| (1..=steps).filter(|step| step.is_multiple_of(journal_stride(*step))).count();
        assert_eq!([20_000, 40_000, 80_000, 160_000].map(lines), [20_000, 30_000, 40_000, 50_000]);
    }
}
