//! How Temporal is: the server, the namespace, the task queue and who polls it.

use kai_temporal::{Pollers, Server, TemporalError, pollers};

use super::part::Part;
use crate::cli::Cli;

/// How many pollers are named.
const NAMED: usize = 3;

pub(super) async fn parts(cli: &Cli) -> Vec<Part> {
    match reach(cli).await {
        Ok((server, pollers)) => vec![
            Part::ok("temporal", &server.address),
            Part::ok("namespace", &server.namespace),
            match pollers {
                Ok(pollers) => task_queue(&server.task_queue, &pollers),
                Err(error) => Part::failed("task queue", error),
            },
        ],
        // The server has answered: it does not know the namespace.
        Err(error @ TemporalError::Namespace { .. }) => vec![
            Part::ok("temporal", "it answers"),
            Part::failed("namespace", error),
            Part::unknown("task queue", "the namespace"),
        ],
        Err(error) => vec![
            Part::failed("temporal", error),
            Part::unknown("namespace", "Temporal"),
            Part::unknown("task queue", "Temporal"),
        ],
    }
}

async fn reach(cli: &Cli) -> Result<(Server, Result<Pollers, TemporalError>), TemporalError> {
    let server = cli.temporal.server()?;
    let client = server.connect("kai-worker status").await?;
    let pollers = pollers(&client, &server).await;
    Ok((server, pollers))
}

/// A queue that nobody polls is no fault of a machine where the worker is not started yet.
fn task_queue(queue: &str, pollers: &Pollers) -> Part {
    let Pollers {
        workflows,
        activities,
    } = pollers;
    if workflows.is_empty() || activities.is_empty() {
        return Part::warning(
            "task queue",
            format_args!("{queue}, polled by no worker; start `kai-worker`"),
        );
    }
    let all: Vec<&str> = workflows.union(activities).map(String::as_str).collect();
    let named = all
        .iter()
        .take(NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Part::ok(
        "task queue",
        format_args!("{queue}, polled by {named}{more}"),
    )
}

#[cfg(test)]
mod tests {
    use kai_core::terminal::Paint;

    use super::*;

    #[test]
    fn a_queue_needs_pollers_of_both_kinds() {
        let some: Pollers = Pollers {
            workflows: ["w-1".to_owned()].into(),
            activities: ["w-1".to_owned(), "w-2".to_owned()].into(),
        };
        let line = task_queue("q", &some).line(Paint::PLAIN);
        assert_eq!(line, "[ok] task queue: q, polled by w-1, w-2");
        let half = Pollers {
            workflows: some.workflows.clone(),
            ..Pollers::default()
        };
        let line = task_queue("q", &half).line(Paint::PLAIN);
        assert_eq!(
            line,
            "[!!] task queue: q, polled by no worker; start `kai-worker`"
        );
        let many = Pollers {
            workflows: (0..9).map(|number| format!("w-{number}")).collect(),
            activities: some.activities,
        };
        assert!(
            task_queue("q", &many)
                .line(Paint::PLAIN)
                .ends_with(" and 6 more")
        );
    }
}
