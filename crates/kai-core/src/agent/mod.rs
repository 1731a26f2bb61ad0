//! The agent: model turn, tool calls, observations, until there is an answer.
