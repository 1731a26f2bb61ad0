//! What the worker prints when it starts: the original's lines.

use std::fmt;

use kai_core::config::Secret;

/// The configuration that is printed at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner<'a> {
    /// The address of the Temporal server.
    pub temporal_host: &'a str,
    /// The task queue.
    pub task_queue: &'a str,
    /// The organisation that the worker works for, if it registers for one.
    pub tenant: Option<Tenant<'a>>,
}

/// The organisation that a worker works for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant<'a> {
    /// Its id.
    pub org_id: &'a str,
    /// Its key for the control plane.
    pub api_key: &'a Secret,
    /// The name of the worker.
    pub worker_identity: &'a str,
}

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "KAI Worker Configuration:")?;
        writeln!(f, "  Temporal Host: {}", self.temporal_host)?;
        writeln!(f, "  Task Queue: {}", self.task_queue)?;
        let Some(tenant) = &self.tenant else {
            return writeln!(f, "  Multi-tenant: False");
        };
        writeln!(f, "  Multi-tenant: True")?;
        writeln!(f, "  Org ID: {}", tenant.org_id)?;
        writeln!(f, "  API Key: {}", tenant.api_key)?;
        writeln!(f, "  Worker Identity: {}", tenant.worker_identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_is_the_originals() {
        let banner = Banner {
            temporal_host: "localhost:7233",
            task_queue: "kai-agent-queue",
            tenant: None,
        };
        assert_eq!(
            banner.to_string(),
            "KAI Worker Configuration:\n  Temporal Host: localhost:7233\n  Task Queue: \
             kai-agent-queue\n  Multi-tenant: False\n"
        );
    }

    #[test]
    fn a_tenant_is_shown_without_its_key() {
        let banner = Banner {
            temporal_host: "localhost:7233",
            task_queue: "kai-acme-queue",
            tenant: Some(Tenant {
                org_id: "acme",
                api_key: &Secret::from("org-secret".to_owned()),
                worker_identity: "kai-worker-host-12345678",
            }),
        };
        assert_eq!(
            banner.to_string(),
            "KAI Worker Configuration:\n  Temporal Host: localhost:7233\n  Task Queue: \
             kai-acme-queue\n  Multi-tenant: True\n  Org ID: acme\n  API Key: org-******\n  Worker \
             Identity: kai-worker-host-12345678\n"
        );
    }
}
