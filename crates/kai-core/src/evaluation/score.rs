//! Counts of right and wrong answers, and the three figures that follow from them.

use serde::Serialize;

use super::run::Verdict;

/// How questions that can be answered were answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// How many were asked.
    pub asked: usize,
    /// How many were answered, rightly or not, rather than asked back or failed.
    pub answered: usize,
    /// How many were answered rightly, with or without further columns.
    pub right: usize,
    /// How many of the right answers have columns that were not asked for.
    pub extra_columns: usize,
    /// How many runs failed.
    pub failed: usize,
}

impl Score {
    /// Counts the verdict on a question that can be answered.
    pub fn count(&mut self, verdict: &Verdict) {
        self.asked += 1;
        match verdict {
            Verdict::Right { extra_columns } => {
                self.right += 1;
                self.extra_columns += usize::from(*extra_columns > 0);
                self.answered += 1;
            }
            Verdict::Wrong { .. } => self.answered += 1,
            Verdict::Failed { .. } => self.failed += 1,
            Verdict::AskedBack | Verdict::Declined | Verdict::Answered => {}
        }
    }

    /// Execution accuracy: the percentage of questions that were answered rightly.
    pub fn accuracy(&self) -> Option<f64> {
        percentage(self.right, self.asked)
    }

    /// Coverage: the percentage of questions that were answered rather than asked back.
    pub fn coverage(&self) -> Option<f64> {
        percentage(self.answered, self.asked)
    }

    /// Precision: the percentage of answers that were right.
    pub fn precision(&self) -> Option<f64> {
        percentage(self.right, self.answered)
    }
}

/// How questions that the database cannot answer were met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Declines {
    /// How many were asked.
    pub asked: usize,
    /// How many were met without a query.
    pub declined: usize,
}

impl Declines {
    /// Counts the verdict on a question that cannot be answered. A run that failed has declined
    /// nothing.
    pub fn count(&mut self, verdict: &Verdict) {
        self.asked += 1;
        self.declined += usize::from(*verdict == Verdict::Declined);
    }

    /// The percentage that was declined.
    pub fn rate(&self) -> Option<f64> {
        percentage(self.declined, self.asked)
    }
}

/// The percentage that a part is of a whole; none of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of questions are far below 2^52"
)]
pub(super) fn percentage(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::super::Difference;
    use super::*;

    #[test]
    fn accuracy_counts_all_precision_only_what_was_answered() {
        let mut score = Score::default();
        assert_eq!(score.accuracy(), None);
        for verdict in [
            Verdict::Right { extra_columns: 0 },
            Verdict::Right { extra_columns: 2 },
            Verdict::Wrong {
                difference: Difference::Values,
            },
            Verdict::AskedBack,
            Verdict::Failed {
                error: "away".to_owned(),
            },
        ] {
            score.count(&verdict);
        }
        assert_eq!(
            score,
            Score {
                asked: 5,
                answered: 3,
                right: 2,
                extra_columns: 1,
                failed: 1
            }
        );
        assert_eq!(score.accuracy(), Some(40.0));
        assert_eq!(score.coverage(), Some(60.0));
        assert!((score.precision().unwrap() - 66.666).abs() < 0.001);
    }

    #[test]
    fn only_what_ran_no_query_was_declined() {
        let mut declines = Declines::default();
        for verdict in [Verdict::Declined, Verdict::Answered] {
            declines.count(&verdict);
        }
        assert_eq!(
            declines,
            Declines {
                asked: 2,
                declined: 1
            }
        );
        assert_eq!(declines.rate(), Some(50.0));
    }
}
