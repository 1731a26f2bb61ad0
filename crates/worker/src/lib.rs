//! The parts of `kai-worker`: the workflow and its activities, health, and the commands.

pub mod activities;
pub mod banner;
pub mod cli;
pub mod commands;
pub mod health;
pub mod settings;
pub mod workflow;
