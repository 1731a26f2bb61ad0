//! The index of known values by itself, for measuring what very many of them cost.

use super::schema::ValueIndex;
use super::text::fold;

/// Values of one column, in the index in which the model looks for the words of a question.
#[derive(Debug)]
pub struct IndexedValues(ValueIndex);

impl IndexedValues {
    /// Reads the values.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        Self(ValueIndex::of_one_column(values))
    }

    /// How many bytes they take, with all that they are found by.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// The first value that has the word.
    pub fn find(&self, word: &str) -> Option<&str> {
        let first = self.0.with(&fold(word)).first()?;
        self.0.value(*first).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_a_word_of_it() {
        let values = IndexedValues::new(["Jalan Melati", "Jalan Kenanga"].into_iter());
        assert_eq!(values.find("kenanga"), Some("Jalan Kenanga"));
        assert_eq!(values.find("Mawar"), None);
        assert!(values.bytes() > 0);
    }
}
