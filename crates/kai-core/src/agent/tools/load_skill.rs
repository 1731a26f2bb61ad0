//! The tool `load_skill`: how a kind of question is worked on, as operators have written it down.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{SoFar, Tool, ToolContext, ToolOutput, read_arguments};
use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::knowledge::Skill;
use crate::model::ToolSpec;

/// Lists skills, or loads one.
pub struct LoadSkill;

/// How many characters of a skill are told.
const LONGEST_SKILL: usize = 12_000;

#[derive(Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    name: Option<String>,
}

#[async_trait]
impl Tool for LoadSkill {
    fn name(&self) -> &'static str {
        "load_skill"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name(),
            description: "Loads a skill: how a kind of question is worked on here. Without a name it \
                          lists the skills.",
            parameters: json!({
                "type": "object",
                "properties": {"name": {"type": "string", "description": "The name or id of a skill"}},
                "additionalProperties": false,
            }),
        }
    }

    async fn run(
        &self,
        context: &ToolContext,
        _so_far: SoFar<'_>,
        arguments: &Value,
    ) -> Result<ToolOutput, DatabaseError> {
        let arguments = if arguments.is_object() {
            match read_arguments(self.name(), r#"{} or {"name": "…"}"#, arguments) {
                Ok(arguments) => arguments,
                Err(error) => return Ok(ToolOutput::failure(&error)),
            }
        } else {
            Arguments::default()
        };
        let skills = &context.briefing.knowledge().skills;
        let active = || skills.iter().filter(|skill| skill.is_active);
        let listed = || -> Vec<Value> {
            let summary = |skill: &Skill| json!({"id": skill.id, "name": skill.name, "description": skill.description});
            active().map(summary).collect()
        };
        let Some(name) = arguments.name else {
            return Ok(ToolOutput::of(json!({"skills": listed()})));
        };
        let wanted = name.to_lowercase();
        let found = active()
            .find(|skill| skill.name.to_lowercase() == wanted || skill.id.to_lowercase() == wanted);
        let Some(skill) = found else {
            let mut output = ToolOutput::failure(&format!("there is no skill {name}"));
            if let Value::Object(fields) = &mut output.content {
                fields.insert("skills".to_owned(), listed().into());
            }
            return Ok(output);
        };
        let how: String = skill.content.chars().take(LONGEST_SKILL).collect();
        let mut content = json!({"name": skill.name, "how": how});
        let left_out = skill.content.chars().count().saturating_sub(LONGEST_SKILL);
        if let (Value::Object(fields), true) = (&mut content, left_out > 0) {
            fields.insert("characters_left_out".to_owned(), left_out.into());
        }
        Ok(ToolOutput {
            events: vec![AgentEvent::SkillLoaded {
                message: format!("Skills: {}", skill.name),
                skills: vec![json!({"name": skill.name, "description": skill.description})],
            }],
            ..ToolOutput::of(content)
        })
    }
}
