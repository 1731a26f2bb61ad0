//! The plan of the offline model: what it understood of a question, and the query it would run.

use super::answer::Wording;
use super::decline::{decline, understood};
use super::language;
use super::probe::searches;
use super::schema::Schema;
use super::suggest::suggestions;
use super::understand::{Obstacle, Reading, Understanding, understand};
use crate::language::Language;
use crate::model::PlanRequest;

/// The steps in which the question would be answered, in its language.
pub(super) fn plan(request: PlanRequest<'_>, default_language: Language) -> Vec<String> {
    let language = language::detect(request.question).unwrap_or(default_language);
    let schema = Schema::new(request.dialect, request.tables);
    let understanding = understand(request.question, &schema, language);
    let planner = Planner {
        schema: &schema,
        language,
    };
    match understanding.readings.first() {
        Some(reading) => planner.of_reading(reading, &understanding),
        None => planner.of_obstacle(&understanding),
    }
}

struct Planner<'a> {
    schema: &'a Schema,
    language: Language,
}

impl Planner<'_> {
    fn say(&self, english: &str, indonesian: &str, what: &str) -> String {
        let words = match self.language {
            Language::English => english,
            Language::Indonesian => indonesian,
        };
        format!("{words}: {what}")
    }

    fn of_reading(&self, reading: &Reading, understanding: &Understanding) -> Vec<String> {
        let select = &reading.plan.select;
        let wording = Wording {
            schema: self.schema,
            language: self.language,
        };
        let mut steps = Vec::new();
        let links = understood(&understanding.pieces, self.schema);
        if !links.is_empty() {
            steps.push(self.say("Understood", "Yang dipahami", &links.join(", ")));
        }
        let mut tables = Vec::new();
        select.add_tables(self.schema, &mut tables);
        let tables: Vec<&str> = tables
            .iter()
            .map(|table| self.schema.table(*table).name.as_str())
            .collect();
        steps.push(self.say("Read the tables", "Baca tabel", &tables.join(", ")));
        let headings: Vec<&str> = select
            .outputs
            .iter()
            .map(|output| output.heading.as_str())
            .collect();
        steps.push(self.say("Work out", "Cari", &headings.join(", ")));
        let conditions = wording.condition_list(&reading.intent);
        if !conditions.is_empty() {
            steps.push(self.say("Only where", "Hanya dengan", &conditions.join("; ")));
        }
        steps.push(self.say("Run the query", "Jalankan kueri", &reading.sql));
        steps
    }

    fn of_obstacle(&self, understanding: &Understanding) -> Vec<String> {
        let searches = searches(&understanding.pieces, self.schema);
        if !searches.is_empty() && matches!(understanding.obstacle, Some(Obstacle::Words(_))) {
            let names: Vec<String> = searches.into_iter().map(|search| search.name).collect();
            let names = names.join(", ");
            return vec![
                self.say(
                    "Look for this name in the database",
                    "Cari nama ini di basis data",
                    &names,
                ),
                self.say(
                    "Then answer with what was found, or ask back",
                    "Lalu jawab dari yang ditemukan, atau bertanya kembali",
                    &names,
                ),
            ];
        }
        let examples = suggestions(self.schema, None, self.language);
        let example = examples.first().map(String::as_str);
        let answer = decline(understanding, &[], self.schema, self.language, example);
        vec![self.say(
            "Ask back, without a query",
            "Bertanya kembali, tanpa kueri",
            &answer.replace("\n\n", " "),
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Dialect;
    use crate::offline::fixtures::tables;

    fn planned(question: &str) -> String {
        let request = PlanRequest {
            question,
            dialect: Dialect::Sqlite,
            tables: &tables(),
        };
        plan(request, Language::Indonesian).join("\n")
    }

    #[test]
    fn a_plan_names_tables_measure_conditions_and_query_in_the_language_of_the_question() {
        let english = planned("What is the average salary of staff with a salary above 5?");
        for part in [
            "Read the tables: staff",
            "Work out: average",
            "Only where: salary > 5",
            "Run the query: SELECT AVG(",
        ] {
            assert!(english.contains(part), "{part} in {english}");
        }
        let indonesian = planned("Berapa rata-rata gaji staf?");
        for part in [
            "Baca tabel: staff",
            "Cari: rata-rata",
            "Jalankan kueri: SELECT AVG(",
        ] {
            assert!(indonesian.contains(part), "{part} in {indonesian}");
        }
    }

    #[test]
    fn a_plan_for_what_is_not_understood_says_so() {
        let unknown = planned("Berapa banyak naga di Bogor?");
        assert!(unknown.contains("naga"), "{unknown}");
        let name = planned("What is the salary of Rina Marlina?");
        assert!(name.contains("Rina"), "{name}");
    }
}
